//! The handler under test.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use topper_core::{Outcome, Reply, Retry, Webhook};

/// A handler that remembers what it was given, and does what a case wants.
///
/// Clones share what they remember.
#[derive(Clone)]
pub struct Probe(Arc<Mutex<State>>);

struct State {
    webhooks: Vec<Webhook>,
    started: usize,
    behavior: Behavior,
}

/// What the handler does.
#[derive(Clone, Copy, Debug)]
pub(super) enum Behavior {
    Says(Outcome),
    Fails(&'static str),
    Panics,
    /// Processes the event in its time.
    Takes(Duration),
    /// Reads the event, as a handler does.
    Reads,
    /// Stores the event, say, and answers with this in place of a handler.
    Answers(Reply),
}

impl Probe {
    pub(super) fn new() -> Self {
        let behavior = Behavior::Says(Outcome::Processed);
        Self(Arc::new(Mutex::new(State { webhooks: Vec::new(), started: 0, behavior })))
    }

    /// Returns the reply of a receiver that has no handler, because it stores the event and
    /// processes it later. Call it first; if it returns `None`, call [`handle`](Self::handle).
    pub fn accept(&self, webhook: &Webhook) -> Option<Reply> {
        self.with(|state| {
            let Behavior::Answers(reply) = state.behavior else { return None };
            state.webhooks.push(webhook.clone());
            Some(reply)
        })
    }

    /// Handles a delivery: the adapter runs it like any other handler.
    ///
    /// # Errors
    ///
    /// When the case is about a handler that fails.
    ///
    /// # Panics
    ///
    /// When the case is about a handler that panics, or about a receiver that runs none.
    pub async fn handle(self, webhook: Webhook) -> Result<Outcome, Retry> {
        let behavior = self.with(|state| {
            state.started += 1;
            state.behavior
        });
        // A handler waits for something, a database say.
        tokio::task::yield_now().await;
        if let Behavior::Takes(time) = behavior {
            tokio::time::sleep(time).await;
        }
        self.with(|state| state.webhooks.push(webhook.clone()));
        match behavior {
            Behavior::Says(outcome) => Ok(outcome),
            Behavior::Fails(reason) => Err(reason.into()),
            Behavior::Panics => panic!("a panic that the case wants"),
            Behavior::Answers(_) => panic!("the handler ran in spite of `Probe::accept`"),
            Behavior::Takes(_) => Ok(Outcome::Processed),
            Behavior::Reads => {
                webhook.event()?;
                Ok(Outcome::Processed)
            }
        }
    }

    /// Does this from now on.
    pub(super) fn behave(&self, behavior: Behavior) {
        self.with(|state| state.behavior = behavior);
    }

    /// How often it was started.
    pub(super) fn started(&self) -> usize {
        self.with(|state| state.started)
    }

    /// What it was given since it was asked last.
    pub(super) fn take(&self) -> Vec<Webhook> {
        self.with(|state| std::mem::take(&mut state.webhooks))
    }

    fn with<T>(&self, then: impl FnOnce(&mut State) -> T) -> T {
        then(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl fmt::Debug for Probe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Probe").finish_non_exhaustive()
    }
}
