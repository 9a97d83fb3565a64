//! The log lines of a delivery: label, key, the event's id and name, and the result.
//!
//! A delivery has one line with the field `outcome`, the code of its reply. The delivery is counted
//! where that line is logged.

use std::time::Duration;

use tracing::field;

use crate::{
    LOG_TARGET, PayloadError, Reply, Webhook, meter, protocol,
    text::{OneLine, Short},
};

mod inbox;
mod refused;

pub use inbox::{dead, failed_later, parked, processed_later};
pub(crate) use refused::{Sender, refused, stored_refused, unlisted, unproven};

/// Logs at a level, with the fields that identify the delivery. Our other crates use it too.
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

/// The span of a handler: everything that it logs belongs to one event.
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

/// How often an event was tried, including this time, and how long ago for the first time, if a store
/// counts that.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::exhaustive_structs, reason = "our own crates make it")]
pub struct Tries {
    /// The number of attempts.
    pub attempt: u32,
    /// The time since the first attempt.
    pub since: Duration,
}

impl Tries {
    /// Whether Topper gives up after this attempt, or soon.
    pub const fn are_nearly_over(self) -> bool {
        const NEARLY: u64 = protocol::RETRY_WINDOW.as_secs() - 30 * 60;
        self.attempt >= protocol::MAX_RETRIES || self.since.as_secs() >= NEARLY
    }
}

/// Logs the one line of a delivery that has its outcome; at ERROR if something failed.
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

/// Logs that the runtime ended and dropped the work on a delivery, and returns the reply.
pub fn runtime_ended(webhook: &Webhook, tries: Option<Tries>) -> Reply {
    answered(webhook, Reply::Retry, Some("the runtime has ended"), tries);
    Reply::Retry
}

/// Logs the outcome of a delivery whose handler takes too long.
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

/// Logs the end of a handler that ended after its delivery was answered.
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

/// Logs that this version does not know the event's name. The handler gets the event.
pub(crate) fn unknown_event(webhook: &Webhook) {
    crate::__about!(
        warn,
        webhook,
        "event has a name that this version does not know; the handler gets it as `Event::Unknown`",
    );
}

/// Logs that this version cannot read the data of a known event.
pub(crate) fn unreadable(webhook: &Webhook, error: &PayloadError) {
    crate::__about!(
        warn,
        webhook,
        field = error.field(),
        %error,
        "event cannot be read by this version; an update may be able to",
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

/// For times of hours, seconds are precise enough.
const fn whole_seconds(time: Duration) -> Duration {
    Duration::from_secs(time.as_secs())
}
