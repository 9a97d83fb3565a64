//! What is logged of a delivery: label, key, the event's id and name, and how it ended.
//!
//! A delivery has one line with the field `outcome`, the code of its answer, and is counted where that is
//! logged.

use std::{fmt, net::IpAddr, sync::Arc, time::Duration};

use tracing::field;

use crate::{
    Error, LOG_TARGET, PayloadError, Reply, Webhook, meter, protocol,
    source::Hint,
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
        kid = webhook.key().kid().map(|kid| field::display(Short(kid))),
        thumbprint = webhook.key().thumbprint(),
    )
}

pub(crate) fn verified(webhook: &Webhook) {
    crate::__about!(debug, webhook, elapsed_us = micros(webhook.elapsed()), "webhook verified");
}

/// How often an event was tried, this time included, and how long ago for the first time; where a store
/// counts that.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::exhaustive_structs, reason = "our own crates make it")]
pub struct Tries {
    /// How many attempts there were.
    pub attempt: u32,
    /// How long ago the first was.
    pub since: Duration,
}

impl Tries {
    /// Whether Topper gives the event up after this attempt, or soon.
    pub const fn are_nearly_over(self) -> bool {
        const NEARLY: u64 = protocol::RETRY_WINDOW.as_secs() - 30 * 60;
        self.attempt >= protocol::MAX_RETRIES || self.since.as_secs() >= NEARLY
    }
}

/// The one line of a delivery that carries its outcome; at ERROR when something failed.
pub fn answered(webhook: &Webhook, reply: Reply, failure: Option<&str>, tries: Option<Tries>) {
    let elapsed = webhook.elapsed();
    meter::delivered(Some(webhook.shared_label()), reply, elapsed);
    let (elapsed_us, attempt) = (micros(elapsed), tries.map(|tries| tries.attempt));
    let (outcome, status, retried) = (reply.code(), reply.status(), reply.is_retried());
    let error = failure.map(|failure| field::display(OneLine(failure)));
    match (failure, tries) {
        (_, Some(tries)) if retried && tries.are_nearly_over() => crate::__about!(
            error,
            webhook,
            outcome,
            status,
            retried,
            elapsed_us,
            attempt,
            since = ?whole_seconds(tries.since),
            error,
            "webhook failed; the event is about to be lost: Topper stops sending it soon",
        ),
        (Some(_), Some(_)) => crate::__about!(
            error,
            webhook,
            outcome,
            status,
            retried,
            elapsed_us,
            attempt,
            error,
            "webhook failed; Topper sends the event again",
        ),
        (Some(_), None) => crate::__about!(
            error,
            webhook,
            outcome,
            status,
            retried,
            elapsed_us,
            error,
            "webhook failed; Topper sends the event again, unless this was the last time",
        ),
        (None, _) => crate::__about!(
            info,
            webhook,
            outcome,
            status,
            retried,
            elapsed_us,
            attempt,
            "webhook answered",
        ),
    }
}

/// The line with the outcome of a delivery whose handler takes too long.
pub fn over_budget(webhook: &Webhook, budget: Duration, tries: Option<Tries>) {
    let (reply, elapsed) = (Reply::Retry, webhook.elapsed());
    meter::delivered(Some(webhook.shared_label()), reply, elapsed);
    let (elapsed_us, attempt) = (micros(elapsed), tries.map(|tries| tries.attempt));
    let (outcome, status, retried) = (reply.code(), reply.status(), reply.is_retried());
    match tries.filter(|tries| tries.are_nearly_over()) {
        None => crate::__about!(
            warn,
            webhook,
            outcome,
            status,
            retried,
            elapsed_us,
            attempt,
            ?budget,
            "webhook handler is over its budget; it goes on, and Topper sends the event again",
        ),
        Some(tries) => crate::__about!(
            error,
            webhook,
            outcome,
            status,
            retried,
            elapsed_us,
            attempt,
            since = ?whole_seconds(tries.since),
            ?budget,
            "webhook handler is over its budget; if it fails the event is lost: Topper stops sending it soon",
        ),
    }
}

/// The line of work that ended after its delivery was answered.
pub fn ended_late(webhook: &Webhook, reply: Reply, failure: Option<&str>, tries: Option<Tries>) {
    let (elapsed_us, attempt) = (micros(webhook.elapsed()), tries.map(|tries| tries.attempt));
    let late_outcome = reply.code();
    let error = failure.map(|failure| field::display(OneLine(failure)));
    match (failure, tries) {
        (_, Some(tries)) if reply.is_retried() && tries.are_nearly_over() => crate::__about!(
            error,
            webhook,
            late_outcome,
            elapsed_us,
            attempt,
            since = ?whole_seconds(tries.since),
            error,
            "webhook handler ended late; the event is about to be lost: Topper stops sending it soon",
        ),
        (None, _) => crate::__about!(
            info,
            webhook,
            late_outcome,
            elapsed_us,
            attempt,
            "webhook handler ended late",
        ),
        (Some(_), _) => crate::__about!(
            error,
            webhook,
            late_outcome,
            elapsed_us,
            attempt,
            error,
            "webhook handler failed late",
        ),
    }
}

/// An event whose name this version does not know. The handler gets it.
pub(crate) fn unknown_event(webhook: &Webhook) {
    crate::__about!(
        warn,
        webhook,
        "event has a name that this version does not know; the handler gets it as `Event::Unknown`",
    );
}

/// A known event with data that this version cannot read.
pub(crate) fn unreadable(webhook: &Webhook, error: &PayloadError) {
    crate::__about!(
        warn,
        webhook,
        field = error.field(),
        %error,
        "event cannot be read by this version; an update may be able to",
    );
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

/// Who sent a request. The client's address may be one that a trusted proxy names; it is an address in
/// any case, never text from a header.
#[derive(Clone, Copy)]
pub(crate) struct Sender<'a> {
    pub(crate) label: &'a Arc<str>,
    /// The socket's other end.
    pub(crate) peer: Option<IpAddr>,
    pub(crate) client: Option<IpAddr>,
}

/// `hint` is what to do about a source.
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

/// A signature that does not match while a key is unproven; `unproven` displays those keys.
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

/// An event that was stored does not verify. It is no delivery, so this has no outcome.
pub(crate) fn stored_refused(label: &str, error: &Error) {
    tracing::warn!(
        target: LOG_TARGET,
        webhook = label,
        reason = %WithCauses(error),
        "stored event does not verify",
    );
}

impl Error {
    /// For adapters: the error when a route has no verifier. It is logged here, as there is no
    /// verifier that could; `hint` says what the program must do.
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

/// `suppressed` is how many such lines were left out since the last one.
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

/// Nobody needs more of a time of hours.
const fn whole_seconds(time: Duration) -> Duration {
    Duration::from_secs(time.as_secs())
}
