//! Each event once.

use std::{fmt, sync::Arc, time::Duration};

use tokio::{
    runtime::Handle,
    sync::{oneshot, watch},
    time::timeout,
};
use topper_core::{Outcome, Reply, Retry, Webhook, internal};

use crate::{
    EventKey, Lease, Store, StoreError, ready,
    renewal::{Running, Terms},
};

mod answer;
mod log;
mod work;

use answer::{Answer, IsAnswered};
use work::Work;

/// Runs a handler once for each event, however often and wherever the event arrives.
///
/// Clones share one store. Make it where the server is started: the work runs on the runtime it was
/// made on, so that it goes on when a server's own thread ends.
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
    /// Each event once, as a store remembers it.
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

    /// The time until an answer, counted from when the request's head was received; default: 3.5 s.
    /// Topper waits 4 s.
    #[must_use]
    pub fn budget(mut self, budget: Duration) -> Self {
        self.settings.budget = budget;
        self
    }

    /// How long after a crash another may take over; default: 30 s, and 1 s at the least.
    ///
    /// A handler may take longer: its lease is renewed three times in each such term.
    #[must_use]
    pub fn lease_term(mut self, term: Duration) -> Self {
        self.settings.terms.term = term.max(Duration::from_secs(1));
        self
    }

    /// How long a lease is renewed while a handler runs, and how long marking is tried after it;
    /// default: 10 minutes.
    ///
    /// A handler that runs longer is not stopped, but it may then run a second time beside itself:
    /// one that hangs must not keep an event from being processed until Topper gives up.
    #[must_use]
    pub fn longest(mut self, longest: Duration) -> Self {
        self.settings.terms.longest = longest;
        self
    }

    /// The store.
    pub fn store(&self) -> &S {
        &self.store
    }

    /// Fails unless events can be marked now, within 0.4 s: for a readiness check.
    ///
    /// It claims one and the same event again and again, of a webhook that there is not:
    /// `topper:can-write`.
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

    /// Runs the handler if the event is new, and says what to answer.
    ///
    /// | what happens | answer |
    /// |---|---|
    /// | the handler is done with the event, and that is remembered | its reply |
    /// | the handler asks for another delivery or fails; the event is free again | its reply, or [`Reply::Retry`] |
    /// | the handler panics; the event is free again | [`Reply::Panicked`] |
    /// | the event was done before; the handler does not run | [`Reply::Duplicate`] |
    /// | it is being processed now, here or elsewhere; the handler does not run | [`Reply::InProgress`] |
    /// | the store fails or takes longer than 0.5 s; the handler does not run | [`Reply::Retry`] |
    /// | the budget is over; what runs goes on | [`Reply::Retry`] |
    /// | another took over while the handler ran | [`Reply::InProgress`] |
    ///
    /// A handler is done with an event when Topper would not send it again after its reply, as with
    /// [`Outcome::Processed`] and [`Outcome::Ignored`].
    ///
    /// The handler runs in a task of its own, which is not stopped when the connection, and with it
    /// this future, is dropped. While it runs the lease is renewed. Once it is done, marking is tried
    /// until the store takes it; only then is the answer anything that ends Topper's deliveries.
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
        let time_left = self.settings.budget.saturating_sub(webhook.elapsed());
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

    /// How many events are being worked on.
    pub fn running(&self) -> usize {
        *self.running.borrow()
    }

    /// Waits until nothing is being worked on. For shutting down, after the server has ended: give
    /// it the time that is left, with `tokio::time::timeout`. What is cut off then is free for others
    /// once its lease has expired.
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
