//! One attempt at an event, from when it was taken until the store knows how it ended.

use std::{
    sync::{Arc, OnceLock},
    time::Duration,
};

use tokio::time::{Instant, sleep};
use topper_core::{
    Webhook,
    internal::{self, Ended, OneLine, Operation},
};

use super::{
    end::AttemptEnd,
    process::{Process, Processed},
    store::{InboxStore, Taken},
    worker::{Shared, VERSION},
};
use crate::{
    LeaseError, random,
    renewal::{self, Running},
};

/// The time between attempts to reach a store that fails.
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);
/// The time until the second try of an event, and the longest until another.
const FIRST_BACKOFF: Duration = Duration::from_secs(1);
const LONGEST_BACKOFF: Duration = Duration::from_secs(3600);
/// An event whose worker ended so often before it was done is not tried again at once.
const CUT_OFF_OFTEN: u32 = 3;

pub(super) struct Attempt<S, P> {
    shared: Arc<Shared<S, P>>,
    taken: Taken,
    /// Set once it is logged that the lease is lost.
    lost: OnceLock<()>,
    _running: Running,
}

impl<S: InboxStore, P: Process<S>> Attempt<S, P> {
    pub(super) fn new(shared: Arc<Shared<S, P>>, taken: Taken) -> Self {
        let _running = Running::new(&shared.running);
        Self { shared, taken, lost: OnceLock::new(), _running }
    }

    /// Ends it before it has begun.
    pub(super) async fn give_back(self) {
        self.end(None, &AttemptEnd::GivenBack { retry_in: Duration::ZERO }).await;
    }

    pub(super) async fn run(self) {
        self.attempt().await;
        let shared = Arc::clone(&self.shared);
        // There is room for another before anyone is told.
        drop(self);
        shared.ended.notify_one();
    }

    async fn attempt(&self) {
        let Taken { tries, was_cut_off, attempts, .. } = self.taken;
        self.shared.labels.sees(self.taken.lease.key().label());
        let webhook = match self.shared.keys.verify(&self.taken) {
            Ok(webhook) => webhook,
            Err(failure) => return self.park_changed(failure).await,
        };
        if was_cut_off {
            let failure = "the worker stopped before the event was done";
            if self.is_too_old() {
                return self.fail(&webhook, failure.to_owned()).await;
            }
            // A crash that this event causes must not keep the program from its other events.
            if tries > CUT_OFF_OFTEN {
                let retry_in = backoff(tries);
                internal::failed_later(&webhook, attempts, failure, retry_in);
                if self.end(Some(&webhook), &AttemptEnd::GivenBack { retry_in }).await {
                    self.counts("failed");
                }
                return;
            }
        }
        let (shared, lease) = (Arc::clone(&self.shared), self.taken.lease.clone());
        let event = webhook.clone();
        // A task within a task, so that the lease is renewed while the handler computes.
        let processing = tokio::spawn(async move {
            shared.process.process(Arc::clone(shared.store()), lease, event).await
        });
        let (store, lease) = (self.shared.store(), &self.taken.lease);
        let terms = self.shared.settings.terms;
        let renew = || store.renew(lease, terms.term);
        let lost = || self.lost(&webhook);
        match renewal::while_running(processing, terms, &webhook, renew, lost).await {
            // The runtime ends; the lease expires.
            Err(_) => {}
            Ok(Processed::Lost) => {
                self.lost(&webhook);
                self.counts("lost");
            }
            Ok(Processed::Marked(outcome)) => {
                internal::processed_later(&webhook, outcome.code(), attempts);
                self.counts(outcome.code());
            }
            Ok(Processed::Ended(Ended::Outcome(outcome)))
                if !Ended::Outcome(outcome).reply().is_retried() =>
            {
                if self.end(Some(&webhook), &AttemptEnd::Done).await {
                    internal::processed_later(&webhook, outcome.code(), attempts);
                    self.counts(outcome.code());
                }
            }
            Ok(Processed::Ended(ended)) => {
                let failure = ended.failure();
                let failure =
                    failure.unwrap_or_else(|| "the handler returned in_progress".to_owned());
                self.fail(&webhook, failure).await;
            }
        }
    }

    /// Tries the event again later, parks it, or gives it up.
    async fn fail(&self, webhook: &Webhook, failure: String) {
        let Taken { tries, attempts, .. } = self.taken;
        let error = OneLine(&failure).to_string();
        // By its text, which is there however the handler has wrapped the error. A handler that failed for
        // another reason, and does not read events, is tried again as usual.
        let unreadable = webhook.event().err().map(|error| error.to_string());
        if let Some(unreadable) = unreadable.filter(|unreadable| failure.contains(unreadable)) {
            let end = AttemptEnd::Parked { error, reader: Some(VERSION) };
            if self.end(Some(webhook), &end).await {
                internal::parked(webhook, attempts, &unreadable);
                self.counts("parked");
            }
        } else if self.is_too_old() {
            if self.end(Some(webhook), &AttemptEnd::Dead { error }).await {
                internal::dead(webhook, attempts, &failure);
                self.counts("dead");
            }
        } else {
            let retry_in = backoff(tries);
            if self.end(Some(webhook), &AttemptEnd::Failed { error, retry_in }).await {
                internal::failed_later(webhook, attempts, &failure, retry_in);
                self.counts("failed");
            }
        }
    }

    /// What is stored is not what was accepted. There is no webhook that a line could be about.
    async fn park_changed(&self, failure: String) {
        let error = OneLine(&failure).to_string();
        log::changed(self.taken.lease.key(), &error);
        if self.end(None, &AttemptEnd::Parked { error, reader: None }).await {
            self.counts("parked");
        }
    }

    fn is_too_old(&self) -> bool {
        self.taken.age >= self.shared.settings.give_up_after
    }

    /// Tells the store, until it has an answer: whether the lease held until then.
    async fn end(&self, webhook: Option<&Webhook>, end: &AttemptEnd) -> bool {
        let started = Instant::now();
        let mut pause = FIRST_PAUSE;
        loop {
            let question = self.shared.store().end(&self.taken.lease, end);
            match renewal::ask(Operation::End, webhook, question).await {
                Ok(()) => return true,
                Err(LeaseError::Lost) => {
                    if let Some(webhook) = webhook {
                        self.lost(webhook);
                        self.counts("lost");
                    }
                    return false;
                }
                Err(LeaseError::Store(error)) => {
                    if pause == FIRST_PAUSE {
                        webhook.inspect(|webhook| log::tries_again(webhook, &error));
                    }
                    if started.elapsed() >= self.shared.settings.terms.longest {
                        webhook.inspect(|webhook| log::not_marked(webhook, &error));
                        return false;
                    }
                }
            }
            sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    fn lost(&self, webhook: &Webhook) {
        if self.lost.set(()).is_ok() {
            renewal::log_lost(webhook);
        }
    }

    /// Counts how the attempt ended.
    fn counts(&self, outcome: &'static str) {
        internal::attempted(self.taken.lease.key().label(), outcome);
    }
}

/// 1 s after the first try, then twice as long each time, up to an hour; a fifth more or less, so that
/// what failed together is not tried again together.
fn backoff(tries: u32) -> Duration {
    let doublings = tries.saturating_sub(1).min(12);
    let time = (FIRST_BACKOFF * (1 << doublings)).min(LONGEST_BACKOFF);
    // Without random numbers there is no jitter.
    let jitter = match random::bytes() {
        Ok(bytes) => f64::from(u16::from_le_bytes(bytes)) / f64::from(u16::MAX) * 0.4 - 0.2,
        Err(_) => 0.0,
    };
    time.mul_f64(1.0 + jitter)
}

mod log {
    //! What is logged of an attempt, in addition to how it ended.

    use topper_core::{
        __about, Webhook,
        internal::{InLine, Short},
    };

    use crate::{EventKey, StoreError};

    pub(super) fn tries_again(webhook: &Webhook, error: &StoreError) {
        __about!(warn, webhook, error = %InLine(error), "the inbox's store failed after the handler ran, trying again");
    }

    pub(super) fn not_marked(webhook: &Webhook, error: &StoreError) {
        __about!(error, webhook, error = %InLine(error), "handler finished, but the inbox's store could not save its result; the handler may run again");
    }

    pub(super) fn changed(key: &EventKey, error: &str) {
        tracing::error!(
            target: "topper",
            webhook = key.label(),
            event.id = %Short(key.id()),
            inbox_outcome = "parked",
            error,
            "a stored event differs from what was accepted, so it is parked; see `topper inbox show`",
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doubles_the_time_between_tries_from_a_second_to_an_hour() {
        for (tries, seconds) in
            [(1, 1), (2, 2), (3, 4), (6, 32), (12, 2048), (13, 3600), (1000, 3600)]
        {
            for _ in 0..100 {
                let time = backoff(tries).as_secs_f64() / f64::from(seconds);
                assert!((0.79..=1.21).contains(&time), "{tries}: {time}");
            }
        }
        let times: Vec<_> = (0..100).map(|_| backoff(5)).collect();
        assert!(times.iter().max().unwrap() > times.iter().min().unwrap(), "no jitter");
    }
}
