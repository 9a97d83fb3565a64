//! Log lines about events in an inbox.

use std::time::Duration;

use crate::{Webhook, text::OneLine};

/// Logs that an accepted event is done. Its delivery already had an `outcome`, so these lines have
/// another field.
pub fn processed_later(webhook: &Webhook, outcome: &str, attempt: u32) {
    crate::__about!(info, webhook, inbox_outcome = outcome, attempt, "event processed");
}

/// Logs that the handler failed, and that the inbox retries.
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

/// Logs that the handler failed for too long.
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

/// Logs that this version cannot read the event.
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
