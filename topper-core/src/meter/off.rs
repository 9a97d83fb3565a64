//! Without metrics.

use std::{sync::Arc, time::Duration};

use super::Operation;
use crate::{KeySet, Reply, Webhook, handler::Ended};

/// Whether anything is recorded.
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

/// A question to a store that waits for its answer.
#[derive(Debug)]
#[non_exhaustive]
pub struct Asking;

impl Asking {
    /// Asks now.
    pub fn now(_: Operation) -> Self {
        Self
    }

    /// It was answered, or is waited for no longer.
    pub fn ended(self, _: Option<&Webhook>, _: bool) {}
}

/// A worker starts.
pub fn worker_starts() {}

/// A worker sees this label for the first time.
pub fn worker_sees(_: &str) {}

/// An attempt at an event of an inbox ended.
pub fn attempted(_: &str, _: &'static str) {}

/// What an inbox holds now.
pub fn inbox_holds(_: u64, _: Option<Duration>, _: u64, _: u64) {}
