//! The store in memory.

use topper_conformance::store::Backend;
use topper_store::MemoryStore;

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

topper_conformance::store_conformance!(Memory);
