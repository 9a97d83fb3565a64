//! What is logged of an event that an inbox accepted before.

use std::time::Duration;

use crate::{Webhook, text::OneLine};

/// An event that was accepted before is done. Its delivery has had its `outcome`, so this is another
/// field, here and below.
pub fn processed_later(webhook: &Webhook, outcome: &str, attempt: u32) {
    crate::__about!(info, webhook, inbox_outcome = outcome, attempt, "event processed");
}

/// The handler failed; the inbox tries again.
pub fn failed_later(webhook: &Webhook, attempt: u32, failure: &str, retry_in: Duration) {
    crate::__about!(
        error,
        webhook,
        inbox_outcome = "failed",
        attempt,
        ?retry_in,
        error = %OneLine(failure),
        "handler failed; the inbox tries the event again",
    );
}

/// The handler failed for too long.
pub fn dead(webhook: &Webhook, attempt: u32, failure: &str) {
    crate::__about!(
        error,
        webhook,
        inbox_outcome = "dead",
        attempt,
        error = %OneLine(failure),
        "handler failed for too long; the event is kept: `topper inbox retry` takes it up again",
    );
}

/// The event cannot be read by this version.
pub fn parked(webhook: &Webhook, attempt: u32, error: &str) {
    crate::__about!(
        error,
        webhook,
        inbox_outcome = "parked",
        attempt,
        error = %OneLine(error),
        "event cannot be read by this version; it is kept for a version that can read it",
    );
}
