//! The inbox in a SQLite file.

use tempfile::TempDir;
use topper_conformance::inbox::Backend;
use topper_store::SqliteInbox;

struct Sqlite(TempDir);

impl Backend for Sqlite {
    type Store = SqliteInbox;

    async fn empty() -> Option<Self> {
        Some(Self(tempfile::tempdir().unwrap()))
    }

    async fn connect(&self) -> SqliteInbox {
        SqliteInbox::open(&self.url()).await.unwrap()
    }
}

impl Sqlite {
    fn url(&self) -> String {
        format!("sqlite://{}", self.0.path().join("topper.db").display())
    }
}

topper_conformance::inbox_conformance!(Sqlite);
