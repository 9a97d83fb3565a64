//! Tests that the inspector has written for hostile deliveries: they compile, and pass.
//!
//! `tests/cli/inspector/copying.rs` compares them with what it writes now.

#![expect(clippy::unwrap_used, reason = "tests stop at what should not happen")]

use topper_core as topper;

include!("copied/deliveries.rs");
