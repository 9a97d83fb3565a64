//! Stores events first, and processes them later.

use std::{fmt, sync::Arc, time::Duration};

use tokio::{runtime::Handle, sync::Notify, time::timeout};
use topper_core::{
    Outcome, Reply, Retry, Webhook,
    internal::{self, Asking, Operation},
};

use crate::{StoreError, clock, ready};

mod any;
mod attempt;
mod end;
mod event;
mod memory;
mod order;
mod process;
mod store;
mod stored;
mod upkeep;
mod verify;
mod worker;

pub use any::AnyInbox;
pub use end::AttemptEnd;
pub use event::{NewEvent, OrderPlace};
pub use memory::MemoryInbox;
pub use order::StoredOrder;
#[cfg(any(feature = "sqlite", feature = "postgres"))]
pub use process::{BoxFuture, InTransaction, TransactionalInbox};
pub use process::{Handler, Process, Processed};
pub use store::{Acceptance, InboxLease, InboxStore, Take, Taken};
pub use stored::{Change, Changed, EventFilter, EventState, InboxStats, StoredEvent};
pub use worker::{RunningWorker, Worker};

/// The token of a lease's holder: 16 random bytes.
pub type Owner = [u8; 16];

/// The longest time that a delivery waits for the store. Topper waits 4 s for an answer.
const ACCEPT_TIME: Duration = Duration::from_millis(2500);
/// And at least: even when no one waits for the answer any more, the event is better stored than lost.
const LEAST_ACCEPT_TIME: Duration = Duration::from_secs(1);
/// The part of Topper's 4 s that is left for the way back.
const WAY_BACK: Duration = Duration::from_millis(500);

/// Stores each event durably, answers Topper, and processes the event afterwards. The handler has
/// days to succeed, not only the three hours in which Topper retries.
///
/// A receiver calls [`accept`](Self::accept). A [worker](Self::work) runs the handler, in the same
/// program or in other ones. A handler that fails is retried (default: for three days). Then the
/// event is *dead*: it is kept, and `topper inbox retry` processes it again.
///
/// Clones share one store. Create the inbox on the runtime that runs the server: work goes on there
/// when one of the server's threads ends.
///
/// # Examples
///
/// ```no_run
/// use topper_core::{Event, Outcome, Retry, Webhook};
/// use topper_store::Inbox;
///
/// # async fn start() -> Result<(), Box<dyn std::error::Error>> {
/// let inbox = Inbox::open("sqlite://topper.db").await?;
/// let worker = inbox.work(process).start();
///
/// // In the receiver, for a verified delivery: `inbox.accept(&verified).await`.
///
/// // When the program ends, after its server:
/// worker.drain().await;
/// # Ok(())
/// # }
///
/// async fn process(webhook: Webhook) -> Result<Outcome, Retry> {
///     match webhook.event()? {
///         Event::OrderCryptoOnrampCompleted(_) => Ok(Outcome::Processed), // your work
///         _ => Ok(Outcome::Ignored),
///     }
/// }
/// ```
pub struct Inbox<S = AnyInbox> {
    store: Arc<S>,
    /// Wakes the workers of this program.
    arrived: Arc<Notify>,
    runtime: Option<Handle>,
}

impl Inbox {
    /// Opens the inbox at a URL, and creates its tables if they are missing: `sqlite://topper.db`,
    /// `postgres://user:password@host/database`, or `memory:` for tests.
    ///
    /// # Errors
    ///
    /// When the URL is for a store whose feature is off, or the store cannot be reached or used.
    pub async fn open(url: &str) -> Result<Self, StoreError> {
        AnyInbox::connect(url).await.map(Self::new)
    }
}

impl<S: InboxStore> Inbox<S> {
    /// Creates an inbox in a store.
    pub fn new(store: S) -> Self {
        Self {
            store: Arc::new(store),
            arrived: Arc::new(Notify::new()),
            runtime: Handle::try_current().ok(),
        }
    }

    /// Returns the store.
    pub fn store(&self) -> &S {
        &self.store
    }

    /// Checks that an event can be stored now, within 0.4 s: for a readiness check.
    ///
    /// # Errors
    ///
    /// When the store cannot be written to, or does not answer in time.
    pub async fn can_write(&self) -> Result<(), StoreError> {
        ready::in_time(self.store.can_write()).await
    }

    /// Stores a verified event, and returns the reply to send.
    ///
    /// | what happens | answer |
    /// |---|---|
    /// | the event is stored, durably | [`Reply::Accepted`] |
    /// | it was stored before, or processed by [`Once`](crate::Once) | [`Reply::Duplicate`] |
    /// | `Once` is processing it at this moment | [`Reply::InProgress`] |
    /// | the store is down, full, or too slow | [`Reply::Retry`] |
    ///
    /// A dropped connection does not stop it. You can pass an adapter's `Verified` directly.
    ///
    /// # Panics
    ///
    /// When there is no tokio runtime.
    pub async fn accept(&self, webhook: &Webhook) -> Reply {
        let (store, arrived) = (Arc::clone(&self.store), Arc::clone(&self.arrived));
        let event = NewEvent::from(webhook);
        let webhook = webhook.clone();
        let delivery = webhook.clone();
        let work = async move {
            let time = clock::time_left(&webhook).saturating_sub(WAY_BACK);
            let time = time.clamp(LEAST_ACCEPT_TIME, ACCEPT_TIME);
            let asking = Asking::now(Operation::Accept);
            let answer = timeout(time, store.accept(&event)).await;
            asking.ended(Some(&webhook), !matches!(answer, Ok(Ok(_))));
            let (reply, failure) = match answer {
                Ok(Ok(acceptance)) => (Reply::from(acceptance), None),
                Ok(Err(error)) => (Reply::Retry, Some(internal::WithCauses(&error).to_string())),
                Err(_) => (Reply::Retry, Some("the store did not answer in time".to_owned())),
            };
            if reply == Reply::Accepted {
                arrived.notify_one();
            }
            internal::answered(&webhook, reply, failure.as_deref(), None);
            reply
        };
        let accepting = match &self.runtime {
            Some(runtime) => runtime.spawn(work),
            None => tokio::spawn(work),
        };
        // A task that does not end was dropped with its runtime.
        accepting.await.unwrap_or_else(|_| internal::runtime_ended(&delivery, None))
    }

    /// Stores a verified event in your own transaction, in the same database: it is accepted when
    /// you commit. Workers find it within a second after that.
    ///
    /// It logs and counts nothing. Convert what it returns [into](Into) a [`Reply`], and answer
    /// with that after the commit.
    ///
    /// # Errors
    ///
    /// When the database fails. Then roll the transaction back, and answer [`Reply::Retry`].
    #[cfg(any(feature = "sqlite", feature = "postgres"))]
    pub async fn accept_in(
        &self,
        transaction: &mut sqlx::Transaction<'_, S::Database>,
        webhook: &Webhook,
    ) -> Result<Acceptance, StoreError>
    where
        S: TransactionalInbox,
    {
        S::accept_in(transaction, &NewEvent::from(webhook)).await
    }

    /// Creates a worker that runs a handler for each event, once you [start](Worker::start) it.
    ///
    /// The handler is the same as for [`Once::run`](crate::Once::run). It runs until it succeeds
    /// once. If a worker crashes or loses its store, an event can run again;
    /// [`work_in_transaction`](Self::work_in_transaction) prevents that.
    pub fn work<H, F>(&self, handler: H) -> Worker<S, Handler<H>>
    where
        H: Fn(Webhook) -> F + Send + Sync + 'static,
        F: Future<Output = Result<Outcome, Retry>> + Send + 'static,
    {
        Worker::new(self.clone(), Handler(handler))
    }

    /// Creates a worker whose handler gets a transaction in the inbox's own database. The handler's
    /// changes and the mark that the event is done are committed together, so each event takes
    /// effect exactly once. If the handler fails or the worker crashes, the transaction is rolled
    /// back.
    ///
    /// With SQLite, keep handlers short: while one writes, no event can be accepted, and after 0.4
    /// s deliveries are answered 503.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # #[cfg(feature = "postgres")] mod example {
    /// use topper_core::{Outcome, Retry, Webhook};
    /// use topper_store::{Inbox, PostgresInbox, sqlx::{self, PgPool, Postgres, Transaction}};
    ///
    /// # async fn start(pool: PgPool) -> Result<(), topper_store::StoreError> {
    /// let inbox = Inbox::new(PostgresInbox::new(&pool).await?);
    /// let worker = inbox.work_in_transaction(|tx, webhook| Box::pin(credit(tx, webhook))).start();
    /// # Ok(())
    /// # }
    ///
    /// async fn credit(
    ///     tx: &mut Transaction<'_, Postgres>,
    ///     webhook: Webhook,
    /// ) -> Result<Outcome, Retry> {
    ///     sqlx::query("INSERT INTO credit (event) VALUES ($1)")
    ///         .bind(webhook.id())
    ///         .execute(&mut **tx)
    ///         .await?;
    ///     Ok(Outcome::Processed)
    /// }
    /// # }
    /// ```
    #[cfg(any(feature = "sqlite", feature = "postgres"))]
    pub fn work_in_transaction<H>(&self, handler: H) -> Worker<S, InTransaction<H>>
    where
        S: TransactionalInbox,
        H: for<'t> Fn(&'t mut sqlx::Transaction<'static, S::Database>, Webhook) -> BoxFuture<'t>
            + Send
            + Sync
            + 'static,
    {
        // No more than there are connections for, so that no handler waits for one.
        const CONCURRENCY: usize = 16;
        Worker::new(self.clone(), InTransaction(handler)).concurrency(CONCURRENCY)
    }
}

impl From<Acceptance> for Reply {
    fn from(acceptance: Acceptance) -> Self {
        match acceptance {
            Acceptance::Accepted => Self::Accepted,
            Acceptance::Duplicate => Self::Duplicate,
            Acceptance::InProgress => Self::InProgress,
        }
    }
}

impl<S> Clone for Inbox<S> {
    fn clone(&self) -> Self {
        Self {
            store: Arc::clone(&self.store),
            arrived: Arc::clone(&self.arrived),
            runtime: self.runtime.clone(),
        }
    }
}

impl<S> fmt::Debug for Inbox<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inbox").finish_non_exhaustive()
    }
}
