//! The inspector: a page on this machine that shows each delivery.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{broadcast, watch};
use topper_core::Verifier;
use topper_testkit::TestKey;

use crate::answers::Answers;

mod about;
mod answer;
mod assets;
mod attempt;
mod copying;
mod detail;
mod diff;
mod doctor;
mod events;
mod fields;
mod guard;
mod hidden;
mod inbox;
mod kept;
mod limits;
mod lines;
mod list;
mod options;
mod orders;
mod page;
mod percent;
mod pieces;
mod replay;
mod replaying;
mod response;
mod route;
mod row;
mod schema;
mod send;
mod server;
mod stream;
mod target;

pub(crate) use about::Source;
pub(crate) use inbox::{InboxOptions, open as open_inbox};
pub(crate) use kept::{Answered, AnsweredBy, Kept};
pub(crate) use options::Options;
pub(crate) use page::Page;
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
    /// For work that takes long.
    work: Arc<tokio::sync::Mutex<()>>,
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
            work: Arc::default(),
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

    /// Remembers which lines of the file are not deliveries.
    pub(crate) fn skip(&self, lines: Vec<(usize, String)>) {
        if let Source::File { skipped, .. } = &self.source {
            // The file is read once.
            let _ = skipped.set(lines);
        }
    }

    /// Shows what has changed about a delivery; `false` if it is no longer kept.
    fn replace(&self, number: u64, kept: Kept) -> bool {
        let row = row::row(number, &kept);
        let mut deliveries = self.deliveries();
        let is_kept = deliveries.replace(number, kept);
        if is_kept {
            let _ = self.messages.send(stream::of_row(number, &row));
        }
        is_kept
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

    /// Does work that takes long, one at a time, where it does not hold up others.
    async fn alone<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> response::Result<T> {
        let alone = Arc::clone(&self.work).lock_owned().await;
        let done = tokio::task::spawn_blocking(move || {
            let done = work();
            drop(alone);
            done
        });
        done.await.map_err(|_| {
            response::Refusal::new(
                hyper::StatusCode::INTERNAL_SERVER_ERROR,
                "this cannot be shown; please report it as a defect of `topper`",
            )
        })
    }

    /// What came after a delivery, and all that comes from now on.
    fn follow(&self, last: Option<u64>) -> (Vec<Message>, broadcast::Receiver<Message>) {
        let deliveries = self.deliveries();
        // Rows before the last may have changed, too.
        if last.is_some() && matches!(self.source, Source::Inbox(_)) {
            return (vec![stream::of_resync()], self.messages.subscribe());
        }
        let missed = last.into_iter().flat_map(|last| deliveries.after(last));
        let missed = missed.map(|(number, kept)| stream::of_row(number, &row::row(number, kept)));
        (missed.collect(), self.messages.subscribe())
    }
}
