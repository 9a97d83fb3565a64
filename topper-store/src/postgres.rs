//! A store in PostgreSQL.

use std::{fmt, time::Duration};

use sqlx::{
    AssertSqlSafe, PgPool, Postgres, Transaction,
    postgres::{PgConnectOptions, PgConnection},
};

use crate::{
    Claim, EventKey, Lease, LeaseError, Report, Retrying, Store, StoreError,
    queue::{OnLease, Queue, Trouble},
    start,
};

mod batch;
mod connector;
mod error;
mod inbox;
mod lane;
mod literal;
mod migration;
mod options;
mod retrying;
mod shared;
mod statement;

pub use inbox::PostgresInbox;

use connector::{ConnectFailure, Connected, Connector};
use migration::Needs;

/// How many connections a store has.
const CONNECTIONS: usize = 4;
/// Between attempts at start.
const PAUSE: Duration = Duration::from_millis(100);

/// Remembers events in PostgreSQL, and never forgets one: for several receivers behind a load balancer.
///
/// Up to four connections do the work. They are made in the background, and made again when a server
/// restarts or another takes over. What is asked at the same time shares a statement and its commit.
/// Nothing is needed of a connection from one statement to the next, so that any pooler may be between.
///
/// Leases go by the server's clock. An answer is durable when the server's `synchronous_commit` is on.
/// PostgreSQL 12 or later. Clones are the same store. It needs the tokio runtime it was made on.
#[derive(Clone)]
pub struct PostgresStore {
    queue: Queue,
    connector: Connector,
}

impl PostgresStore {
    /// Connects to a database such as `postgres://user:password@host/database`, checks that all is there
    /// that is needed, and makes the tables when they are missing.
    ///
    /// With several hosts, as in `postgres://user:password@one,two/database`, it is always connected to
    /// the first that can be written to. TLS (`?sslmode=verify-full`) needs feature `tls`.
    ///
    /// # Errors
    ///
    /// When the URL is not one of PostgreSQL, or has a parameter that is not supported; when no server
    /// that can be written to is reached within 10 s; when a right is missing.
    pub async fn connect(url: &str) -> Result<Self, StoreError> {
        Self::begin(options::parse(url)?, &mut Report::default()).await
    }

    /// A store in the database of a pool of your own, so that [`claim_in`](Self::claim_in) and your own
    /// tables are in one database. It has connections of its own, beside those of the pool.
    ///
    /// # Errors
    ///
    /// As [`connect`](Self::connect).
    pub async fn new(pool: &PgPool) -> Result<Self, StoreError> {
        let options = PgConnectOptions::clone(&pool.connect_options());
        Self::begin(vec![options], &mut Report::default()).await
    }

    async fn begin(hosts: Vec<PgConnectOptions>, report: &mut Report) -> Result<Self, StoreError> {
        let (connector, first) = opened(hosts, Needs::Store, report).await?;
        let trouble = Trouble::default();
        let (queue, asking) = Queue::<OnLease>::new(trouble.clone());
        lane::start(connector.clone(), Some(first), asking, trouble, CONNECTIONS);
        Ok(Self { queue, connector })
    }

    /// Connects as [`connect`](Self::connect) does, and reports what was found.
    pub(crate) async fn check(url: &str) -> Report {
        let mut report = Report::default();
        match options::parse(url) {
            Ok(hosts) => {
                report.passed("URL", "names a database of PostgreSQL");
                // What it fails by is in the report.
                drop(Self::begin(hosts, &mut report).await);
            }
            Err(error) => report.failed("URL", error.cause(), None),
        }
        report
    }

    /// Up to `most` events that a handler has failed on and that are not done, the ones that failed
    /// last first. It reads them on a connection of its own.
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    pub async fn retrying(&self, most: usize) -> Result<Vec<Retrying>, StoreError> {
        retrying::read(&self.connector, most).await
    }

    /// Claims an event in your own transaction, in the same database, and marks it as done there:
    /// both hold when the transaction commits, together with all else that it does.
    ///
    /// It is [`Claim::New`] once; [`Claim::Done`] means that the work was done before. Leases do
    /// not matter to it, so call it inside [`Once::run`](crate::Once::run), and first in the
    /// transaction. While another transaction that claimed the event is open, it waits for that.
    ///
    /// # Errors
    ///
    /// When the database fails, or lacks the table that [`connect`](Self::connect) makes.
    pub async fn claim_in(
        transaction: &mut Transaction<'_, Postgres>,
        event: impl Into<EventKey>,
    ) -> Result<Claim, StoreError> {
        // The owner of a row that no one has leased.
        let lease = Lease::new(event)?;
        let statement = AssertSqlSafe(statement::claim_in(&lease));
        let connection: &mut PgConnection = transaction;
        let claimed = sqlx::raw_sql(statement).fetch_optional(connection).await;
        match claimed.map_err(StoreError::new)? {
            Some(row) => statement::seen(&row, 0).map(Claim::New).map_err(StoreError::new),
            None => Ok(Claim::Done),
        }
    }
}

impl Store for PostgresStore {
    async fn claim(&self, lease: &Lease, term: Duration) -> Result<Claim, StoreError> {
        self.queue.claim(lease, term).await
    }

    async fn renew(&self, lease: &Lease, term: Duration) -> Result<(), LeaseError> {
        self.queue.renew(lease, term).await
    }

    async fn complete(&self, lease: &Lease) -> Result<(), LeaseError> {
        self.queue.complete(lease).await
    }

    async fn release(&self, lease: &Lease, failure: Option<&str>) -> Result<(), LeaseError> {
        self.queue.release(lease, failure).await
    }
}

impl fmt::Debug for PostgresStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostgresStore").finish_non_exhaustive()
    }
}

/// A first connection, to a server that has all that is needed.
async fn opened(
    hosts: Vec<PgConnectOptions>,
    needs: Needs,
    report: &mut Report,
) -> Result<(Connector, Connected), StoreError> {
    let connector = Connector::new(hosts);
    let connecting = start::in_time(PAUSE, ConnectFailure::is_passing, || connector.connect());
    let mut first = match connecting.await {
        Ok(first) => first,
        Err(failure) => {
            let error = StoreError::from(failure);
            report.failed("connection", error.cause(), None);
            return Err(error);
        }
    };
    report.passed("connection", "the server can be reached, and written to");
    if let Err(error) = migration::prepare(&mut first.connection, needs, report).await {
        let error = StoreError::new(error);
        report.failed("connection", error.cause(), None);
        return Err(error);
    }
    report.log_or_fail("PostgreSQL")?;
    Ok((connector, first))
}
