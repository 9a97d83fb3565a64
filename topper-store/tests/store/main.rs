//! The stores, on real files and real servers.

#![expect(
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "tests stop at what should not happen, and say what they skip"
)]

mod cause;
mod check;
mod clock;
mod connection;
mod fault;
mod inbox;
mod kill;
mod ledger;
mod load;
mod log;
mod marking;
mod memory;
#[cfg(feature = "metrics")]
mod metrics;
mod migration;
mod postgres;
mod program;
mod ready;
mod redis;
mod retrying;
mod secret;
mod server;
mod sqlite;
#[cfg(feature = "tls")]
mod tls;
mod transaction;
mod turn;
