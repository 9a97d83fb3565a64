//! The inbox in memory.

use topper_conformance::inbox::Backend;
use topper_store::MemoryInbox;

struct Memory(MemoryInbox);

impl Backend for Memory {
    type Store = MemoryInbox;

    async fn empty() -> Option<Self> {
        Some(Self(MemoryInbox::new()))
    }

    async fn connect(&self) -> MemoryInbox {
        self.0.clone()
    }
}

topper_conformance::inbox_conformance!(Memory);
