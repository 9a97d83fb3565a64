//! The stores, on real files and real servers.

#![expect(
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "tests stop at what should not happen, and say what they skip"
)]

#[cfg(any(feature = "postgres", feature = "redis"))]
mod clock;
#[cfg(feature = "memory")]
mod connection;
#[cfg(any(feature = "sqlite", feature = "postgres", feature = "redis"))]
mod fault;
#[cfg(any(feature = "sqlite", feature = "postgres", feature = "redis"))]
mod kill;
#[cfg(feature = "memory")]
mod memory;
#[cfg(any(feature = "sqlite", feature = "postgres"))]
mod migration;
#[cfg(feature = "postgres")]
mod postgres;
#[cfg(feature = "redis")]
mod redis;
#[cfg(any(feature = "postgres", feature = "redis"))]
mod server;
#[cfg(feature = "sqlite")]
mod sqlite;
#[cfg(any(feature = "sqlite", feature = "postgres"))]
mod transaction;
