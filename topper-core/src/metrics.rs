//! The metrics, for the recorder that your program installs with the
//! [`metrics`](https://docs.rs/metrics) facade.
//!
//! Without a recorder, nothing is recorded. Install it before you build a
//! [`Verifier`](crate::Verifier), which records every metric that alerts need as 0. Label values come
//! only from the configuration or from the lists here, so received data never adds a time series.
//!
//! # Examples
//!
//! ```
//! # extern crate topper_core as topper;
//! for metric in topper::metrics::ALL {
//!     println!("{} ({:?}): {}", metric.name, metric.kind, metric.help);
//! }
//! ```

use crate::{
    Outcome, Reply,
    meter::{ATTEMPTS, Operation},
};

/// The upper bounds of buckets for all histograms, in seconds: Topper waits 4 s for an answer.
pub const DURATION_BUCKETS: &[f64] = &[
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 3.5,
    4.0,
];

/// A metric.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Metric {
    /// Its name, such as `topper_deliveries_total`.
    pub name: &'static str,
    /// The kind of metric.
    pub kind: Kind,
    /// Its unit; `None` for a count.
    pub unit: Option<&'static str>,
    /// Its labels.
    pub labels: &'static [Label],
    /// A sentence that describes it.
    pub help: &'static str,
    /// The upper bounds of a histogram's buckets; empty for other kinds.
    pub buckets: &'static [f64],
}

/// The kinds of metrics.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kind {
    /// A number that only grows while the program runs.
    Counter,
    /// The current value of a number.
    Gauge,
    /// The distribution of measured values.
    Histogram,
}

/// A label of a metric.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Label {
    /// Its name.
    pub name: &'static str,
    /// The values it can have.
    pub values: Values,
}

/// The values of a label.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Values {
    /// One of these.
    OneOf(&'static [&'static str]),
    /// Other values, described in words.
    Words(&'static str),
}

pub(crate) const DELIVERIES: &str = "topper_deliveries_total";
pub(crate) const DELIVERY_DURATION: &str = "topper_delivery_duration_seconds";
pub(crate) const HANDLER_DURATION: &str = "topper_handler_duration_seconds";
pub(crate) const UNLISTED_SOURCES: &str = "topper_unlisted_sources_total";
pub(crate) const KEY_MATCHES: &str = "topper_key_matches_total";
pub(crate) const UNKNOWN_EVENTS: &str = "topper_unknown_events_total";
pub(crate) const UNREADABLE_EVENTS: &str = "topper_unreadable_events_total";
pub(crate) const STORE_ERRORS: &str = "topper_store_errors_total";
pub(crate) const STORE_DURATION: &str = "topper_store_duration_seconds";
pub(crate) const INBOX_PENDING: &str = "topper_inbox_pending";
pub(crate) const INBOX_OLDEST: &str = "topper_inbox_oldest_seconds";
pub(crate) const INBOX_DEAD: &str = "topper_inbox_dead";
pub(crate) const INBOX_PARKED: &str = "topper_inbox_parked";
pub(crate) const INBOX_ATTEMPTS: &str = "topper_inbox_attempts_total";

/// All metrics.
pub const ALL: &[Metric] = &[
    counter(DELIVERIES, &[WEBHOOK, REPLY], "Deliveries, by the code of their answer."),
    histogram(DELIVERY_DURATION, &[WEBHOOK], "The time from a request's head to its answer."),
    histogram(
        HANDLER_DURATION,
        &[WEBHOOK, HANDLED],
        "The time that a handler took, by how it ended, also after its delivery was answered.",
    ),
    counter(
        UNLISTED_SOURCES,
        &[WEBHOOK],
        "Deliveries from a client that is not on the list of sources, or is unknown.",
    ),
    counter(
        KEY_MATCHES,
        &[WEBHOOK, KEY],
        "Deliveries whose signature a key matched; a key without matches can be retired.",
    ),
    counter(
        UNKNOWN_EVENTS,
        &[WEBHOOK],
        "Verified deliveries of an event whose name this version does not know.",
    ),
    counter(
        UNREADABLE_EVENTS,
        &[WEBHOOK, FIELD],
        "Verified deliveries of an event that this version cannot read, by the invalid field.",
    ),
    counter(
        STORE_ERRORS,
        &[STORE_WEBHOOK, OPERATION],
        "Store operations that failed or took too long.",
    ),
    histogram(
        STORE_DURATION,
        &[STORE_WEBHOOK, OPERATION],
        "The duration of store operations, until the answer or the timeout.",
    ),
    gauge(INBOX_PENDING, None, "Events in the inbox that are waiting or being processed."),
    gauge(
        INBOX_OLDEST,
        Some("seconds"),
        "The age of the oldest event that is waiting or being processed; 0 if there is none.",
    ),
    gauge(INBOX_DEAD, None, "Events in the inbox that failed for too long. They are kept."),
    gauge(
        INBOX_PARKED,
        None,
        "Events in the inbox that this version could not read. They are kept.",
    ),
    counter(
        INBOX_ATTEMPTS,
        &[WEBHOOK, ATTEMPTED],
        "Attempts at events of the inbox, by how they ended.",
    ),
];

const WEBHOOK: Label = Label {
    name: "webhook",
    values: Values::Words("the label of the webhook; empty for `not_configured`"),
};
const STORE_WEBHOOK: Label = Label {
    name: "webhook",
    values: Values::Words(
        "the label of the webhook; empty when the operation concerns several webhooks",
    ),
};
const REPLY: Label = Label { name: "reply", values: Values::OneOf(REPLIES) };
const HANDLED: Label = Label { name: "outcome", values: Values::OneOf(HANDLER_ENDS) };
const KEY: Label = Label {
    name: "key",
    values: Values::Words(
        "the `kid` of a configured key, or its thumbprint if it has no `kid`, a `kid` of over 64 bytes, \
         or the same `kid` as another key",
    ),
};
const FIELD: Label = Label {
    name: "field",
    values: Values::Words(
        "a path of names that this version knows, such as `data.fees[].amount`; `id`, `name`, `data` or \
         `body` when the envelope cannot be read",
    ),
};
const OPERATION: Label = Label { name: "operation", values: Values::OneOf(OPERATIONS) };
const ATTEMPTED: Label = Label { name: "outcome", values: Values::OneOf(ATTEMPTS) };

/// The texts of all values of a type, and then more texts.
macro_rules! texts {
    ($type:ident, $text:ident $(, $more:expr)*) => {{
        const MORE: &[&str] = &[$($more),*];
        const ALL: [&str; $type::ALL.len() + MORE.len()] = {
            let (mut texts, mut index) = ([""; $type::ALL.len() + MORE.len()], 0);
            while index < texts.len() {
                texts[index] = if index < $type::ALL.len() {
                    $type::ALL[index].$text()
                } else {
                    MORE[index - $type::ALL.len()]
                };
                index += 1;
            }
            texts
        };
        &ALL
    }};
}

#[expect(clippy::indexing_slicing, reason = "the compiler runs it")]
const REPLIES: &[&str] = texts!(Reply, code);
#[expect(clippy::indexing_slicing, reason = "the compiler runs it")]
const OPERATIONS: &[&str] = texts!(Operation, as_str);
#[expect(clippy::indexing_slicing, reason = "the compiler runs it")]
const HANDLER_ENDS: &[&str] = texts!(Outcome, code, Reply::Retry.code(), Reply::Panicked.code());

const fn counter(name: &'static str, labels: &'static [Label], help: &'static str) -> Metric {
    Metric { name, kind: Kind::Counter, unit: None, labels, help, buckets: &[] }
}

const fn gauge(name: &'static str, unit: Option<&'static str>, help: &'static str) -> Metric {
    Metric { name, kind: Kind::Gauge, unit, labels: &[], help, buckets: &[] }
}

const fn histogram(name: &'static str, labels: &'static [Label], help: &'static str) -> Metric {
    let unit = Some("seconds");
    Metric { name, kind: Kind::Histogram, unit, labels, help, buckets: DURATION_BUCKETS }
}
