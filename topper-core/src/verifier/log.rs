//! What is logged of a delivery: outcome, label, key, and the id and name of a verified event.

use std::{fmt, net::IpAddr, time::Duration};

use crate::{Error, LOG_TARGET, Webhook};

/// The most characters of an id or a name that are logged.
const MOST_CHARS: usize = 64;

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
        reason = %Reason(error),
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

/// An error with its causes.
struct Reason<'a>(&'a Error);

impl fmt::Display for Reason<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)?;
        let mut cause = std::error::Error::source(self.0);
        while let Some(error) = cause {
            write!(f, ": {error}")?;
            cause = error.source();
        }
        Ok(())
    }
}

/// The beginning of a text, with all that does not print escaped: it must neither end a line of the
/// log nor change the order in which one is read.
struct Short<'a>(&'a str);

impl fmt::Display for Short<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.chars().take(MOST_CHARS).try_for_each(|c| write!(f, "{}", c.escape_debug()))
    }
}
