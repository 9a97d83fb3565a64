//! A store in PostgreSQL.

use std::{fmt, str::FromStr as _, time::Duration};

use sqlx::{
    ConnectOptions as _, FromRow, PgPool, Postgres, Transaction,
    postgres::{PgConnectOptions, PgPoolOptions, PgRow},
};
use tokio::time::{Instant, sleep, timeout};

use crate::{Claim, EventKey, Lease, LeaseError, Store, StoreError};

mod statement;

/// How long a connection of the pool is waited for: less than a claim may take.
const ACQUIRE_TIME: Duration = Duration::from_millis(400);
/// A connection that has not answered by then is closed, so that it does not fill the pool.
const ANSWER_TIME: Duration = Duration::from_secs(1);
/// At start there is more time.
const START_TIME: Duration = Duration::from_secs(10);

/// Remembers events in PostgreSQL, for ever: for several receivers behind a load balancer.
///
/// Leases go by the server's clock. Every claim and every mark is one statement, and durable when
/// the server's `synchronous_commit` is on, as it is unless switched off. PostgreSQL 12 or later.
#[derive(Clone)]
pub struct PostgresStore {
    pool: PgPool,
}

impl PostgresStore {
    /// Connects to a database such as `postgres://user:password@host/database`, with up to 10
    /// connections.
    ///
    /// For TLS switch on one of sqlx's features for it, such as `tls-rustls`.
    ///
    /// # Errors
    ///
    /// When the URL is none of PostgreSQL's, or the server cannot be reached within 10 s.
    pub async fn connect(url: &str) -> Result<Self, StoreError> {
        let options = PgConnectOptions::from_str(url)
            .map_err(StoreError::new)?
            .application_name("topper-store")
            .disable_statement_logging();
        let pool = PgPoolOptions::new()
            .acquire_timeout(ACQUIRE_TIME)
            // Costs a round trip each time; instead, what fails is tried on another connection.
            .test_before_acquire(false)
            .connect_lazy_with(options);
        let started = Instant::now();
        loop {
            match pool.acquire().await {
                Ok(_) => return Ok(Self { pool }),
                Err(error) if started.elapsed() >= START_TIME || !is_passing(&error) => {
                    return Err(StoreError::new(error));
                }
                Err(_) => sleep(Duration::from_millis(100)).await,
            }
        }
    }

    /// A store on a pool of yours. Its `acquire_timeout` should be under 0.5 s; sqlx's is 30 s.
    pub fn new(pool: PgPool) -> Self {
        Self { pool }
    }

    /// Makes the table, unless it is there. Receivers that start at once wait for each other.
    ///
    /// # Errors
    ///
    /// When the server cannot be reached, or the table is missing and the user may not make it.
    pub async fn migrate(&self) -> Result<(), StoreError> {
        let mut connection = self.pool.acquire().await.map_err(StoreError::new)?;
        statement::migrate(&mut connection).await.map_err(StoreError::new)
    }

    /// Claims an event in a transaction of yours, in the same database, and marks it as done there:
    /// both hold when the transaction commits, together with all else that it does.
    ///
    /// It is [`Claim::New`] once; [`Claim::Done`] means that the work was done before. Leases do
    /// not matter to it, so call it inside [`Once::run`](crate::Once::run), and first in the
    /// transaction. While another transaction that claimed the event is open, it waits for that.
    ///
    /// # Errors
    ///
    /// When the database cannot tell, or has no such table as [`migrate`](Self::migrate) makes.
    pub async fn claim_in(
        transaction: &mut Transaction<'_, Postgres>,
        event: impl Into<EventKey>,
    ) -> Result<Claim, StoreError> {
        // The owner of a row that nobody has leased.
        let lease = Lease::new(event)?;
        let claimed = statement::execute(transaction, statement::CLAIM_IN, &lease, None).await;
        let claimed = claimed.map_err(StoreError::new)?;
        Ok(if claimed.is_some() { Claim::New } else { Claim::Done })
    }

    /// Runs a statement that may be repeated. After a restart of the server each connection of the
    /// pool is broken, so each of them may fail once.
    async fn run(
        &self,
        statement: &'static str,
        lease: &Lease,
        term: Option<Duration>,
    ) -> Result<Option<PgRow>, sqlx::Error> {
        let mut tries_left = self.pool.size();
        loop {
            let mut connection = self.pool.acquire().await?;
            let executed = statement::execute(&mut connection, statement, lease, term);
            match timeout(ANSWER_TIME, executed).await {
                Ok(Err(error)) if tries_left > 0 && is_broken(&error) => {
                    tries_left -= 1;
                    drop(connection.detach());
                }
                Ok(result) => return result,
                Err(elapsed) => {
                    drop(connection.detach());
                    return Err(sqlx::Error::Io(elapsed.into()));
                }
            }
        }
    }
}

/// The connection is of no use any more: the server has ended, or ends.
fn is_broken(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_) | sqlx::Error::Protocol(_) | sqlx::Error::WorkerCrashed => true,
        // Connection exceptions, and operator interventions such as a shutdown.
        sqlx::Error::Database(error) => {
            error.code().is_some_and(|code| code.starts_with("08") || code.starts_with("57P"))
        }
        _ => false,
    }
}

/// It may be there in a moment.
fn is_passing(error: &sqlx::Error) -> bool {
    is_broken(error) || matches!(error, sqlx::Error::PoolTimedOut)
}

impl Store for PostgresStore {
    async fn claim(&self, lease: &Lease, term: Duration) -> Result<Claim, StoreError> {
        let row = self.run(statement::CLAIM, lease, Some(term)).await.map_err(StoreError::new)?;
        let row = row.ok_or(sqlx::Error::RowNotFound).map_err(StoreError::new)?;
        let (is_claimed, is_done) = FromRow::from_row(&row).map_err(StoreError::new)?;
        Ok(match (is_claimed, is_done) {
            (true, _) => Claim::New,
            (false, Some(true)) => Claim::Done,
            // Leased, or claimed by another just now.
            (false, _) => Claim::InProgress,
        })
    }

    async fn renew(&self, lease: &Lease, term: Duration) -> Result<(), LeaseError> {
        match self.run(statement::RENEW, lease, Some(term)).await {
            Ok(row) => LeaseError::unless_held(row.is_some()),
            // Nobody can take over meanwhile.
            Err(error) if statement::is_locked(&error) => Ok(()),
            Err(error) => Err(StoreError::new(error).into()),
        }
    }

    async fn complete(&self, lease: &Lease) -> Result<(), LeaseError> {
        let row = self.run(statement::COMPLETE, lease, None).await.map_err(StoreError::new)?;
        LeaseError::unless_held(row.is_some())
    }

    async fn release(&self, lease: &Lease) -> Result<(), LeaseError> {
        let row = self.run(statement::RELEASE, lease, None).await.map_err(StoreError::new)?;
        LeaseError::unless_held(row.is_some())
    }
}

impl fmt::Debug for PostgresStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostgresStore").finish_non_exhaustive()
    }
}

impl PostgresStore {
    /// Connects as [`connect`](Self::connect) does, and says what was found.
    pub(crate) async fn check(url: &str) -> crate::Report {
        let mut report = crate::Report::default();
        match Self::connect(url).await {
            Ok(_) => report.passed("server", "can be used"),
            Err(error) => report.failed("server", format!("{:?}", error), None),
        }
        report
    }
}
