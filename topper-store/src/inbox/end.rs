//! How an attempt ends.

use std::time::Duration;

/// How an attempt ended. Errors are one line of at most 500 characters.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "a store must know them all")]
pub enum AttemptEnd {
    /// The event is done.
    Done,
    /// The handler failed. The event is due again after a time.
    Failed {
        /// Why.
        error: String,
        /// After how long it is due again.
        retry_in: Duration,
    },
    /// The handler did not run; this counts neither as an attempt nor as a try.
    GivenBack {
        /// After how long it is due again.
        retry_in: Duration,
    },
    /// The event cannot be read, or is not what was accepted.
    Parked {
        /// Why.
        error: String,
        /// The version that could not read it. `None` when its signature does not match any more.
        reader: Option<&'static str>,
    },
    /// It has failed for too long.
    Dead {
        /// Why it failed last.
        error: String,
    },
}
