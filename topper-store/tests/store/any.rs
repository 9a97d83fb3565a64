//! The store and the inbox that a URL names do what those that they are do.

use tempfile::TempDir;
use topper_conformance::{inbox, store};
use topper_store::{AnyInbox, AnyStore};

/// In a SQLite file.
struct Any(TempDir);

impl Any {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn url(&self) -> String {
        format!("sqlite://{}", self.0.path().join("topper.db").display())
    }
}

impl store::Backend for Any {
    type Store = AnyStore;

    async fn empty() -> Option<Self> {
        Some(Self::new())
    }

    async fn connect(&self) -> AnyStore {
        AnyStore::connect(&self.url()).await.unwrap()
    }
}

impl inbox::Backend for Any {
    type Store = AnyInbox;

    async fn empty() -> Option<Self> {
        Some(Self::new())
    }

    async fn connect(&self) -> AnyInbox {
        AnyInbox::connect(&self.url()).await.unwrap()
    }
}

topper_conformance::store_conformance!(Any);
topper_conformance::inbox_conformance!(Any);
