//! Recording with the feature `metrics`. Each call gets the current recorder, so that a recorder that
//! is installed late works too.

use std::{sync::Arc, time::Duration};

use ::metrics::{
    Unit, counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram,
};

use super::{ATTEMPTS, Operation};
use crate::{
    KeySet, PublicKey, Reply, Webhook,
    clock::Started,
    handler::Ended,
    metrics::{
        ALL, DELIVERIES, DELIVERY_DURATION, HANDLER_DURATION, INBOX_ATTEMPTS, INBOX_DEAD,
        INBOX_OLDEST, INBOX_PARKED, INBOX_PENDING, KEY_MATCHES, Kind, STORE_DURATION, STORE_ERRORS,
        UNKNOWN_EVENTS, UNLISTED_SOURCES, UNREADABLE_EVENTS,
    },
    text::Short,
};

/// Whether metrics are recorded.
pub const IS_ON: bool = true;
/// The maximum length of a `kid` that is used as a label, in bytes.
const MOST_KID: usize = 64;
/// The label if there is no webhook, or more than one.
const NO_WEBHOOK: &str = "";

/// The names of the keys of a set, in order.
pub(crate) struct KeyNames(Box<[Arc<str>]>);

impl KeyNames {
    pub(crate) fn of(set: &KeySet) -> Self {
        let name = |key: &PublicKey| match key.kid() {
            Some(kid) if kid.len() <= MOST_KID && is_only(kid, set) => {
                Short(kid).to_string().into()
            }
            _ => Arc::from(key.thumbprint()),
        };
        Self(set.iter().map(name).collect())
    }
}

fn is_only(kid: &str, set: &KeySet) -> bool {
    set.iter().filter(|key| key.kid() == Some(kid)).take(2).count() == 1
}

/// Records a new verifier. Counters start as 0 now, because an alert would not see an increase from
/// nothing.
pub(crate) fn starts(label: &Arc<str>, keys: &KeyNames) {
    describe();
    for &reply in Reply::ALL {
        let webhook = match reply {
            Reply::NotConfigured => Arc::from(NO_WEBHOOK),
            _ => Arc::clone(label),
        };
        counter!(DELIVERIES, "webhook" => webhook, "reply" => reply.code()).increment(0);
    }
    counter!(UNLISTED_SOURCES, "webhook" => Arc::clone(label)).increment(0);
    counter!(UNKNOWN_EVENTS, "webhook" => Arc::clone(label)).increment(0);
    has_keys(label, keys);
    for &operation in Operation::ALL.iter().filter(|operation| operation.is_about_one()) {
        count_error(Arc::clone(label), operation, 0);
    }
    for &outcome in ATTEMPTS {
        count_attempt(Arc::clone(label), outcome, 0);
    }
}

pub(crate) fn has_keys(label: &Arc<str>, KeyNames(names): &KeyNames) {
    for name in names {
        count_match(label, name, 0);
    }
}

fn describe() {
    for metric in ALL {
        match (metric.kind, metric.unit) {
            (Kind::Counter, _) => describe_counter!(metric.name, metric.help),
            (Kind::Gauge, None) => describe_gauge!(metric.name, metric.help),
            (Kind::Gauge, Some(_)) => describe_gauge!(metric.name, Unit::Seconds, metric.help),
            (Kind::Histogram, _) => describe_histogram!(metric.name, Unit::Seconds, metric.help),
        }
    }
}

/// Records that a delivery was answered.
pub(crate) fn delivered(label: Option<&Arc<str>>, reply: Reply, time: Duration) {
    let webhook = || label.map_or_else(|| Arc::from(NO_WEBHOOK), Arc::clone);
    counter!(DELIVERIES, "webhook" => webhook(), "reply" => reply.code()).increment(1);
    histogram!(DELIVERY_DURATION, "webhook" => webhook()).record(time);
}

/// Records that the key at this index matched a delivery.
pub(crate) fn matched(label: &Arc<str>, KeyNames(names): &KeyNames, index: usize) {
    if let Some(name) = names.get(index) {
        count_match(label, name, 1);
    }
}

fn count_match(label: &Arc<str>, name: &Arc<str>, count: u64) {
    counter!(KEY_MATCHES, "webhook" => Arc::clone(label), "key" => Arc::clone(name))
        .increment(count);
}

pub(crate) fn unlisted(label: &Arc<str>) {
    counter!(UNLISTED_SOURCES, "webhook" => Arc::clone(label)).increment(1);
}

pub(crate) fn unknown_event(label: &Arc<str>) {
    counter!(UNKNOWN_EVENTS, "webhook" => Arc::clone(label)).increment(1);
}

/// Records an event that cannot be read. `field` consists of our own names and of list indexes. The
/// indexes have no bound, so they are left out.
pub(crate) fn unreadable(label: &Arc<str>, field: &str) {
    let without_places =
        field.split('[').map(|part| part.split_once(']').map_or(part, |(_, rest)| rest));
    let field = without_places.collect::<Vec<_>>().join("[]");
    counter!(UNREADABLE_EVENTS, "webhook" => Arc::clone(label), "field" => field).increment(1);
}

/// A handler that is running.
pub(crate) struct Handling {
    label: Arc<str>,
    started: Started,
}

impl Handling {
    pub(crate) fn starts(webhook: &Webhook) -> Self {
        Self { label: Arc::clone(webhook.shared_label()), started: Started::now() }
    }

    pub(crate) fn ended(&self, ended: &Ended) {
        let (label, outcome) = (Arc::clone(&self.label), ended.reply().code());
        histogram!(HANDLER_DURATION, "webhook" => label, "outcome" => outcome)
            .record(self.started.elapsed());
    }
}

/// An operation of a store that has not finished.
#[derive(Debug)]
pub struct Asking {
    operation: Operation,
    started: Started,
}

impl Asking {
    /// Starts the operation.
    pub fn now(operation: Operation) -> Self {
        Self { operation, started: Started::now() }
    }

    /// Records that the operation finished or timed out.
    pub fn ended(self, webhook: Option<&Webhook>, is_error: bool) {
        let Self { operation, started } = self;
        let label = || match webhook {
            Some(webhook) => Arc::clone(webhook.shared_label()),
            None => Arc::from(NO_WEBHOOK),
        };
        histogram!(STORE_DURATION, "webhook" => label(), "operation" => operation.as_str())
            .record(started.elapsed());
        if is_error {
            count_error(label(), operation, 1);
        }
    }
}

fn count_error(label: Arc<str>, operation: Operation, count: u64) {
    counter!(STORE_ERRORS, "webhook" => label, "operation" => operation.as_str()).increment(count);
}

/// Records the start of a worker.
pub fn worker_starts() {
    describe();
    for &operation in Operation::ALL.iter().filter(|operation| !operation.is_about_one()) {
        count_error(Arc::from(NO_WEBHOOK), operation, 0);
    }
}

/// Records that a worker sees this label for the first time.
pub fn worker_sees(label: &str) {
    let label: Arc<str> = label.into();
    for operation in [Operation::Renew, Operation::End] {
        count_error(Arc::clone(&label), operation, 0);
    }
    for &outcome in ATTEMPTS {
        count_attempt(Arc::clone(&label), outcome, 0);
    }
}

/// Records the end of an attempt at an event in an inbox.
pub fn attempted(label: &str, outcome: &'static str) {
    count_attempt(label.into(), outcome, 1);
}

fn count_attempt(label: Arc<str>, outcome: &'static str, count: u64) {
    counter!(INBOX_ATTEMPTS, "webhook" => label, "outcome" => outcome).increment(count);
}

/// Records the number of events in an inbox.
pub fn inbox_holds(pending: u64, oldest: Option<Duration>, dead: u64, parked: u64) {
    gauge!(INBOX_OLDEST).set(oldest.unwrap_or_default());
    for (name, count) in [(INBOX_PENDING, pending), (INBOX_DEAD, dead), (INBOX_PARKED, parked)] {
        #[expect(clippy::cast_precision_loss, reason = "it is exact up to 2^53 events")]
        gauge!(name).set(count as f64);
    }
}
