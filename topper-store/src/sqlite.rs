//! A store in a SQLite file.

use std::{fmt, str::FromStr as _, time::Duration};

use sqlx::{
    ConnectOptions as _, Sqlite, SqlitePool, Transaction,
    sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqliteSynchronous},
};
use tokio::{
    sync::mpsc,
    time::{Instant, sleep},
};

use crate::{Claim, EventKey, Lease, LeaseError, Store, StoreError};

mod checkpoint;
mod statement;
mod writer;

use checkpoint::seldom_in_commits;
use writer::{Answer, Asked};

/// Another program that writes to the file is waited for this long: less than a claim may take.
const BUSY_TIME: Duration = Duration::from_millis(400);
/// At start there is more time, for receivers that start at once.
const START_TIME: Duration = Duration::from_secs(10);
/// What waits for a commit; more is waited for by who asks.
const MOST_WAITING: usize = 1024;

/// Remembers events in a SQLite file beside the program, for ever.
///
/// One writer takes what is asked at the same time into one commit, durable on the disk before the
/// answer (`journal_mode` WAL, `synchronous` FULL). Several programs on one machine may use the
/// file; it must not be on a network's file system. Clones are the same store.
///
/// It needs the tokio runtime it was opened on.
#[derive(Clone)]
pub struct SqliteStore {
    asked: mpsc::Sender<Asked>,
}

impl SqliteStore {
    /// Opens a file such as `sqlite://topper.db`, and makes it and its table when they are missing.
    ///
    /// # Errors
    ///
    /// When the URL is none of SQLite's, or the file cannot be opened, written to, or is no database.
    pub async fn open(url: &str) -> Result<Self, StoreError> {
        let options = SqliteConnectOptions::from_str(url).map_err(StoreError::new)?;
        Self::open_with(options.create_if_missing(true)).await.map_err(StoreError::new)
    }

    /// A store in the file of a pool of your own, so that [`claim_in`](Self::claim_in) and your own
    /// tables are in one file. It has a connection of its own, beside those of the pool, and makes its
    /// table when it is missing.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open).
    pub async fn new(pool: &SqlitePool) -> Result<Self, StoreError> {
        let options = SqliteConnectOptions::clone(&pool.connect_options());
        Self::open_with(options).await.map_err(StoreError::new)
    }

    async fn open_with(options: SqliteConnectOptions) -> Result<Self, sqlx::Error> {
        let options = options
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(BUSY_TIME)
            .disable_statement_logging();
        let options = seldom_in_commits(options);
        let started = Instant::now();
        let connection = loop {
            match prepare(&options).await {
                // Switching to WAL does not wait for others.
                Err(error) if is_busy(&error) && started.elapsed() < START_TIME => {
                    sleep(Duration::from_millis(20)).await;
                }
                result => break result?,
            }
        };
        let (asked, asking) = mpsc::channel(MOST_WAITING);
        tokio::spawn(writer::run(options, connection, asking));
        Ok(Self { asked })
    }

    /// Claims an event in a transaction of yours, in the same file, and marks it as done there: both
    /// hold when the transaction commits, together with all else that it does.
    ///
    /// It is [`Claim::New`] once; [`Claim::Done`] means that the work was done before. Leases do
    /// not matter to it, so call it inside [`Once::run`](crate::Once::run). Begin the transaction with
    /// `pool.begin_with("BEGIN IMMEDIATE")`, and keep it short: SQLite has one writer at a time, and
    /// claims that wait over 0.4 s are answered 503.
    ///
    /// # Errors
    ///
    /// When the database cannot tell, or has no such table as [`open`](Self::open) makes.
    pub async fn claim_in(
        transaction: &mut Transaction<'_, Sqlite>,
        event: impl Into<EventKey>,
    ) -> Result<Claim, StoreError> {
        // The owner of a row that nobody has leased.
        let lease = Lease::new(event)?;
        statement::claim_in(transaction, &lease).await.map_err(StoreError::new)
    }

    async fn ask<T>(&self, ask: impl FnOnce(Answer<T>) -> Asked) -> Result<T, StoreError> {
        let (answer, answered) = Answer::new();
        self.asked.send(ask(answer)).await.map_err(|_| StoreError::new(Ended))?;
        answered.await.map_err(|_| StoreError::new(Ended))?.map_err(StoreError::new)
    }
}

async fn prepare(options: &SqliteConnectOptions) -> Result<SqliteConnection, sqlx::Error> {
    let mut connection = options.connect().await?;
    statement::migrate(&mut connection).await?;
    Ok(connection)
}

fn is_busy(error: &sqlx::Error) -> bool {
    // SQLITE_BUSY and its extended codes.
    let code = error.as_database_error().and_then(|error| error.code());
    code.and_then(|code| code.parse::<u32>().ok()).is_some_and(|code| code & 0xff == 5)
}

impl Store for SqliteStore {
    async fn claim(&self, lease: &Lease, term: Duration) -> Result<Claim, StoreError> {
        self.ask(|answer| Asked::Claim(lease.clone(), term, answer)).await
    }

    async fn renew(&self, lease: &Lease, term: Duration) -> Result<(), LeaseError> {
        LeaseError::unless_held(self.ask(|answer| Asked::Renew(lease.clone(), term, answer)).await?)
    }

    async fn complete(&self, lease: &Lease) -> Result<(), LeaseError> {
        LeaseError::unless_held(self.ask(|answer| Asked::Complete(lease.clone(), answer)).await?)
    }

    async fn release(&self, lease: &Lease) -> Result<(), LeaseError> {
        LeaseError::unless_held(self.ask(|answer| Asked::Release(lease.clone(), answer)).await?)
    }
}

impl fmt::Debug for SqliteStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqliteStore").finish_non_exhaustive()
    }
}

#[derive(Debug, thiserror::Error)]
#[error("the store's writer has ended, with the runtime it was opened on")]
struct Ended;
