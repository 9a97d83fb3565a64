//! The result of a delivery.

use std::{sync::Arc, time::Duration};

use topper_core::Fate;

use super::Unreachable;
use crate::{Answer, Delivery};

/// A delivery that was sent, with all its attempts.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Sent {
    /// Its index in the batch, from 0.
    pub index: usize,
    /// The attempts, in order.
    pub attempts: Vec<Attempt>,
    delivery: Arc<Delivery>,
}

impl Sent {
    pub(super) fn new(index: usize, delivery: Arc<Delivery>) -> Self {
        Self { index, attempts: Vec::new(), delivery }
    }

    /// Returns the delivery.
    pub fn delivery(&self) -> &Delivery {
        &self.delivery
    }

    /// Returns how it ended: [`Fate::Retried`] means that it was given up after the last retry.
    pub fn fate(&self) -> Fate {
        self.last().map_or(Fate::Retried, |attempt| attempt.received.fate())
    }

    /// Returns the last attempt.
    pub fn last(&self) -> Option<&Attempt> {
        self.attempts.last()
    }
}

/// One attempt to send a delivery.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Attempt {
    /// The number of the attempt, from 1.
    pub number: u32,
    /// When it began, counted from the start of the batch.
    pub at: Duration,
    /// The result.
    pub received: Received,
}

/// The result of an attempt.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Received {
    /// An answer.
    Answer(Answer),
    /// Connected, but no complete answer came in time.
    Timeout,
    /// The connection failed, was not made in time, or broke.
    Unreachable(Unreachable),
}

impl Received {
    /// Returns what Topper does after it; a failed connection counts as a timeout.
    pub fn fate(&self) -> Fate {
        self.status().map_or(Fate::Retried, Fate::of)
    }

    /// Returns the status, if there was an answer.
    pub fn status(&self) -> Option<u16> {
        match self {
            Self::Answer(answer) => Some(answer.status),
            Self::Timeout | Self::Unreachable(_) => None,
        }
    }
}
