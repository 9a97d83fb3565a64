//! The handler under test.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use topper_core::{Reply, Retry, Webhook};

/// A handler that remembers what it was given, and answers as a case wants it to.
///
/// Clones share what they remember.
#[derive(Clone)]
pub struct Probe(Arc<Mutex<State>>);

struct State {
    webhooks: Vec<Webhook>,
    /// `Err` holds the reason of a failure.
    result: Result<Reply, &'static str>,
}

impl Probe {
    pub(super) fn new() -> Self {
        Self(Arc::new(Mutex::new(State { webhooks: Vec::new(), result: Ok(Reply::Processed) })))
    }

    /// The handler: what it returns is to be the answer.
    ///
    /// # Errors
    ///
    /// When the case is about a handler that fails.
    pub async fn handle(&self, webhook: Webhook) -> Result<Reply, Retry> {
        // A handler waits for something, a database say.
        tokio::task::yield_now().await;
        self.with(|state| {
            state.webhooks.push(webhook);
            state.result.map_err(Retry::because)
        })
    }

    /// Answers like this from now on.
    pub(super) fn answer_with(&self, result: Result<Reply, &'static str>) {
        self.with(|state| state.result = result);
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
