#![doc = include_str!("../README.md")]

#[cfg(any(feature = "memory", feature = "sqlite", feature = "postgres", feature = "redis"))]
mod any;
mod lease;
#[cfg(feature = "memory")]
mod memory;
mod once;
#[cfg(feature = "postgres")]
mod postgres;
#[cfg(feature = "redis")]
mod redis;
#[cfg(feature = "sqlite")]
mod sqlite;
mod store;
#[cfg(any(feature = "sqlite", feature = "postgres", feature = "redis"))]
mod term;

#[cfg(any(feature = "memory", feature = "sqlite", feature = "postgres", feature = "redis"))]
pub use any::AnyStore;
pub use lease::{EventKey, Lease};
#[cfg(feature = "memory")]
pub use memory::MemoryStore;
pub use once::Once;
#[cfg(feature = "postgres")]
pub use postgres::PostgresStore;
#[cfg(feature = "redis")]
pub use redis::RedisStore;
#[cfg(feature = "sqlite")]
pub use sqlite::SqliteStore;
pub use store::{Claim, LeaseError, Store, StoreError};
