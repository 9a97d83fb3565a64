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

/// Remembers events in PostgreSQL, forever: for several receivers behind a load balancer.
///
/// It keeps up to four connections. They are opened in the background, and opened again when a
/// server restarts or another one takes over. Requests that come at the same time share a statement
/// and its commit. No state of a connection is used from one statement to the next, so you can use
/// any pooler.
///
/// Leases go by the server's clock. An answer is durable if the server's `synchronous_commit` is
/// on. It needs PostgreSQL 12 or later, and the tokio runtime it was created on. Clones share one
/// store.
#[derive(Clone)]
pub struct PostgresStore {
    queue: Queue,
    connector: Connector,
}

impl PostgresStore {
    /// Connects to a database such as `postgres://user:password@host/database`, checks that it can
    /// be used, and creates the tables if they are missing.
    ///
    /// With several hosts, as in `postgres://user:password@one,two/database`, it always connects to
    /// the first that is writable. TLS (`?sslmode=verify-full`) needs the feature `tls`.
    ///
    /// # Errors
    ///
    /// When the URL is not valid for PostgreSQL, when it has a parameter that is not supported,
    /// when no writable server is reached within 10 s, or when a right is missing.
    pub async fn connect(url: &str) -> Result<Self, StoreError> {
        Self::begin(options::parse(url)?, &mut Report::default()).await
    }

    /// Creates a store in the database of your own pool, so that [`claim_in`](Self::claim_in) and
    /// your own tables are in one database. It opens its own connections, in addition to those of
    /// the pool.
    ///
    /// # Errors
    ///
    /// The same as for [`connect`](Self::connect).
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
                report.passed("URL", "valid for PostgreSQL");
                // What it fails by is in the report.
                drop(Self::begin(hosts, &mut report).await);
            }
            Err(error) => report.failed("URL", error.cause(), None),
        }
        report
    }

    /// Lists up to `most` events that a handler failed on and that are not done, the last failure
    /// first. It opens a connection to read them.
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    pub async fn retrying(&self, most: usize) -> Result<Vec<Retrying>, StoreError> {
        retrying::read(&self.connector, most).await
    }

    /// Claims an event in your own transaction, in the same database, and marks it as done there.
    /// Both take effect when you commit, together with your other changes.
    ///
    /// It returns [`Claim::New`] the first time; [`Claim::Done`] means that the work was done
    /// before. It ignores leases, so call it inside [`Once::run`](crate::Once::run), and as the
    /// first statement of the transaction. It waits for any other open transaction that has claimed
    /// the event.
    ///
    /// # Errors
    ///
    /// When the database fails, or when the table that [`connect`](Self::connect) creates is
    /// missing.
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
    report.passed("connection", "the server is reachable and writable");
    if let Err(error) = migration::prepare(&mut first.connection, needs, report).await {
        let error = StoreError::new(error);
        report.failed("connection", error.cause(), None);
        return Err(error);
    }
    report.log_or_fail("PostgreSQL")?;
    Ok((connector, first))
}
