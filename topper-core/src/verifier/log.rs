//! What is logged of a delivery: outcome, label, key, and the id and name of a verified event.

use std::{net::IpAddr, time::Duration};

use crate::{
    Error, LOG_TARGET, Webhook,
    shown::{Short, WithCauses},
};

pub(super) fn verified(webhook: &Webhook, elapsed: Duration) {
    tracing::info!(
        target: LOG_TARGET,
        webhook = webhook.label(),
        event.name = %Short(webhook.name()),
        event.id = %Short(webhook.id()),
        key = webhook.key().id(),
        elapsed_us = u64::try_from(elapsed.as_micros()).unwrap_or(u64::MAX),
        outcome = "verified",
        "webhook verified",
    );
}

/// `peer` is the socket's other end; an address from a header is never logged.
pub(super) fn refused(label: &str, error: &Error, peer: Option<IpAddr>) {
    let reply = error.reply();
    tracing::warn!(
        target: LOG_TARGET,
        webhook = label,
        outcome = reply.code(),
        status = reply.status(),
        retried = reply.is_retried(),
        peer = peer.map(tracing::field::display),
        reason = %WithCauses(error),
        "webhook refused",
    );
}

pub(super) fn unlisted(label: &str, peer: Option<IpAddr>, client: Option<IpAddr>) {
    tracing::warn!(
        target: LOG_TARGET,
        webhook = label,
        peer = peer.map(tracing::field::display),
        client_known = client.is_some(),
        "webhook from a source that is not on the list; would be refused if sources were enforced",
    );
}
