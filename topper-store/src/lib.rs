#![doc = include_str!("../README.md")]
//!
//! ## The items
//!
//! | to do | use |
//! |---|---|
//! | process each event before the answer | [`Once`], with a store: [`SqliteStore`], [`PostgresStore`], [`RedisStore`], or by URL [`AnyStore`] |
//! | store each event, and process it after the answer | [`Inbox`], with [`SqliteInbox`], [`PostgresInbox`] or by URL [`AnyInbox`] |
//! | work on an inbox | [`Worker`](inbox::Worker), [`RunningWorker`](inbox::RunningWorker); the rest is in [`inbox`] |
//! | test | [`MemoryStore`], [`MemoryInbox`] |
//! | see what goes wrong | [`StoreError`], [`Retrying`]; at start: [`Report`] |
//! | write your own store | [`Store`], with [`Claim`], [`Lease`] and [`EventKey`] |
//!
//! [`Event`]: topper_core::Event
//! [`Outcome`]: topper_core::Outcome
//! [`Reply`]: topper_core::Reply
//! [`Retry`]: topper_core::Retry
//! [`Webhook`]: topper_core::Webhook
#![cfg_attr(docsrs, feature(doc_cfg))]

mod any;
#[cfg(any(feature = "postgres", feature = "redis"))]
#[cfg_attr(
    not(all(feature = "postgres", feature = "redis", feature = "tls")),
    allow(dead_code, reason = "each database and TLS need a part of it")
)]
mod cause;
#[cfg_attr(
    not(any(feature = "postgres", feature = "redis")),
    allow(dead_code, reason = "each database needs a part of it")
)]
mod check;
mod claim;
mod clock;
mod error;
pub mod inbox;
mod lease;
mod memory;
/// The models of what threads share, which only `interleavings` compiles.
#[cfg(feature = "shuttle")]
#[path = "../../interleavings/store/model.rs"]
pub mod model;
mod once;
#[cfg(feature = "postgres")]
mod postgres;
#[cfg(any(feature = "sqlite", feature = "postgres", feature = "redis", feature = "shuttle"))]
mod queue;
mod random;
mod ready;
#[cfg(feature = "redis")]
mod redis;
mod renewal;
mod retrying;
#[cfg(test)]
mod simulation;
#[cfg(feature = "sqlite")]
mod sqlite;
#[cfg(any(feature = "sqlite", feature = "postgres", feature = "redis"))]
mod start;
mod store;
mod sync;
#[cfg(any(feature = "sqlite", feature = "postgres", feature = "redis"))]
mod term;
#[cfg_attr(
    not(all(feature = "sqlite", feature = "postgres", feature = "redis")),
    allow(dead_code, reason = "each database needs a part of it")
)]
mod url;

pub use any::AnyStore;
pub use check::{Level, Point, Report};
pub use claim::{Claim, Seen};
pub use error::{LeaseError, StoreError};
pub use inbox::{AnyInbox, Inbox, MemoryInbox};
pub use lease::{EventKey, Lease};
pub use memory::MemoryStore;
pub use once::Once;
#[cfg(feature = "postgres")]
pub use postgres::{PostgresInbox, PostgresStore};
#[cfg(feature = "redis")]
pub use redis::RedisStore;
pub use retrying::Retrying;
#[cfg(feature = "sqlite")]
pub use sqlite::{SqliteInbox, SqliteStore};
/// The version of sqlx whose pools and transactions the stores accept.
#[cfg(any(feature = "sqlite", feature = "postgres"))]
pub use sqlx;
pub use store::Store;
