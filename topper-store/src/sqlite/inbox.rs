//! An inbox in a SQLite file.

use std::{fmt, sync::Arc, time::Duration};

use sqlx::{Sqlite, SqlitePool, Transaction, sqlite::SqliteConnectOptions};

use super::{
    connections::{Connections, Reading},
    file::OpenError,
    options, writer,
};
use crate::{
    EventKey, Lease, LeaseError, StoreError,
    inbox::{
        Acceptance, AttemptEnd, Change, Changed, EventFilter, InboxLease, InboxStats, InboxStore,
        NewEvent, OrderPlace, Owner, StoredEvent, Take, TransactionalInbox,
    },
    queue::Queue,
};

mod accept;
mod ask;
mod change;
mod end;
mod filter;
mod list;
mod take;

use ask::{InboxAnswer, InboxAsk};

/// The states in the table. Of a pending event the owner and the time say whether it is in work.
const PENDING: i64 = 0;
const PARKED: i64 = 1;
const DEAD: i64 = 2;
const DONE: i64 = 3;
const BURIED: i64 = 4;

/// The most that is changed or purged in one commit: others wait meanwhile.
const MOST_CHANGED: usize = 200;

/// An inbox in a SQLite file on the same machine.
///
/// One writer puts requests that come at the same time into one commit, which is on the disk before
/// an event is accepted (`journal_mode` WAL, `synchronous` FULL). Several programs on one machine
/// may share the file; it must not be on a network file system. A
/// [`SqliteStore`](crate::SqliteStore) can use the same file. Clones share one inbox.
///
/// It needs the tokio runtime it was opened on.
#[derive(Clone)]
pub struct SqliteInbox {
    queue: Queue<InboxAsk>,
    others: Arc<Connections>,
    /// The user's.
    pool: Option<SqlitePool>,
}

impl SqliteInbox {
    /// Opens a file such as `sqlite://topper.db`, and creates the file and its tables if they are
    /// missing.
    ///
    /// # Errors
    ///
    /// When the URL is not valid for SQLite, when it names no file or a database in memory, or when
    /// the file cannot be opened or written to, or is not a database.
    pub async fn open(url: &str) -> Result<Self, StoreError> {
        let options = options(url).map_err(StoreError::new)?;
        Self::open_with(options, None).await.map_err(StoreError::new)
    }

    /// Creates an inbox in the file of your own pool, so that your tables and the events are in one
    /// file. [`Inbox::work_in_transaction`](crate::Inbox::work_in_transaction) uses the pool's
    /// connections; everything else uses its own. It creates its tables if they are missing.
    ///
    /// # Errors
    ///
    /// The same as for [`open`](Self::open).
    pub async fn new(pool: &SqlitePool) -> Result<Self, StoreError> {
        let options = SqliteConnectOptions::clone(&pool.connect_options());
        Self::open_with(options, Some(pool.clone())).await.map_err(StoreError::new)
    }

    async fn open_with(
        options: SqliteConnectOptions,
        pool: Option<SqlitePool>,
    ) -> Result<Self, OpenError> {
        let (queue, others) = writer::start(options).await?;
        Ok(Self { queue, others, pool })
    }

    async fn was(&self, ask: InboxAsk) -> Result<bool, StoreError> {
        match self.queue.ask(ask).await? {
            InboxAnswer::Was(was) => Ok(was),
            other => other.mismatch(),
        }
    }

    async fn held(&self, ask: InboxAsk) -> Result<(), LeaseError> {
        if self.was(ask).await? { Ok(()) } else { Err(LeaseError::Lost) }
    }

    async fn read(&self) -> Result<Reading<'_>, StoreError> {
        self.others.read().await.map_err(StoreError::new)
    }
}

/// Reads on a connection of its own.
macro_rules! read {
    ($inbox:expr, $connection:ident => $query:expr) => {{
        let mut reading = $inbox.read().await?;
        let $connection = &mut reading.connection;
        let found = $query.await.map_err(OpenError::from).map_err(StoreError::new)?;
        reading.end().map_err(StoreError::new)?;
        Ok(found)
    }};
}

impl InboxStore for SqliteInbox {
    async fn accept(&self, event: &NewEvent) -> Result<Acceptance, StoreError> {
        let lease = Lease::new(event.key().clone())?;
        let ask = InboxAsk::Accept { event: Box::new(event.clone()), lease };
        match self.queue.ask(ask).await? {
            InboxAnswer::Acceptance(acceptance) => Ok(acceptance),
            other => other.mismatch(),
        }
    }

    async fn take(&self, owner: &Owner, most: usize, term: Duration) -> Result<Take, StoreError> {
        match self.queue.ask(InboxAsk::Take { owner: *owner, most, term }).await? {
            InboxAnswer::Take(take) => Ok(take),
            other => other.mismatch(),
        }
    }

    async fn is_due(&self) -> Result<bool, StoreError> {
        read!(self, connection => sqlx::query_scalar(take::IS_DUE).fetch_one(connection))
    }

    async fn can_write(&self) -> Result<(), StoreError> {
        self.was(InboxAsk::Touch).await.map(drop)
    }

    async fn renew(&self, lease: &InboxLease, term: Duration) -> Result<(), LeaseError> {
        self.held(InboxAsk::Renew { lease: lease.clone(), term }).await
    }

    async fn end(&self, lease: &InboxLease, end: &AttemptEnd) -> Result<(), LeaseError> {
        self.held(InboxAsk::End { lease: lease.clone(), end: end.clone() }).await
    }

    async fn parked(
        &self,
        reader: &str,
        after: i64,
        most: usize,
    ) -> Result<Vec<StoredEvent>, StoreError> {
        read!(self, connection => list::parked(connection, reader, after, most))
    }

    async fn unpark(&self, key: &EventKey, order: Option<&OrderPlace>) -> Result<bool, StoreError> {
        self.was(InboxAsk::Unpark { key: key.clone(), order: order.cloned() }).await
    }

    async fn stats(&self) -> Result<InboxStats, StoreError> {
        read!(self, connection => list::stats(connection))
    }

    async fn list(
        &self,
        filter: &EventFilter,
        after: i64,
        most: usize,
    ) -> Result<Vec<StoredEvent>, StoreError> {
        read!(self, connection => list::list(connection, filter, after, most))
    }

    /// The events are looked up next to the writer, which must not wait for that.
    async fn change(
        &self,
        filter: &EventFilter,
        change: Change,
        mut after: i64,
        most: usize,
    ) -> Result<Changed, StoreError> {
        loop {
            let most = most.min(MOST_CHANGED);
            let rows: Result<Vec<i64>, StoreError> = read!(self, connection => {
                list::changeable(connection, filter, change, after, most)
            });
            let rows = rows?;
            let Some(last_row) = rows.last() else { return Ok(Changed::default()) };
            after = *last_row;
            let ask = InboxAsk::Change { rows, change, state: filter.state };
            match self.queue.ask(ask).await? {
                // Workers were quicker.
                InboxAnswer::Changed(Changed { count: 0, .. }) => {}
                InboxAnswer::Changed(changed) => return Ok(changed),
                other => return other.mismatch(),
            }
        }
    }

    async fn count(&self, filter: &EventFilter, change: Change) -> Result<u64, StoreError> {
        read!(self, connection => list::count(connection, filter, change))
    }

    async fn is_marked(&self, key: &EventKey) -> Result<bool, StoreError> {
        read!(self, connection => list::is_marked(connection, key))
    }

    async fn purge(&self, age: Duration, most: usize) -> Result<u64, StoreError> {
        match self.queue.ask(InboxAsk::Purge { age, most: most.min(MOST_CHANGED) }).await? {
            InboxAnswer::Purged(count) => Ok(count),
            other => other.mismatch(),
        }
    }
}

/// `accept_in` and `complete_in` take effect when you commit. Keep transactions short: SQLite has
/// one writer at a time, and deliveries that wait longer than 2 s are answered 503.
impl TransactionalInbox for SqliteInbox {
    type Database = Sqlite;

    async fn begin(&self) -> Result<Transaction<'static, Sqlite>, StoreError> {
        self.others.begin(self.pool.as_ref()).await.map_err(StoreError::new)
    }

    async fn accept_in(
        transaction: &mut Transaction<'_, Sqlite>,
        event: &NewEvent,
    ) -> Result<Acceptance, StoreError> {
        let lease = Lease::new(event.key().clone())?;
        let acceptances = accept::accept(transaction, &[(event, &lease)]).await;
        let acceptances = acceptances.map_err(StoreError::new)?;
        Ok(acceptances.first().copied().unwrap_or(Acceptance::Duplicate))
    }

    async fn complete_in(
        transaction: &mut Transaction<'_, Sqlite>,
        lease: &InboxLease,
    ) -> Result<bool, StoreError> {
        end::complete(transaction, lease).await.map_err(StoreError::new)
    }
}

impl fmt::Debug for SqliteInbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqliteInbox").finish_non_exhaustive()
    }
}

/// Rows for `json_each`: a statement over any number of them is one statement.
fn rows_in_json(rows: impl Iterator<Item = i64>) -> String {
    let mut json = String::from("[");
    for row in rows {
        if json.len() > 1 {
            json.push(',');
        }
        json.push_str(&row.to_string());
    }
    json.push(']');
    json
}
