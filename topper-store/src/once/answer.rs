//! The one answer to a delivery, and the one line that is logged of it.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use tokio::sync::oneshot;
use topper_core::{Reply, Webhook, internal};

/// Whoever is first, the work or the budget's end, answers the delivery.
#[derive(Clone, Default)]
pub(super) struct IsAnswered(Arc<AtomicBool>);

impl IsAnswered {
    /// Whether the caller is the first.
    pub(super) fn claim(&self) -> bool {
        !self.0.swap(true, Ordering::AcqRel)
    }
}

/// The work's side of it.
pub(super) struct Answer {
    pub(super) sender: Option<oneshot::Sender<Reply>>,
    pub(super) is_answered: IsAnswered,
}

impl Answer {
    /// Logs how the work ended, and answers if nobody has. Only the first call does anything.
    pub(super) fn give(&mut self, webhook: &Webhook, reply: Reply, failure: Option<&str>) {
        let Some(sender) = self.sender.take() else { return };
        if self.is_answered.claim() {
            internal::answered(webhook, reply, failure);
        } else {
            internal::ended_late(webhook, reply, failure);
        }
        // Nobody waits when the connection was dropped, or the budget is over.
        let _ = sender.send(reply);
    }
}
