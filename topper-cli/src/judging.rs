//! What the SDK says of a delivery.

use std::sync::{Mutex, PoisonError};

use topper_core::{Error, Reply, Verifier, Webhook};
use topper_testkit::Delivery;

use crate::memory::{Memory, OrderNote};

/// Verifies deliveries, and remembers earlier ones.
pub(crate) struct Judge {
    verifier: Verifier,
    memory: Mutex<Memory>,
}

/// A delivery's verification, and what a receiver of the SDK replies.
pub(crate) struct Judged {
    pub(crate) verdict: Result<Webhook, Error>,
    pub(crate) reply: Reply,
    /// What it did to its order.
    pub(crate) order: Option<OrderNote>,
}

impl Judge {
    pub(crate) fn new(verifier: Verifier) -> Self {
        Self { verifier, memory: Mutex::default() }
    }

    pub(crate) fn judge(&self, delivery: &Delivery) -> Judged {
        let verdict = delivery.verify(&self.verifier);
        let (reply, order) = match &verdict {
            Ok(webhook) => {
                let mut memory = self.memory.lock().unwrap_or_else(PoisonError::into_inner);
                let reply =
                    if memory.is_new(webhook.id()) { Reply::Processed } else { Reply::Duplicate };
                (reply, memory.fold(webhook))
            }
            Err(error) => (error.reply(), None),
        };
        Judged { verdict, reply, order }
    }
}
