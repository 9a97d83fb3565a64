//! How an attempt ends.

use std::time::Duration;

/// How an attempt ended. An error is one line of at most 500 characters.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "a store must know them all")]
pub enum AttemptEnd {
    /// The event is done.
    Done,
    /// The handler failed. The event is due again later.
    Failed {
        /// Why.
        error: String,
        /// After how long it is due again.
        retry_in: Duration,
    },
    /// The handler did not run. This does not count as an attempt.
    GivenBack {
        /// After how long it is due again.
        retry_in: Duration,
    },
    /// The event cannot be read, or differs from what was accepted.
    Parked {
        /// Why.
        error: String,
        /// The version that could not read it. `None` when its signature does not match any more.
        reader: Option<&'static str>,
    },
    /// The handler has failed for too long.
    Dead {
        /// Why it failed the last time.
        error: String,
    },
}
