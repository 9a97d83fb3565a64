//! What holds for all inputs, tried with ten thousand of each kind.

#![expect(clippy::unwrap_used, reason = "tests stop at what should not happen")]

mod event;
mod input;
mod json;
mod order_view;
mod signature;
mod source;

use proptest::test_runner::Config;

/// Failures are shown with their input; nothing is written to the source tree.
fn config() -> Config {
    Config { cases: 10_000, failure_persistence: None, ..Config::default() }
}
