#![doc = include_str!("../README.md")]

mod activity;
mod admin;
mod body;
mod connection;
mod env;
mod error;
mod misplaced;
mod phase;
mod running;
mod serve;
mod server;
mod signal;
mod socket;

pub use body::RequestBody;
pub use error::ServeError;
pub use misplaced::{is_lost, is_signed, not_configured, other_slash};
pub use phase::{Phase, Phases};
pub use running::Running;
pub use serve::serve;
pub use server::Server;
#[doc(inline)]
pub use topper_core::Peer;

/// What all lines of the log are written under, as those of `topper-core`.
const LOG_TARGET: &str = "topper";
