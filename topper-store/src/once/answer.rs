//! The one answer to a delivery, and the one line that is logged of it.

use std::sync::{Arc, OnceLock, atomic::Ordering};

use tokio::{sync::oneshot, time::Instant};
use topper_core::{
    Reply, Webhook,
    internal::{self, Tries},
};

use crate::{Seen, sync::AtomicBool};

/// The first of the two, the work or the end of the budget, answers the delivery.
#[derive(Clone, Default)]
pub(super) struct IsAnswered(Arc<State>);

#[derive(Default)]
struct State {
    is_answered: AtomicBool,
    /// What the store remembers of the event, once it has said so, and when that was.
    seen: OnceLock<(Seen, Instant)>,
}

impl IsAnswered {
    /// Whether the caller is the first.
    pub(super) fn claim(&self) -> bool {
        !self.0.is_answered.swap(true, Ordering::AcqRel)
    }

    /// The event was claimed now.
    pub(super) fn claimed(&self, seen: Seen) {
        // It is claimed once.
        let _ = self.0.seen.set((seen, Instant::now()));
    }

    /// How often the event was tried, if that is known.
    pub(super) fn tries(&self) -> Option<Tries> {
        let (Seen { attempts, since }, claimed) = *self.0.seen.get()?;
        Some(Tries { attempt: attempts, since: since.saturating_add(claimed.elapsed()) })
    }
}

/// The work's side of it.
pub(super) struct Answer {
    pub(super) sender: Option<oneshot::Sender<Reply>>,
    pub(super) is_answered: IsAnswered,
}

impl Answer {
    /// Logs how the work ended, and answers if no one has. Only the first call does anything.
    pub(super) fn give(&mut self, webhook: &Webhook, reply: Reply, failure: Option<&str>) {
        let Some(sender) = self.sender.take() else { return };
        let tries = self.is_answered.tries();
        if self.is_answered.claim() {
            internal::answered(webhook, reply, failure, tries);
        } else {
            internal::ended_late(webhook, reply, failure, tries);
        }
        // No one waits when the connection was dropped, or the budget is over.
        let _ = sender.send(reply);
    }
}
