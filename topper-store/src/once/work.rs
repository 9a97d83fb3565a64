//! The work on one event, from the claim to the mark, in a task of its own.

use std::{sync::Arc, time::Duration};

use tokio::{
    pin,
    time::{Instant, sleep, timeout},
};
use topper_core::{
    Outcome, Reply, Retry, Webhook,
    internal::{self, Asking, Ended, OneLine, Operation, WithCauses},
};

use super::{Settings, answer::Answer, log};
use crate::{
    Claim, Lease, LeaseError, Store, StoreError,
    renewal::{self, Running, TooSlow},
};

/// A store that is slower does not run the handler: of Topper's 4 s too little would be left.
const CLAIM_TIME: Duration = Duration::from_millis(500);
/// The time between attempts to reach a store that fails.
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// What is kept when a handler wants the event again without an error.
const WANTED_AGAIN: &str = "the handler returned in_progress";

pub(super) struct Work<S> {
    pub(super) store: Arc<S>,
    pub(super) settings: Settings,
    pub(super) webhook: Webhook,
    pub(super) lease: Lease,
    pub(super) answer: Answer,
    /// Dropped when there is nothing to wait for.
    pub(super) running: Option<Running>,
}

impl<S: Store> Work<S> {
    pub(super) async fn run<H, F>(mut self, handler: H)
    where
        H: FnOnce(Webhook) -> F + Send + 'static,
        F: Future<Output = Result<Outcome, Retry>> + Send + 'static,
    {
        match self.claim().await {
            Some(Claim::New(seen)) => self.answer.is_answered.claimed(seen),
            Some(Claim::InProgress) => return self.answer(Reply::InProgress, None),
            Some(Claim::Done) => return self.answer(Reply::Duplicate, None),
            None => return,
        }
        // A task within a task, so that the lease is renewed while the handler computes.
        let handler = tokio::spawn(internal::run(self.webhook.clone(), handler));
        let terms = self.settings.terms;
        let renew = || self.store.renew(&self.lease, terms.term);
        let lost = || renewal::log_lost(&self.webhook);
        let ended = match renewal::while_running(handler, terms, &self.webhook, renew, lost).await {
            Ok(ended) => ended,
            Err(_) => Ended::Failed(Retry::because("the runtime is ending")),
        };
        let (reply, failure) = (ended.reply(), ended.failure());
        if reply.is_retried() {
            let kept = OneLine(failure.as_deref().unwrap_or(WANTED_AGAIN)).to_string();
            let release = || self.store.release(&self.lease, Some(&kept));
            // When even this fails the lease expires.
            let _ = self.insist(Operation::Release, self.settings.terms.term, release).await;
            return self.answer(reply, failure.as_deref());
        }
        let complete = || self.store.complete(&self.lease);
        match self.insist(Operation::Complete, self.settings.terms.longest, complete).await {
            Ok(()) => self.answer(reply, None),
            Err(LeaseError::Lost) => {
                renewal::log_lost(&self.webhook);
                self.answer(Reply::InProgress, None);
            }
            Err(LeaseError::Store(error)) => {
                log::not_marked(&self.webhook, &error);
                self.answer(Reply::Retry, Some(&WithCauses(&error).to_string()));
            }
        }
    }

    fn answer(&mut self, reply: Reply, failure: Option<&str>) {
        self.answer.give(&self.webhook, reply, failure);
    }

    /// `None` when the store failed or was too slow: that is answered, and the event set free again.
    async fn claim(&mut self) -> Option<Claim> {
        let (store, lease) = (Arc::clone(&self.store), self.lease.clone());
        let claim = store.claim(&lease, self.settings.terms.term);
        pin!(claim);
        let asking = Asking::now(Operation::Claim);
        let answer = timeout(CLAIM_TIME, &mut claim).await;
        asking.ended(Some(&self.webhook), !matches!(answer, Ok(Ok(_))));
        match answer {
            Ok(Ok(claim)) => return Some(claim),
            Ok(Err(error)) => self.could_not_claim(&error),
            Err(_) => {
                self.could_not_claim(&StoreError::new(TooSlow));
                // Not cut off, so that no connection is left in the midst of it.
                let late = timeout(self.settings.terms.term, claim).await;
                if let Ok(Ok(Claim::InProgress | Claim::Done)) = late {
                    return None;
                }
            }
        }
        // It may have been made although its answer is late or lost, or may yet be.
        let given_back = async {
            let mut pauses = Pauses::default();
            let release = || store.release(&lease, None);
            while renewal::ask(Operation::Release, Some(&self.webhook), release()).await.is_err() {
                pauses.next().await;
            }
        };
        // After the term the lease has expired by itself.
        let _ = timeout(self.settings.terms.term, given_back).await;
        None
    }

    fn could_not_claim(&mut self, error: &StoreError) {
        self.answer(Reply::Retry, Some(&before_the_handler(error)));
        // Nothing runs that shutting down should wait for.
        self.running = None;
    }

    /// Tries until the store has an answer, or the time is over.
    async fn insist<F>(
        &self,
        operation: Operation,
        time: Duration,
        attempt: impl Fn() -> F,
    ) -> Result<(), LeaseError>
    where
        F: Future<Output = Result<(), LeaseError>>,
    {
        let started = Instant::now();
        let mut pauses = Pauses::default();
        loop {
            match renewal::ask(operation, Some(&self.webhook), attempt()).await {
                Err(LeaseError::Store(error)) if started.elapsed() < time => {
                    pauses.warn_once(&self.webhook, &error);
                    pauses.next().await;
                }
                result => return result,
            }
        }
    }
}

/// Says that the handler did not run, so that a repetition does no harm.
pub(super) fn before_the_handler(error: &StoreError) -> String {
    format!("before the handler ran, {}", WithCauses(error))
}

/// Pauses that get longer.
struct Pauses(Duration);

impl Default for Pauses {
    fn default() -> Self {
        Self(FIRST_PAUSE)
    }
}

impl Pauses {
    async fn next(&mut self) {
        sleep(self.0).await;
        self.0 = (self.0 * 2).min(LONGEST_PAUSE);
    }

    fn warn_once(&self, webhook: &Webhook, error: &StoreError) {
        if self.0 == FIRST_PAUSE {
            log::tries_again(webhook, error);
        }
    }
}
