//! Each event once.

use std::{fmt, sync::Arc, time::Duration};

use tokio::{
    runtime::Handle,
    sync::{oneshot, watch},
    time::timeout,
};
use topper_core::{Outcome, Reply, Retry, Webhook, internal};

use crate::{
    EventKey, Lease, Store, StoreError, clock, ready,
    renewal::{Running, Terms},
};

mod answer;
mod log;
mod work;

use answer::{Answer, IsAnswered};
use work::Work;

/// Runs a handler once for each event, however often and wherever the event is delivered.
///
/// Clones share one store. Create it on the runtime that runs the server: handlers run there, and
/// go on when one of the server's threads ends.
pub struct Once<S> {
    store: Arc<S>,
    settings: Settings,
    runtime: Option<Handle>,
    running: watch::Sender<usize>,
}

#[derive(Clone, Copy, Debug)]
struct Settings {
    budget: Duration,
    terms: Terms,
}

impl<S: Store> Once<S> {
    /// Creates it with a store.
    pub fn new(store: S) -> Self {
        Self {
            store: Arc::new(store),
            settings: Settings {
                budget: Duration::from_millis(3500),
                terms: Terms { term: Duration::from_secs(30), longest: Duration::from_secs(600) },
            },
            runtime: Handle::try_current().ok(),
            running: watch::Sender::new(0),
        }
    }

    /// Sets the time until an answer, counted from when the head of the request was received;
    /// default: 3.5 s. Topper waits 4 s.
    #[must_use]
    pub fn budget(mut self, budget: Duration) -> Self {
        self.settings.budget = budget;
        self
    }

    /// Sets how long after a crash another receiver may take over; default: 30 s, at least 1 s.
    ///
    /// A handler may take longer: its lease is renewed three times per term.
    #[must_use]
    pub fn lease_term(mut self, term: Duration) -> Self {
        self.settings.terms.term = term.max(Duration::from_secs(1));
        self
    }

    /// Sets how long a lease is renewed while a handler runs, and how long marking is retried after
    /// it; default: 10 minutes.
    ///
    /// A handler that runs longer is not stopped, but a second run of it may then start. This way a
    /// handler that hangs does not block its event until Topper gives up.
    #[must_use]
    pub fn longest(mut self, longest: Duration) -> Self {
        self.settings.terms.longest = longest;
        self
    }

    /// Returns the store.
    pub fn store(&self) -> &S {
        &self.store
    }

    /// Checks that events can be marked now, within 0.4 s: for a readiness check.
    ///
    /// It claims the same event each time, with the label and id `topper:can-write`, which no
    /// webhook has.
    ///
    /// # Errors
    ///
    /// When the store cannot be written to, or does not answer in time.
    pub async fn can_write(&self) -> Result<(), StoreError> {
        const LABEL: &str = "topper:can-write";
        // Soon over, so that the next check can claim it. Until then another receiver has written.
        const TERM: Duration = Duration::from_secs(1);
        let lease = Lease::new(EventKey::new(LABEL, LABEL))?;
        ready::in_time(self.store.claim(&lease, TERM)).await.map(drop)
    }

    /// Runs the handler if the event is new, and returns the reply to send.
    ///
    /// | what happens | answer |
    /// |---|---|
    /// | the handler is done with the event, and the store has marked it | its reply |
    /// | the handler asks for another delivery or fails; the event can be claimed again | its reply, or [`Reply::Retry`] |
    /// | the handler panics; the event can be claimed again | [`Reply::Panicked`] |
    /// | the event was done before; the handler does not run | [`Reply::Duplicate`] |
    /// | it is being processed now, here or elsewhere; the handler does not run | [`Reply::InProgress`] |
    /// | the store fails or takes longer than 0.5 s; the handler does not run | [`Reply::Retry`] |
    /// | the budget is used up; the handler goes on | [`Reply::Retry`] |
    /// | another receiver took over while the handler ran | [`Reply::InProgress`] |
    ///
    /// A handler is done with an event if Topper does not send it again after its reply, as with
    /// [`Outcome::Processed`] and [`Outcome::Ignored`].
    ///
    /// The handler runs in its own task, which goes on when the connection, and with it this
    /// future, is dropped. The lease is renewed while it runs. When it is done, marking is retried
    /// until the store succeeds; only then does the reply end Topper's deliveries.
    ///
    /// `webhook` is a [`Webhook`] or an adapter's `Verified`.
    ///
    /// # Panics
    ///
    /// When there is no tokio runtime.
    pub async fn run<H, F>(&self, webhook: impl Into<Webhook>, handler: H) -> Reply
    where
        H: FnOnce(Webhook) -> F + Send + 'static,
        F: Future<Output = Result<Outcome, Retry>> + Send + 'static,
    {
        let webhook = webhook.into();
        let lease = match Lease::new(&webhook) {
            Ok(lease) => lease,
            Err(error) => {
                let failure = work::before_the_handler(&error);
                internal::answered(&webhook, Reply::Retry, Some(&failure), None);
                return Reply::Retry;
            }
        };
        let (sender, mut answered) = oneshot::channel();
        let is_answered = IsAnswered::default();
        let work = Work {
            store: Arc::clone(&self.store),
            settings: self.settings,
            webhook: webhook.clone(),
            lease,
            answer: Answer { sender: Some(sender), is_answered: is_answered.clone() },
            running: Some(Running::new(&self.running)),
        };
        let work = work.run(handler);
        match &self.runtime {
            Some(runtime) => runtime.spawn(work),
            None => tokio::spawn(work),
        };
        let time_left = self.settings.budget.saturating_sub(clock::since_arrival(&webhook));
        match timeout(time_left, &mut answered).await {
            Err(_) if is_answered.claim() => {
                internal::over_budget(&webhook, self.settings.budget, is_answered.tries());
                Reply::Retry
            }
            // At this very moment.
            Err(_) => answered.await.unwrap_or(Reply::Retry),
            Ok(reply) => reply.unwrap_or_else(|_| {
                // The runtime has ended, and the work with it.
                if is_answered.claim() {
                    internal::runtime_ended(&webhook, is_answered.tries());
                }
                Reply::Retry
            }),
        }
    }

    /// Returns how many events are being processed.
    pub fn running(&self) -> usize {
        *self.running.borrow()
    }

    /// Waits until no event is being processed. Call it at shutdown, after the server has ended,
    /// with the time that is left as a `tokio::time::timeout`. What is cut off can be claimed again
    /// when its lease has expired.
    pub async fn drain(&self) {
        // The sender is there, so there is no error.
        drop(self.running.subscribe().wait_for(|running| *running == 0).await);
    }
}

impl<S> Clone for Once<S> {
    fn clone(&self) -> Self {
        Self {
            store: Arc::clone(&self.store),
            settings: self.settings,
            runtime: self.runtime.clone(),
            running: self.running.clone(),
        }
    }
}

impl<S> fmt::Debug for Once<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Once").field("settings", &self.settings).finish_non_exhaustive()
    }
}
