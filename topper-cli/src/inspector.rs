//! The inspector: a page on this machine that shows each delivery.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{Semaphore, broadcast, watch};
use topper_core::Verifier;
use topper_testkit::TestKey;

use crate::answers::Answers;

mod about;
mod answer;
mod assets;
mod attempt;
mod diff;
mod doctor;
mod events;
mod guard;
mod kept;
mod limits;
mod lines;
mod list;
mod options;
mod pieces;
mod replay;
mod replaying;
mod response;
mod route;
mod row;
mod send;
mod server;
mod stream;
mod target;

pub(crate) use about::Source;
pub(crate) use kept::{Answered, AnsweredBy, Kept};
pub(crate) use options::Options;
pub(crate) use server::Server;

use kept::Deliveries;
use limits::Limits;
use replaying::Replaying;
use stream::Message;

/// So many new deliveries can wait for a slow page.
const MOST_WAITING: usize = 1024;

/// What the page shows and does.
pub(crate) struct Inspector {
    source: Source,
    verifier: Verifier,
    /// Signs what is sent from the page.
    key: TestKey,
    /// What the listener answers; only where it answers itself.
    answers: Option<Arc<Answers>>,
    deliveries: Mutex<Deliveries>,
    messages: broadcast::Sender<Message>,
    streams: Arc<Semaphore>,
    limits: Limits,
    replaying: Replaying,
    ending: watch::Sender<bool>,
}

impl Inspector {
    pub(crate) fn new(
        source: Source,
        verifier: Verifier,
        key: TestKey,
        answers: Option<Arc<Answers>>,
    ) -> Self {
        let (ending, _) = watch::channel(false);
        let (messages, _) = broadcast::channel(MOST_WAITING);
        Self {
            source,
            verifier,
            key,
            answers,
            deliveries: Mutex::default(),
            messages,
            streams: Arc::new(Semaphore::new(stream::MOST)),
            limits: Limits::default(),
            replaying: Replaying::default(),
            ending,
        }
    }

    /// Keeps a delivery and shows it.
    pub(crate) fn keep(&self, mut kept: Kept) -> u64 {
        kept.replay_of = self.replaying.of(&kept.delivery);
        let mut deliveries = self.deliveries();
        let dropped = deliveries.dropped();
        let number = deliveries.push(kept);
        // Under the lock, so that pages get them in order. No page may be open.
        if let Some(kept) = deliveries.get(number) {
            let _ = self.messages.send(stream::of_row(number, &row::row(number, &kept)));
        }
        if deliveries.dropped() != dropped {
            let _ = self.messages.send(stream::of_dropped(deliveries.dropped()));
        }
        number
    }

    /// Lets pages know the end, and ends their connections.
    pub(crate) fn end(&self) {
        self.ending.send_replace(true);
    }

    fn ending(&self) -> watch::Receiver<bool> {
        self.ending.subscribe()
    }

    fn deliveries(&self) -> MutexGuard<'_, Deliveries> {
        self.deliveries.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What came after a delivery, and all that comes from now on.
    fn follow(&self, last: Option<u64>) -> (Vec<Message>, broadcast::Receiver<Message>) {
        let deliveries = self.deliveries();
        let missed = last.into_iter().flat_map(|last| deliveries.after(last));
        let missed = missed.map(|(number, kept)| stream::of_row(number, &row::row(number, kept)));
        (missed.collect(), self.messages.subscribe())
    }
}
