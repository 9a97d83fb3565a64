//! An inbox in PostgreSQL.

use std::{
    fmt,
    sync::Arc,
    time::{Duration, Instant},
};

use sqlx::{
    AssertSqlSafe, PgPool, Postgres, Transaction,
    postgres::{PgConnectOptions, PgConnection},
};
use tokio::sync::Mutex;

use super::{error::store_error, lane, migration::Needs, opened, options};
use crate::{
    EventKey, LeaseError, Report, StoreError,
    inbox::{
        Acceptance, AttemptEnd, Change, Changed, EventFilter, InboxLease, InboxStats, InboxStore,
        NewEvent, OrderPlace, Owner, StoredEvent, Take, TransactionalInbox,
    },
    queue::{Queue, Trouble},
    term::milliseconds,
};

mod accept;
mod begin;
mod end;
mod filter;
mod front;
mod listen;
pub(super) mod message;
mod operate;
mod side;
mod step;
mod take;
mod tell;

use accept::New;
use begin::Transactions;
use end::Ending;
use front::Looks;
use listen::Listener;
use side::Side;
use step::{Found, Step};
use take::{Look, Seen};
use tell::Teller;

/// How many connections accept events and end attempts, and how many take: a delivery does not wait for
/// the lock that takers wait for.
const STEPS_CONNECTIONS: usize = 2;
const LOOKS_CONNECTIONS: usize = 1;
/// How often the lock is waited for until a worker is told that nothing could be taken.
const MOST_LOOKS: usize = 8;
/// More is not taken at once.
const MOST_TAKEN: usize = 1024;

/// Stores events in PostgreSQL until they are processed: for several receivers behind a load
/// balancer, and workers on any number of machines.
///
/// It keeps three connections. `NOTIFY` tells workers about new events, on a fourth connection, and
/// workers also poll every second, so you can use any pooler. A fifth connection, opened when it is
/// needed, is for operators.
///
/// All times are by the server's clock. Accepted events are durable if the server's
/// `synchronous_commit` is on. It needs PostgreSQL 12 or later, and the tokio runtime it was
/// created on. Clones share one inbox.
#[derive(Clone)]
pub struct PostgresInbox {
    steps: Queue<Step>,
    looks: Queue<Look>,
    teller: Teller,
    side: Side,
    transactions: Transactions,
    shared: Arc<Shared>,
}

struct Shared {
    listener: Listener,
    /// Held while one looks: the others have the same connection.
    looks: Mutex<Looks>,
}

impl PostgresInbox {
    /// Connects to a database such as `postgres://user:password@host/database`, checks that it can
    /// be used, and creates the tables if they are missing.
    ///
    /// It accepts the same URLs as [`PostgresStore::connect`](crate::PostgresStore::connect).
    /// Handlers in transactions share up to 16 connections, which are opened when they are needed.
    /// Behind a pooler in transaction mode, make their queries `persistent(false)`.
    ///
    /// # Errors
    ///
    /// When the URL is not valid for PostgreSQL, when it has a parameter that is not supported,
    /// when no writable server is reached within 10 s, or when a right is missing.
    pub async fn connect(url: &str) -> Result<Self, StoreError> {
        Self::begin(options::parse(url)?, None).await
    }

    /// Creates an inbox in the database of your own pool.
    /// [`work_in_transaction`](crate::Inbox::work_in_transaction) takes its transactions from that
    /// pool, so give it as many connections as the worker runs handlers. Everything else uses other
    /// connections.
    ///
    /// # Errors
    ///
    /// The same as for [`connect`](Self::connect).
    pub async fn new(pool: &PgPool) -> Result<Self, StoreError> {
        let options = PgConnectOptions::clone(&pool.connect_options());
        Self::begin(vec![options], Some(pool.clone())).await
    }

    async fn begin(hosts: Vec<PgConnectOptions>, pool: Option<PgPool>) -> Result<Self, StoreError> {
        let mut report = Report::default();
        let (connector, first) = opened(hosts, Needs::Inbox, &mut report).await?;
        // The first look does not wait for it; what it fails by, it is tried again for.
        let second = connector.connect().await.ok();
        let trouble = Trouble::default();
        let (steps, asking) = Queue::new(trouble.clone());
        let count = STEPS_CONNECTIONS;
        lane::start(connector.clone(), Some(first), asking, trouble.clone(), count);
        let (looks, asking) = Queue::new(trouble.clone());
        lane::start(connector.clone(), second, asking, trouble, LOOKS_CONNECTIONS);
        let transactions = match pool {
            Some(pool) => Transactions::Given(pool),
            None => Transactions::own(connector.clone()),
        };
        let side = Side::new(connector.clone());
        let shared = Shared { listener: Listener::new(connector), looks: Mutex::default() };
        let (teller, shared) = (Teller::default(), Arc::new(shared));
        Ok(Self { steps, looks, teller, side, transactions, shared })
    }

    async fn look(&self, looks: &Looks, look: Look, from: Option<i64>) -> Result<Seen, StoreError> {
        let started = Instant::now();
        let seen = self.looks.ask(look).await;
        match &seen {
            Ok(Seen::Take { front, .. } | Seen::IsDue { front, .. }) => looks.saw(from, *front),
            Ok(Seen::Busy) => {}
            Err(_) => looks.failed(from, started.elapsed()),
        }
        seen
    }

    async fn end_by(&self, lease: &InboxLease, ending: Ending) -> Result<(), LeaseError> {
        match self.steps.ask(Step::End(lease.clone(), ending)).await? {
            Found::Held => Ok(()),
            Found::Lost | Found::Accepted(_) => Err(LeaseError::Lost),
        }
    }
}

impl InboxStore for PostgresInbox {
    async fn accept(&self, event: &NewEvent) -> Result<Acceptance, StoreError> {
        let new = New::of(event, self.teller.is_time())?;
        let notifies = new.notifies;
        match self.steps.ask(Step::Accept(new)).await? {
            Found::Accepted(acceptance) => {
                if acceptance == Acceptance::Accepted && !notifies {
                    self.teller.tell_soon(&self.steps);
                }
                Ok(acceptance)
            }
            Found::Held | Found::Lost => Err("PostgreSQL gave an unexpected answer".into()),
        }
    }

    async fn take(&self, owner: &Owner, most: usize, term: Duration) -> Result<Take, StoreError> {
        let looks = self.shared.looks.lock().await;
        let (owner, most, term) = (*owner, most.min(MOST_TAKEN), milliseconds(term));
        for _ in 0..MOST_LOOKS {
            let from = looks.from();
            match self.look(&looks, Look::Take { owner, most, term, from }, from).await? {
                Seen::Take { take, .. } => return Ok(take),
                Seen::IsDue { .. } | Seen::Busy => {}
            }
        }
        Ok(Take { events: Vec::new(), is_more: true })
    }

    async fn is_due(&self) -> Result<bool, StoreError> {
        let looks = self.shared.looks.lock().await;
        let from = looks.from();
        match self.look(&looks, Look::IsDue { from }, from).await? {
            Seen::IsDue { is_due, .. } => Ok(is_due),
            // A look that takes tells.
            Seen::Take { .. } | Seen::Busy => Ok(true),
        }
    }

    async fn can_write(&self) -> Result<(), StoreError> {
        self.steps.ask(Step::Touch).await.map(drop)
    }

    async fn renew(&self, lease: &InboxLease, term: Duration) -> Result<(), LeaseError> {
        self.end_by(lease, Ending::Renewed(milliseconds(term))).await
    }

    async fn end(&self, lease: &InboxLease, end: &AttemptEnd) -> Result<(), LeaseError> {
        self.end_by(lease, Ending::Ended(end.clone())).await
    }

    async fn woken(&self) {
        self.shared.listener.heard().await;
    }

    async fn parked(
        &self,
        reader: &str,
        after: i64,
        most: usize,
    ) -> Result<Vec<StoredEvent>, StoreError> {
        self.side.parked(reader, after, most).await
    }

    async fn unpark(&self, key: &EventKey, order: Option<&OrderPlace>) -> Result<bool, StoreError> {
        self.side.unpark(key, order).await
    }

    async fn stats(&self) -> Result<InboxStats, StoreError> {
        self.side.stats().await
    }

    async fn list(
        &self,
        filter: &EventFilter,
        after: i64,
        most: usize,
    ) -> Result<Vec<StoredEvent>, StoreError> {
        self.side.list(filter, after, most).await
    }

    async fn change(
        &self,
        filter: &EventFilter,
        change: Change,
        after: i64,
        most: usize,
    ) -> Result<Changed, StoreError> {
        self.side.change(filter, change, after, most).await
    }

    async fn count(&self, filter: &EventFilter, change: Change) -> Result<u64, StoreError> {
        self.side.count(filter, change).await
    }

    async fn is_marked(&self, key: &EventKey) -> Result<bool, StoreError> {
        self.side.is_marked(key).await
    }

    async fn purge(&self, age: Duration, most: usize) -> Result<u64, StoreError> {
        self.side.purge(age, most).await
    }
}

impl TransactionalInbox for PostgresInbox {
    type Database = Postgres;

    /// At the level READ COMMITTED, whatever the database's default is.
    async fn begin(&self) -> Result<Transaction<'static, Postgres>, StoreError> {
        self.transactions.begin().await
    }

    /// While another transaction that has accepted the event is open, it waits for that.
    async fn accept_in(
        transaction: &mut Transaction<'_, Postgres>,
        event: &NewEvent,
    ) -> Result<Acceptance, StoreError> {
        let new = New::of(event, true)?;
        let statement = accept::statement(std::iter::once((0, &new)));
        // What was committed while the first ran is seen by the second.
        for _ in 0..2 {
            let connection: &mut PgConnection = transaction;
            let statement = AssertSqlSafe(statement.clone());
            let row = sqlx::raw_sql(statement).fetch_one(connection).await;
            let row = row.map_err(store_error)?;
            if let (_, Some(acceptance)) = accept::read(&row).map_err(store_error)? {
                return Ok(acceptance);
            }
        }
        Err("other transactions keep changing the event's row; try again".into())
    }

    async fn complete_in(
        transaction: &mut Transaction<'_, Postgres>,
        lease: &InboxLease,
    ) -> Result<bool, StoreError> {
        let connection: &mut PgConnection = transaction;
        let statement = AssertSqlSafe(end::complete_in(lease));
        let done = sqlx::raw_sql(statement).execute(connection).await.map_err(store_error)?;
        Ok(done.rows_affected() == 1)
    }
}

impl fmt::Debug for PostgresInbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostgresInbox").finish_non_exhaustive()
    }
}
