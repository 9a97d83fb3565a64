//! What is logged of the work on an event, beside the line with its outcome.

use std::time::Duration;

use topper_core::{__about, Reply, Webhook, internal::WithCauses};

use crate::{Seen, StoreError};

/// The line with the outcome of a delivery whose handler takes too long.
pub(super) fn over_budget(webhook: &Webhook, budget: Duration) {
    let reply = Reply::Retry;
    __about!(
        warn,
        webhook,
        elapsed_us = u64::try_from(webhook.elapsed().as_micros()).unwrap_or(u64::MAX),
        outcome = reply.code(),
        retried = reply.is_retried(),
        ?budget,
        "webhook handler is over its budget; it goes on, and Topper sends the event again",
    );
}

pub(super) fn tries_again(webhook: &Webhook, error: &StoreError) {
    __about!(warn, webhook, error = %WithCauses(error), "store failed after the handler ran, trying again");
}

pub(super) fn not_marked(webhook: &Webhook, error: &StoreError) {
    __about!(error, webhook, error = %WithCauses(error), "handler is done, but the store did not take the mark; it may run again");
}

/// In addition to the line with the outcome.
pub(super) fn nearly_lost(webhook: &Webhook, Seen { attempts, since }: Seen) {
    __about!(
        error,
        webhook,
        attempts,
        since = ?Duration::from_secs(since.as_secs()),
        "event is about to be lost: Topper stops sending it soon, and the handler still fails"
    );
}
