//! Takes events that are due, and runs a handler for each.

use std::{
    fmt,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use tokio::{
    select,
    sync::{Mutex, Notify, watch},
    time::{sleep, timeout},
};
use topper_core::internal::{self, Asking, InLine, Operation};

use super::{
    Inbox,
    attempt::Attempt,
    process::Process,
    store::{InboxStore, Take},
    upkeep,
    verify::{Labels, StoredKeys},
};
use crate::{
    StoreError, random,
    renewal::{ASK_TIME, Terms, TooSlow},
    sync::AtomicBool,
};

mod running;

pub use running::RunningWorker;

/// How often a worker looks by itself for what is due.
const POLL: Duration = Duration::from_secs(1);
/// While more is due, a worker waits this long for several attempts to end, to take for all at once.
const GATHER: Duration = Duration::from_millis(2);
/// The time between attempts to reach a store that fails.
const FIRST_PAUSE: Duration = Duration::from_millis(50);

/// The version that parks what it cannot read.
pub(super) const VERSION: &str = env!("CARGO_PKG_VERSION");

/// How a worker works.
#[derive(Clone, Copy, Debug)]
pub(super) struct Settings {
    pub(super) concurrency: usize,
    pub(super) terms: Terms,
    pub(super) give_up_after: Duration,
    pub(super) keep_for: Duration,
    pub(super) measure_every: Duration,
}

/// A worker that is not started yet; created by [`Inbox::work`].
#[must_use = "a worker does nothing until it is started"]
pub struct Worker<S, P> {
    inbox: Inbox<S>,
    process: P,
    settings: Settings,
}

impl<S: InboxStore, P: Process<S>> Worker<S, P> {
    pub(super) fn new(inbox: Inbox<S>, process: P) -> Self {
        const DAY: Duration = Duration::from_secs(24 * 3600);
        let settings = Settings {
            concurrency: 32,
            terms: Terms { term: Duration::from_secs(30), longest: Duration::from_secs(3600) },
            give_up_after: 3 * DAY,
            keep_for: 30 * DAY,
            measure_every: Duration::from_secs(15),
        };
        Self { inbox, process, settings }
    }

    /// Sets how many events it processes at the same time, at least 1; default: 32, or 16 if each
    /// has a transaction.
    ///
    /// Events of one order are never processed at the same time.
    pub fn concurrency(mut self, concurrency: usize) -> Self {
        self.settings.concurrency = concurrency.max(1);
        self
    }

    /// Sets how long after a crash another worker takes over; default: 30 s, at least 1 s.
    ///
    /// A handler may take longer: its lease is renewed three times per term.
    pub fn lease_term(mut self, term: Duration) -> Self {
        self.settings.terms.term = term.max(Duration::from_secs(1));
        self
    }

    /// Sets how long a lease is renewed while a handler runs; default: 1 hour.
    ///
    /// A handler that runs longer is not stopped, but a second run of it may then start.
    pub fn longest(mut self, longest: Duration) -> Self {
        self.settings.terms.longest = longest;
        self
    }

    /// Sets how long a failing event is retried before it is dead; default: three days. Each event
    /// is tried at least once.
    pub fn give_up_after(mut self, time: Duration) -> Self {
        self.settings.give_up_after = time;
        self
    }

    /// Sets how long the bodies of events that are done are kept; default: 30 days. They contain
    /// addresses and the ids of users.
    pub fn keep_for(mut self, time: Duration) -> Self {
        self.settings.keep_for = time;
        self
    }

    /// With the feature `metrics`, sets how often the gauges of the inbox are measured; default: 15
    /// s, at least 1 s. A store that counts slowly is measured less often.
    pub fn measure_every(mut self, time: Duration) -> Self {
        self.settings.measure_every = time.max(Duration::from_secs(1));
        self
    }

    /// Starts the worker, on the runtime that the inbox was opened on.
    ///
    /// It works until you [drain](RunningWorker::drain) it, or its runtime ends. Dropping the
    /// returned handle does not stop it.
    ///
    /// # Panics
    ///
    /// When there is no tokio runtime.
    pub fn start(self) -> RunningWorker {
        let Self { inbox, process, settings } = self;
        internal::worker_starts();
        let (running, is_draining) = (watch::Sender::new(0), watch::Sender::new(false));
        let shared = Arc::new(Shared {
            inbox,
            process,
            settings,
            keys: StoredKeys::default(),
            labels: Labels::default(),
            running: running.clone(),
            _is_draining: is_draining.clone(),
            ended: Notify::new(),
            is_failing: AtomicBool::new(false),
        });
        let runtime = shared.inbox.runtime.clone();
        let taking = take_all(Arc::clone(&shared), is_draining.subscribe());
        let upkeep = upkeep::run(shared, is_draining.subscribe());
        let taking = match runtime {
            Some(runtime) => {
                drop(runtime.spawn(upkeep));
                runtime.spawn(taking)
            }
            None => {
                drop(tokio::spawn(upkeep));
                tokio::spawn(taking)
            }
        };
        tracing::info!(
            target: "topper",
            concurrency = settings.concurrency,
            "inbox worker started",
        );
        RunningWorker { running, is_draining, taking: Arc::new(Mutex::new(Some(taking))) }
    }
}

impl<S, P> fmt::Debug for Worker<S, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Worker").field("settings", &self.settings).finish_non_exhaustive()
    }
}

/// What the parts of a worker share.
pub(super) struct Shared<S, P> {
    pub(super) inbox: Inbox<S>,
    pub(super) process: P,
    pub(super) settings: Settings,
    pub(super) keys: StoredKeys,
    pub(super) labels: Labels,
    pub(super) running: watch::Sender<usize>,
    /// Held, so that the worker works on when its handle is dropped.
    _is_draining: watch::Sender<bool>,
    /// Told when an attempt has ended.
    pub(super) ended: Notify,
    is_failing: AtomicBool,
}

impl<S: InboxStore, P> Shared<S, P> {
    pub(super) fn store(&self) -> &Arc<S> {
        &self.inbox.store
    }

    /// Asks the store, for a limited time. Trouble with it is logged once, and when it is over.
    pub(super) async fn ask<T>(
        &self,
        operation: Operation,
        question: impl Future<Output = Result<T, StoreError>>,
    ) -> Option<T> {
        let asking = Asking::now(operation);
        let answer =
            timeout(ASK_TIME, question).await.unwrap_or_else(|_| Err(StoreError::new(TooSlow)));
        asking.ended(None, answer.is_err());
        match answer {
            Ok(answer) => {
                if self.is_failing.swap(false, Ordering::AcqRel) {
                    tracing::info!(target: "topper", "the inbox's store is working again");
                }
                Some(answer)
            }
            Err(error) => {
                if !self.is_failing.swap(true, Ordering::AcqRel) {
                    let error = InLine(&error);
                    tracing::error!(target: "topper", %error, "the inbox's store failed, trying again");
                }
                None
            }
        }
    }
}

async fn take_all<S: InboxStore, P: Process<S>>(
    shared: Arc<Shared<S, P>>,
    mut is_draining: watch::Receiver<bool>,
) {
    let mut pause = FIRST_PAUSE;
    while !*is_draining.borrow_and_update() {
        let room = select! {
            biased;
            _ = is_draining.changed() => break,
            room = room(&shared) => room,
        };
        let Some(Take { events, is_more }) = shared.ask(Operation::Take, take(&shared, room)).await
        else {
            select! {
                biased;
                _ = is_draining.changed() => break,
                () = sleep(pause) => {}
            }
            pause = (pause * 2).min(POLL);
            continue;
        };
        pause = FIRST_PAUSE;
        let is_full = events.len() >= room;
        for taken in events {
            let attempt = Attempt::new(Arc::clone(&shared), taken);
            if *is_draining.borrow() {
                attempt.give_back().await;
            } else {
                tokio::spawn(attempt.run());
            }
        }
        if !is_full {
            select! {
                biased;
                _ = is_draining.changed() => break,
                () = something_due(&shared, is_more) => {}
            }
        }
    }
}

async fn take<S: InboxStore, P>(shared: &Shared<S, P>, room: usize) -> Result<Take, StoreError> {
    let owner: [u8; 16] = random::bytes()?;
    shared.store().take(&owner, room, shared.settings.terms.term).await
}

/// Waits until there is room for another event, and for a moment until there is more.
async fn room<S, P>(shared: &Shared<S, P>) -> usize {
    let most = shared.settings.concurrency;
    let mut running = shared.running.subscribe();
    // The sender is there, so there is no error.
    drop(running.wait_for(|running| *running < most).await);
    drop(timeout(GATHER, running.wait_for(|running| *running <= most / 2)).await);
    most.saturating_sub(*running.borrow()).max(1)
}

/// Waits until something may be due. What is due already, but of an order that is in work, can be
/// taken when an attempt has ended.
async fn something_due<S: InboxStore, P>(shared: &Shared<S, P>, is_more: bool) {
    loop {
        select! {
            biased;
            () = shared.inbox.arrived.notified() => return,
            () = shared.store().woken() => return,
            () = shared.ended.notified(), if is_more => return,
            () = sleep(POLL) => {}
        }
        if shared.ask(Operation::IsDue, shared.store().is_due()).await == Some(true) {
            return;
        }
    }
}
