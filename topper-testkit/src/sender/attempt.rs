//! What came of a delivery.

use std::{sync::Arc, time::Duration};

use topper_core::Fate;

use super::Unreachable;
use crate::{Answer, Delivery};

/// A delivery that was sent, with every attempt.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Sent {
    /// Its place in the batch, from 0.
    pub index: usize,
    /// The attempts, in order.
    pub attempts: Vec<Attempt>,
    delivery: Arc<Delivery>,
}

impl Sent {
    pub(super) fn new(index: usize, delivery: Arc<Delivery>) -> Self {
        Self { index, attempts: Vec::new(), delivery }
    }

    /// What was sent.
    pub fn delivery(&self) -> &Delivery {
        &self.delivery
    }

    /// What became of it: [`Fate::Retried`] means that it was given up after the last retry.
    pub fn fate(&self) -> Fate {
        self.last().map_or(Fate::Retried, |attempt| attempt.received.fate())
    }

    /// The last attempt.
    pub fn last(&self) -> Option<&Attempt> {
        self.attempts.last()
    }
}

/// One attempt to deliver.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Attempt {
    /// 1 for the first.
    pub number: u32,
    /// When it began, from the beginning of the batch.
    pub at: Duration,
    /// What came back.
    pub received: Received,
}

/// What came back.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Received {
    /// An answer.
    Answer(Answer),
    /// A connection, but no whole answer in time.
    Timeout,
    /// No connection, also not in time, or one that broke.
    Unreachable(Unreachable),
}

impl Received {
    /// What Topper makes of it; a connection that failed counts as a timeout.
    pub fn fate(&self) -> Fate {
        self.status().map_or(Fate::Retried, Fate::of)
    }

    /// The status, if there was an answer.
    pub fn status(&self) -> Option<u16> {
        match self {
            Self::Answer(answer) => Some(answer.status),
            Self::Timeout | Self::Unreachable(_) => None,
        }
    }
}
