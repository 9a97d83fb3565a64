//! Tests that the inspector has written for hostile deliveries: they compile, and pass.
//!
//! `tests/cli/inspector/copying.rs` compares them with what it writes now.

use topper_core as topper;

include!("copied/deliveries.rs");
