//! What is logged of the work on an event, in addition to the line with its outcome.

use topper_core::{__about, Webhook, internal::InLine};

use crate::StoreError;

pub(super) fn tries_again(webhook: &Webhook, error: &StoreError) {
    __about!(warn, webhook, error = %InLine(error), "store failed after the handler ran, trying again");
}

pub(super) fn not_marked(webhook: &Webhook, error: &StoreError) {
    __about!(error, webhook, error = %InLine(error), "handler finished, but the store could not mark the event as done; the handler may run again");
}
