//! The connections of a program to the file, in addition to that of its writer.

use std::sync::{Mutex, PoisonError};

use sqlx::{
    ConnectOptions as _, Connection as _, Sqlite, SqlitePool, Transaction,
    sqlite::{SqliteConnectOptions, SqliteConnection, SqlitePoolOptions},
};
use tokio::sync::{Mutex as AsyncMutex, MutexGuard, RwLock, RwLockReadGuard};

use super::file::{OpenError, Place};

/// So many connections that have read are kept for the next.
const MOST_KEPT: usize = 2;

/// All of them must be closed before a file that is gone is opened again.
pub(super) struct Connections {
    options: SqliteConnectOptions,
    place: Place,
    reading: RwLock<Kept>,
    transactions: AsyncMutex<Option<SqlitePool>>,
    /// Of the handlers' transactions one at a time waits to begin,
    beginning: AsyncMutex<()>,
    /// in turn with the writer, for whom SQLite alone would leave too little time between them.
    turn: AsyncMutex<()>,
}

/// Connections that no one reads on.
#[derive(Default)]
struct Kept(Mutex<Vec<SqliteConnection>>);

impl Kept {
    fn take(&self) -> Option<SqliteConnection> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).pop()
    }

    fn put(&self, connection: SqliteConnection) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() < MOST_KEPT {
            kept.push(connection);
        }
    }
}

impl Connections {
    pub(super) fn new(options: SqliteConnectOptions, place: Place) -> Self {
        Self {
            options,
            place,
            reading: RwLock::default(),
            transactions: AsyncMutex::default(),
            beginning: AsyncMutex::default(),
            turn: AsyncMutex::default(),
        }
    }

    pub(super) fn place(&self) -> &Place {
        &self.place
    }

    /// The owner of the turn may begin to write.
    pub(super) async fn turn(&self) -> MutexGuard<'_, ()> {
        self.turn.lock().await
    }

    /// A connection to read on, which neither waits for the writer nor lets it wait.
    pub(super) async fn read(&self) -> Result<Reading<'_>, OpenError> {
        let kept = self.reading.read().await;
        self.place.check_file()?;
        let connection = match kept.take() {
            Some(connection) => connection,
            None => self.options.connect().await?,
        };
        Ok(Reading { connection, kept, place: &self.place })
    }

    /// Begins a transaction that writes, on a pool of the user's or on one of its own.
    pub(super) async fn begin(
        &self,
        pool: Option<&SqlitePool>,
    ) -> Result<Transaction<'static, Sqlite>, OpenError> {
        let _beginning = self.beginning.lock().await;
        let _turn = self.turn.lock().await;
        self.place.check_file()?;
        if let Some(pool) = pool {
            return Ok(pool.begin_with("BEGIN IMMEDIATE").await?);
        }
        let mut transactions = self.transactions.lock().await;
        let pool = transactions.get_or_insert_with(|| own_pool(&self.options)).clone();
        let begun = pool.begin_with("BEGIN IMMEDIATE").await;
        if begun.is_err() {
            // When a disk is full SQLite rolls back by itself, and then sqlx takes the connection to be
            // within a transaction forever.
            *transactions = None;
            drop(transactions);
            pool.close().await;
        }
        Ok(begun?)
    }

    /// Closes all of them, once no one uses them.
    pub(super) async fn end(&self) {
        let mut reading = self.reading.write().await;
        let Kept(kept) = std::mem::take(&mut *reading);
        for connection in kept.into_inner().unwrap_or_else(PoisonError::into_inner) {
            // It has only read.
            drop(connection.close().await);
        }
        let transactions = self.transactions.lock().await.take();
        if let Some(transactions) = transactions {
            transactions.close().await;
        }
    }
}

/// One connection: those who write wait for each other anyway, and so they do in order.
fn own_pool(options: &SqliteConnectOptions) -> SqlitePool {
    const BUSY_TIME: std::time::Duration = std::time::Duration::from_secs(5);
    let options = options.clone().busy_timeout(BUSY_TIME);
    SqlitePoolOptions::new()
        .max_connections(1)
        .test_before_acquire(false)
        .connect_lazy_with(options)
}

/// A connection that is read on. One that failed is not kept.
pub(super) struct Reading<'c> {
    pub(super) connection: SqliteConnection,
    kept: RwLockReadGuard<'c, Kept>,
    place: &'c Place,
}

impl Reading<'_> {
    /// What was read counts when the file is still the same.
    pub(super) fn end(self) -> Result<(), OpenError> {
        self.place.check_file()?;
        self.kept.put(self.connection);
        Ok(())
    }
}

#[cfg(test)]
mod tests;
