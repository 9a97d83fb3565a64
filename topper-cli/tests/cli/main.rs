//! The binary, run as a person would, against real sockets.

#![cfg(unix)]
#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests stop at what should not happen"
)]
#![expect(clippy::print_stdout, reason = "a test that is skipped says so")]

mod doctor;
mod event;
mod examples;
mod https;
mod inbox;
mod inspector;
mod keygen;
mod listen;
mod program;
mod replay;
mod send;
mod shell;
mod store;
mod texts;
mod token;
mod unreachable;
mod vectors;
mod verify;

use program::Home;
