//! What is logged of the work on an event: outcome, label, and the event's id and name.

use std::time::Duration;

use topper_core::{
    Reply, Webhook,
    shown::{Short, WithCauses},
};

use crate::StoreError;

macro_rules! log {
    ($level:ident, $webhook:expr, $($rest:tt)*) => {
        tracing::$level!(
            target: "topper",
            webhook = $webhook.label(),
            event.name = %Short($webhook.name()),
            event.id = %Short($webhook.id()),
            $($rest)*
        )
    };
}

/// What a handler logs is about one event.
pub(super) fn span(webhook: &Webhook) -> tracing::Span {
    tracing::info_span!(
        target: "topper",
        "handler",
        webhook = webhook.label(),
        event.name = %Short(webhook.name()),
        event.id = %Short(webhook.id()),
        key = webhook.key().id(),
    )
}

pub(super) fn answered(webhook: &Webhook, reply: Reply) {
    let elapsed_us = u64::try_from(webhook.received_at().elapsed().as_micros()).unwrap_or(u64::MAX);
    log!(
        info,
        webhook,
        elapsed_us,
        outcome = reply.code(),
        retried = reply.is_retried(),
        "webhook answered",
    );
}

pub(super) fn store_failed(webhook: &Webhook, error: &StoreError) {
    log!(error, webhook, error = %WithCauses(error), "store failed before the handler ran, Topper will send the event again");
}

pub(super) fn over_budget(webhook: &Webhook, budget: Duration) {
    log!(
        warn,
        webhook,
        ?budget,
        "over budget; what runs goes on, and Topper will send the event again"
    );
}

pub(super) fn panicked(webhook: &Webhook) {
    log!(error, webhook, "webhook handler panicked, Topper will send the event again");
}

pub(super) fn tries_again(webhook: &Webhook, error: &StoreError) {
    log!(warn, webhook, error = %WithCauses(error), "store failed after the handler ran, trying again");
}

pub(super) fn not_renewed(webhook: &Webhook, error: &StoreError) {
    log!(warn, webhook, error = %WithCauses(error), "lease could not be renewed");
}

pub(super) fn runs_long(webhook: &Webhook, longest: Duration) {
    log!(
        error,
        webhook,
        ?longest,
        "handler still runs; its lease is no longer renewed, so it may run a second time"
    );
}

pub(super) fn lost(webhook: &Webhook) {
    log!(error, webhook, "lease is lost; the handler may run twice");
}

pub(super) fn not_marked(webhook: &Webhook, error: &StoreError) {
    log!(error, webhook, error = %WithCauses(error), "handler is done, but the store did not take the mark; it may run again");
}
