//! What is logged of a delivery: label, key, the event's id and name, and how it ended.
//!
//! A delivery has one line with the field `outcome`, the code of its answer.

use std::{fmt, net::IpAddr, time::Duration};

use crate::{
    Error, LOG_TARGET, Reply, Webhook,
    text::{OneLine, Short, WithCauses},
};

/// Logs at a level, with the fields that say which delivery it is about. For our crates that handle
/// deliveries, too.
#[doc(hidden)]
#[macro_export]
macro_rules! __about {
    ($level:ident, $webhook:expr, $($rest:tt)*) => {
        ::tracing::$level!(
            target: "topper",
            webhook = $webhook.label(),
            event.name = %$crate::internal::Short($webhook.name()),
            event.id = %$crate::internal::Short($webhook.id()),
            kid = $webhook
                .key()
                .kid()
                .map(|kid| ::tracing::field::display($crate::internal::Short(kid))),
            thumbprint = $webhook.key().thumbprint(),
            $($rest)*
        )
    };
}

/// What a handler logs is about one event.
pub(crate) fn span(webhook: &Webhook) -> tracing::Span {
    tracing::info_span!(
        target: LOG_TARGET,
        "handler",
        webhook = webhook.label(),
        event.name = %Short(webhook.name()),
        event.id = %Short(webhook.id()),
        kid = webhook.key().kid().map(|kid| tracing::field::display(Short(kid))),
        thumbprint = webhook.key().thumbprint(),
    )
}

pub(crate) fn verified(webhook: &Webhook) {
    crate::__about!(debug, webhook, elapsed_us = micros(webhook.elapsed()), "webhook verified");
}

/// The one line of a delivery that carries its outcome; at ERROR when something failed.
pub fn answered(webhook: &Webhook, reply: Reply, failure: Option<&str>) {
    let elapsed_us = micros(webhook.elapsed());
    let (outcome, retried) = (reply.code(), reply.is_retried());
    match failure {
        None => crate::__about!(info, webhook, elapsed_us, outcome, retried, "webhook answered"),
        Some(error) => crate::__about!(
            error,
            webhook,
            elapsed_us,
            outcome,
            retried,
            error = %OneLine(error),
            "webhook failed; Topper sends the event again",
        ),
    }
}

/// The line of work that ended after its delivery was answered.
pub fn ended_late(webhook: &Webhook, reply: Reply, failure: Option<&str>) {
    let elapsed_us = micros(webhook.elapsed());
    let late_outcome = reply.code();
    match failure {
        None => {
            crate::__about!(info, webhook, elapsed_us, late_outcome, "webhook handler ended late")
        }
        Some(error) => crate::__about!(
            error,
            webhook,
            elapsed_us,
            late_outcome,
            error = %OneLine(error),
            "webhook handler ended late",
        ),
    }
}

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
pub fn parked(webhook: &Webhook, error: &str) {
    crate::__about!(
        error,
        webhook,
        inbox_outcome = "parked",
        error = %OneLine(error),
        "event cannot be read by this version; it is kept for a version that can read it",
    );
}

/// `peer` is the socket's other end; an address from a header is never logged.
pub(crate) fn refused(label: &str, error: &Error, peer: Option<IpAddr>) {
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

/// A signature that does not match while a key is unproven; `unproven` displays those keys.
pub(crate) fn unproven(label: &str, unproven: &impl fmt::Display, peer: Option<IpAddr>) {
    let (error, reply) = (Error::KeyUnproven, Reply::KeyUnproven);
    tracing::error!(
        target: LOG_TARGET,
        webhook = label,
        outcome = reply.code(),
        status = reply.status(),
        retried = reply.is_retried(),
        peer = peer.map(tracing::field::display),
        unproven = %unproven,
        reason = %error,
        "webhook refused; compare the unproven keys with the one that Topper shows",
    );
}

impl Error {
    /// For adapters: the error when a route has no verifier. It is logged here, as there is no
    /// verifier that could; `hint` says what the program must do.
    pub fn not_configured(peer: Option<IpAddr>, hint: &str) -> Self {
        let reply = Reply::NotConfigured;
        tracing::error!(
            target: LOG_TARGET,
            outcome = reply.code(),
            status = reply.status(),
            retried = reply.is_retried(),
            peer = peer.map(tracing::field::display),
            "no verifier is configured for this route: {hint}",
        );
        Self::NotConfigured
    }
}

pub(crate) fn unlisted(label: &str, peer: Option<IpAddr>, client: Option<IpAddr>) {
    tracing::warn!(
        target: LOG_TARGET,
        webhook = label,
        peer = peer.map(tracing::field::display),
        client_known = client.is_some(),
        "webhook from a source that is not on the list; would be refused if sources were enforced",
    );
}

pub(crate) fn unknown_variable(name: &str, nearest: Option<&str>) {
    tracing::warn!(
        target: LOG_TARGET,
        variable = %Short(name),
        nearest,
        "unknown environment variable; it is ignored",
    );
}

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}
