//! What is being retried, for an operator.

use std::{fmt, time::SystemTime};

use crate::EventKey;

/// An event that a handler failed on and that is not done. Times are by the store's clock.
///
/// Topper retries it for about three hours. If it is still listed after that, it is lost.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Retrying {
    /// The label of its webhook, and its id.
    pub key: EventKey,
    /// When it was first claimed.
    pub first_seen_at: SystemTime,
    /// The number of attempts.
    pub attempts: u32,
    /// When the last attempt failed.
    pub failed_at: SystemTime,
    /// Why it failed: one line of at most 500 characters.
    pub last_error: String,
}

/// Without the error's text.
impl fmt::Debug for Retrying {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Retrying")
            .field("key", &self.key)
            .field("first_seen_at", &self.first_seen_at)
            .field("attempts", &self.attempts)
            .field("failed_at", &self.failed_at)
            .finish_non_exhaustive()
    }
}
