//! The store in a SQLite file.

use tempfile::TempDir;
use topper_store::SqliteStore;
use topper_testkit::store_conformance::Backend;

struct Sqlite(TempDir);

impl Backend for Sqlite {
    type Store = SqliteStore;

    async fn empty() -> Option<Self> {
        Some(Self(tempfile::tempdir().unwrap()))
    }

    async fn connect(&self) -> SqliteStore {
        SqliteStore::open(&self.url()).await.unwrap()
    }
}

impl Sqlite {
    fn url(&self) -> String {
        format!("sqlite://{}", self.0.path().join("topper.db").display())
    }
}

topper_testkit::store_conformance!(Sqlite);
