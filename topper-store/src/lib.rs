#![doc = include_str!("../README.md")]

#[cfg(any(feature = "memory", feature = "sqlite"))]
mod any;
mod lease;
#[cfg(feature = "memory")]
mod memory;
mod once;
#[cfg(feature = "sqlite")]
mod sqlite;
mod store;

#[cfg(any(feature = "memory", feature = "sqlite"))]
pub use any::AnyStore;
pub use lease::{EventKey, Lease};
#[cfg(feature = "memory")]
pub use memory::MemoryStore;
pub use once::Once;
#[cfg(feature = "sqlite")]
pub use sqlite::SqliteStore;
pub use store::{Claim, LeaseError, Store, StoreError};
