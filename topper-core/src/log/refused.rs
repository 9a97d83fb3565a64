//! Log lines about refused deliveries and their sources.

use std::{fmt, net::IpAddr, sync::Arc, time::Duration};

use tracing::field;

use super::micros;
use crate::{Error, LOG_TARGET, Reply, meter, source::Hint, text::WithCauses};

/// The sender of a request. The client's address may come from a trusted proxy. It is a parsed address,
/// never text from a header.
#[derive(Clone, Copy)]
pub(crate) struct Sender<'a> {
    pub(crate) label: &'a Arc<str>,
    /// The socket's other end.
    pub(crate) peer: Option<IpAddr>,
    pub(crate) client: Option<IpAddr>,
}

/// Logs a refused delivery. `hint` says what to do about its source.
pub(crate) fn refused(
    sender: Sender<'_>,
    error: &Error,
    elapsed: Duration,
    hint: Option<Hint<'_>>,
) {
    let Sender { label, peer, client } = sender;
    let reply = error.reply();
    meter::delivered(Some(label), reply, elapsed);
    tracing::warn!(
        target: LOG_TARGET,
        webhook = &**label,
        outcome = reply.code(),
        status = reply.status(),
        retried = reply.is_retried(),
        elapsed_us = micros(elapsed),
        peer = peer.map(field::display),
        client = client.map(field::display),
        reason = %WithCauses(error),
        hint = hint.map(field::display),
        "webhook refused",
    );
}

/// Logs a signature that does not match while a key is unproven. `unproven` displays those keys.
pub(crate) fn unproven(sender: Sender<'_>, unproven: &impl fmt::Display, elapsed: Duration) {
    let Sender { label, peer, client } = sender;
    let (error, reply) = (Error::KeyUnproven, Reply::KeyUnproven);
    meter::delivered(Some(label), reply, elapsed);
    tracing::error!(
        target: LOG_TARGET,
        webhook = &**label,
        outcome = reply.code(),
        status = reply.status(),
        retried = reply.is_retried(),
        elapsed_us = micros(elapsed),
        peer = peer.map(field::display),
        client = client.map(field::display),
        unproven = %unproven,
        reason = %error,
        "webhook refused; compare the unproven keys with the one that Topper shows",
    );
}

/// Logs that a stored event does not verify. It is not a delivery, so the line has no outcome.
pub(crate) fn stored_refused(label: &str, error: &Error) {
    tracing::warn!(
        target: LOG_TARGET,
        webhook = label,
        reason = %WithCauses(error),
        "stored event does not verify",
    );
}

impl Error {
    /// For adapters: logs and returns the error for a route without a verifier. `hint` says what the
    /// program must do.
    pub fn not_configured(peer: Option<IpAddr>, hint: &str) -> Self {
        let reply = Reply::NotConfigured;
        meter::delivered(None, reply, Duration::ZERO);
        tracing::error!(
            target: LOG_TARGET,
            outcome = reply.code(),
            status = reply.status(),
            retried = reply.is_retried(),
            peer = peer.map(field::display),
            "no verifier is configured for this route: {hint}",
        );
        Self::NotConfigured
    }
}

/// Logs a source that is not on the list. `suppressed` is how many such lines were left out since the
/// last one.
pub(crate) fn unlisted(sender: Sender<'_>, suppressed: u64, hint: &Hint<'_>) {
    let Sender { label, peer, client } = sender;
    tracing::warn!(
        target: LOG_TARGET,
        webhook = &**label,
        peer = peer.map(field::display),
        client = client.map(field::display),
        suppressed,
        %hint,
        "webhook from a source that is not on the list; would be refused if sources were enforced",
    );
}
