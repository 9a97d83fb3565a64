//! The stores, on real files and real servers.

#![expect(clippy::unwrap_used, reason = "tests stop at what should not happen")]

#[cfg(feature = "memory")]
mod memory;
#[cfg(feature = "postgres")]
mod postgres;
#[cfg(feature = "postgres")]
mod server;
#[cfg(feature = "sqlite")]
mod sqlite;
