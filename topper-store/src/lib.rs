#![doc = include_str!("../README.md")]

mod lease;
#[cfg(feature = "memory")]
mod memory;
mod once;
mod store;

pub use lease::{EventKey, Lease};
#[cfg(feature = "memory")]
pub use memory::MemoryStore;
pub use once::Once;
pub use store::{Claim, LeaseError, Store, StoreError};
