//! Programs and servers that tasks of this repository start, measure and end: `cargo xtask bench` and
//! `cargo xtask soak`. Linux only.

mod port;
mod postgres;
mod process;
mod redis;

pub use port::free_port;
pub use postgres::Postgres;
pub use process::{Process, ticks_per_second};
pub use redis::Redis;
