//! Recording without the feature `metrics`: does nothing.

use std::{sync::Arc, time::Duration};

use super::Operation;
use crate::{KeySet, Reply, Webhook, handler::Ended};

/// Whether metrics are recorded.
pub const IS_ON: bool = false;

pub(crate) struct KeyNames;

impl KeyNames {
    pub(crate) fn of(_: &KeySet) -> Self {
        Self
    }
}

pub(crate) fn starts(_: &Arc<str>, _: &KeyNames) {}

pub(crate) fn has_keys(_: &Arc<str>, _: &KeyNames) {}

pub(crate) fn delivered(_: Option<&Arc<str>>, _: Reply, _: Duration) {}

pub(crate) fn matched(_: &Arc<str>, _: &KeyNames, _: usize) {}

pub(crate) fn unlisted(_: &Arc<str>) {}

pub(crate) fn unknown_event(_: &Arc<str>) {}

pub(crate) fn unreadable(_: &Arc<str>, _: &str) {}

pub(crate) struct Handling;

impl Handling {
    pub(crate) fn starts(_: &Webhook) -> Self {
        Self
    }

    pub(crate) fn ended(&self, _: &Ended) {}
}

/// An operation of a store that has not finished.
#[derive(Debug)]
#[non_exhaustive]
pub struct Asking;

impl Asking {
    /// Starts the operation.
    pub fn now(_: Operation) -> Self {
        Self
    }

    /// Records that the operation finished or timed out.
    pub fn ended(self, _: Option<&Webhook>, _: bool) {}
}

/// Records the start of a worker.
pub fn worker_starts() {}

/// Records that a worker sees this label for the first time.
pub fn worker_sees(_: &str) {}

/// Records the end of an attempt at an event in an inbox.
pub fn attempted(_: &str, _: &'static str) {}

/// Records the number of events in an inbox.
pub fn inbox_holds(_: u64, _: Option<Duration>, _: u64, _: u64) {}
