//! Holding a lease while a handler runs: the same for `Once` and for the inbox.

use std::time::Duration;

use tokio::{
    sync::watch,
    task::{JoinError, JoinHandle},
    time::{Instant, timeout},
};
use topper_core::{
    __about, Webhook,
    internal::{Asking, InLine, Operation},
};

use crate::{LeaseError, StoreError};

/// How long one question to the store may take.
pub(crate) const ASK_TIME: Duration = Duration::from_secs(5);

/// How long a lease is held.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Terms {
    /// It is renewed three times in each such term,
    pub(crate) term: Duration,
    /// up to the longest time.
    pub(crate) longest: Duration,
}

/// Waits for a handler. Its lease is renewed meanwhile; `lost` logs that it is lost.
pub(crate) async fn while_running<T, F>(
    mut handler: JoinHandle<T>,
    Terms { term, longest }: Terms,
    webhook: &Webhook,
    renew: impl Fn() -> F,
    lost: impl Fn(),
) -> Result<T, JoinError>
where
    F: Future<Output = Result<(), LeaseError>>,
{
    let started = Instant::now();
    loop {
        if let Ok(result) = timeout(term / 3, &mut handler).await {
            return result;
        }
        if started.elapsed() >= longest {
            __about!(
                error,
                webhook,
                ?longest,
                "handler is still running; its lease is no longer renewed, so it may run a second time"
            );
            return handler.await;
        }
        match ask(Operation::Renew, Some(webhook), renew()).await {
            Ok(()) => {}
            Err(LeaseError::Lost) => {
                lost();
                return handler.await;
            }
            Err(LeaseError::Store(error)) => {
                __about!(warn, webhook, error = %InLine(&error), "lease could not be renewed");
            }
        }
    }
}

/// Asks a store about a lease, for a limited time.
pub(crate) async fn ask(
    operation: Operation,
    webhook: Option<&Webhook>,
    question: impl Future<Output = Result<(), LeaseError>>,
) -> Result<(), LeaseError> {
    let asking = Asking::now(operation);
    let answer = timeout(ASK_TIME, question).await;
    let answer = answer.unwrap_or_else(|_| Err(StoreError::new(TooSlow).into()));
    asking.ended(webhook, matches!(answer, Err(LeaseError::Store(_))));
    answer
}

pub(crate) fn log_lost(webhook: &Webhook) {
    __about!(error, webhook, "lease is lost; the handler may run twice");
}

#[derive(Debug, thiserror::Error)]
#[error("no answer in time")]
pub(crate) struct TooSlow;

/// Counts as running until it is dropped.
pub(crate) struct Running(watch::Sender<usize>);

impl Running {
    pub(crate) fn new(running: &watch::Sender<usize>) -> Self {
        running.send_modify(|running| *running = running.saturating_add(1));
        Self(running.clone())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.0.send_modify(|running| *running = running.saturating_sub(1));
    }
}
