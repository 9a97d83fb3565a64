//! A store in a SQLite file.

use std::{fmt, sync::Arc, time::Duration};

use sqlx::{Sqlite, SqlitePool, Transaction, sqlite::SqliteConnectOptions};

use crate::{
    Claim, EventKey, Lease, LeaseError, Report, Retrying, Store, StoreError,
    queue::Queue,
    url::{self, UrlError},
};

/// The milliseconds since 1970, by SQLite's clock.
macro_rules! now {
    () => {
        "CAST(unixepoch('subsec') * 1000 AS INTEGER)"
    };
}

mod batch;
mod checkpoint;
mod connections;
mod contention;
mod file;
mod inbox;
mod retrying;
mod statement;
mod writer;

use connections::Connections;
use file::OpenError;
pub use inbox::SqliteInbox;

/// Another program that writes to the file is waited for this long: less than a claim may take.
const BUSY_TIME: Duration = Duration::from_millis(400);

/// Remembers events in a SQLite file on the same machine, forever.
///
/// One writer puts requests that come at the same time into one commit (`journal_mode` WAL). That
/// an event is done, or that its handler failed, is on the disk before the answer (`synchronous`
/// FULL). A claim need not be: a machine that stops has stopped its owner, too. Several programs on
/// one machine may share the file; it must not be on a network file system. Clones share one store.
///
/// It needs the tokio runtime it was opened on.
#[derive(Clone)]
pub struct SqliteStore {
    queue: Queue,
    others: Arc<Connections>,
}

impl SqliteStore {
    /// Opens a file such as `sqlite://topper.db`, and creates the file and its table if they are
    /// missing.
    ///
    /// # Errors
    ///
    /// When the URL is not valid for SQLite, when it names no file or a database in memory, or when
    /// the file cannot be opened or written to, or is not a database.
    pub async fn open(url: &str) -> Result<Self, StoreError> {
        let options = options(url).map_err(StoreError::new)?;
        Self::open_with(options).await.map_err(StoreError::new)
    }

    /// Creates a store in the file of your own pool, so that [`claim_in`](Self::claim_in) and your
    /// own tables are in one file. It opens its own connection, in addition to those of the pool,
    /// and creates its table if it is missing.
    ///
    /// # Errors
    ///
    /// The same as for [`open`](Self::open).
    pub async fn new(pool: &SqlitePool) -> Result<Self, StoreError> {
        let options = SqliteConnectOptions::clone(&pool.connect_options());
        Self::open_with(options).await.map_err(StoreError::new)
    }

    async fn open_with(options: SqliteConnectOptions) -> Result<Self, OpenError> {
        let (queue, others) = writer::start(options).await?;
        Ok(Self { queue, others })
    }

    /// Opens the file as [`open`](Self::open) does, and reports each check.
    pub(crate) async fn check(url: &str) -> Report {
        let mut report = Report::default();
        let options = match options(url) {
            Ok(options) => options,
            Err(error) => {
                report.failed("URL", error.to_string(), None);
                return report;
            }
        };
        report.passed("URL", "valid for SQLite");
        match Self::open_with(options).await {
            Ok(_) => report.passed("file", "opens, and can be written to"),
            Err(error) => report.failed("file", error.to_string(), None),
        }
        report
    }

    /// Lists up to `most` events that a handler failed on and that are not done, the last failure
    /// first.
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    pub async fn retrying(&self, most: usize) -> Result<Vec<Retrying>, StoreError> {
        retrying::read(&self.others, most).await.map_err(StoreError::new)
    }

    /// Claims an event in your own transaction, in the same file, and marks it as done there. Both
    /// take effect when you commit, together with your other changes.
    ///
    /// It returns [`Claim::New`] the first time; [`Claim::Done`] means that the work was done
    /// before. It ignores leases, so call it inside [`Once::run`](crate::Once::run). Begin the
    /// transaction with `pool.begin_with("BEGIN IMMEDIATE")`, and keep it short: SQLite has one
    /// writer at a time, and claims that wait longer than 0.4 s are answered 503.
    ///
    /// # Errors
    ///
    /// When the database fails, or when the table that [`open`](Self::open) creates is missing.
    pub async fn claim_in(
        transaction: &mut Transaction<'_, Sqlite>,
        event: impl Into<EventKey>,
    ) -> Result<Claim, StoreError> {
        // The owner of a row that no one has leased.
        let lease = Lease::new(event)?;
        statement::claim_in(transaction, &lease).await.map_err(StoreError::new)
    }
}

const IN_MEMORY: &str = "a database in memory forgets all events when the program ends, and they would be \
                         processed again; use a file, such as sqlite://topper.db, or `memory:` for tests";
const NO_FILE: &str = "the URL names no file, so all events would be lost when the program ends; check \
                       whether a variable is empty. It should look like sqlite://topper.db";

/// What is in a URL of SQLite.
fn options(url: &str) -> Result<SqliteConnectOptions, UrlError> {
    let (path, query) = url::file(url)?;
    let mut creates = true;
    let mut is_memory = path == ":memory:";
    for (key, value) in query {
        match (key.as_str(), value.as_str()) {
            ("mode", "rwc") => creates = true,
            ("mode", "rw") => creates = false,
            ("mode", "memory") => is_memory = true,
            ("mode", _) => {
                return Err(UrlError::Value {
                    name: "mode",
                    expected: "rwc or rw, since events are written",
                });
            }
            _ => return Err(UrlError::parameter(&key)),
        }
    }
    if is_memory {
        return Err(UrlError::RemembersNothing(IN_MEMORY));
    }
    if path.is_empty() {
        return Err(UrlError::RemembersNothing(NO_FILE));
    }
    Ok(SqliteConnectOptions::new().filename(path).create_if_missing(creates))
}

impl Store for SqliteStore {
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

impl fmt::Debug for SqliteStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqliteStore").finish_non_exhaustive()
    }
}
