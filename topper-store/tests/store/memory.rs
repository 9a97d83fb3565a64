//! The store in memory.

use topper_store::MemoryStore;
use topper_testkit::store_conformance::Backend;

struct Memory(MemoryStore);

impl Backend for Memory {
    type Store = MemoryStore;

    async fn empty() -> Option<Self> {
        Some(Self(MemoryStore::new()))
    }

    async fn connect(&self) -> MemoryStore {
        self.0.clone()
    }
}

topper_testkit::store_conformance!(Memory);
