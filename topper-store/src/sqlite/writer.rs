//! The one writer: what is asked at the same time shares a commit.

use std::{sync::Arc, time::Duration};

use sqlx::{
    ConnectOptions as _, Connection as _,
    sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqliteSynchronous},
};
use tokio::time::{Instant, timeout};

use super::{
    BUSY_TIME,
    checkpoint::{Checkpoints, seldom_in_commits},
    connections::Connections,
    contention::Contention,
    file::{Open, OpenError},
};
use crate::{
    StoreError,
    queue::{Ask, Asked, Asking, Queue, Trouble},
    start,
};

/// The most in one commit.
const MOST_AT_ONCE: usize = 256;
/// Between attempts at start.
const PAUSE: Duration = Duration::from_millis(20);

/// What a writer can do.
pub(super) trait Write: Ask + Sized {
    /// Whether it must be on the disk before the answer. What need not be survives the end of the
    /// program, but not that of the machine.
    fn is_durable(&self) -> bool;

    /// Does all of it within a transaction that has begun: as many answers, in the same order.
    fn write(
        batch: &[Asked<Self>],
        connection: &mut SqliteConnection,
    ) -> impl Future<Output = Result<Vec<Self::Answer>, sqlx::Error>> + Send;
}

/// Opens the file, makes it and its tables where the options say so, and starts its writer.
pub(super) async fn start<A: Write>(
    options: SqliteConnectOptions,
) -> Result<(Queue<A>, Arc<Connections>), OpenError> {
    let options = options
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(BUSY_TIME)
        // What undoes one statement would otherwise go through a file as soon as it is over 64 kB.
        .pragma("temp_store", "MEMORY")
        .disable_statement_logging();
    let options = seldom_in_commits(options);
    // Switching to WAL does not wait for others.
    let preparing = start::in_time(PAUSE, OpenError::is_busy, || Open::prepare(&options));
    let (place, open) = preparing.await?;
    // From now on a file that is not there is gone.
    let options = options.create_if_missing(false);
    let others = Arc::new(Connections::new(options.clone(), place));
    let trouble = Trouble::default();
    let (queue, asking) = Queue::new(trouble.clone());
    let checkpoints = Checkpoints::new(options.clone());
    let writer = Writer {
        options,
        others: Arc::clone(&others),
        open: Some(open),
        checkpoints,
        contention: Contention::new(),
    };
    tokio::spawn(run(writer, asking, trouble));
    Ok((queue, others))
}

/// Runs until no one can ask any more.
async fn run<A: Write>(mut writer: Writer, asking: Asking<A>, trouble: Trouble) {
    let mut batch = Vec::with_capacity(MOST_AT_ONCE);
    while asking.recv_many(&mut batch, MOST_AT_ONCE).await > 0 {
        batch.retain(Asked::take);
        match writer.commit(&batch).await.map_err(StoreError::new) {
            Ok(answers) => {
                trouble.set(None);
                for (asked, answer) in batch.drain(..).zip(answers) {
                    asked.answer(Ok(answer));
                }
            }
            Err(error) => {
                trouble.set(Some(error.clone()));
                for asked in batch.drain(..) {
                    asked.answer(Err(error.clone()));
                }
            }
        }
    }
    if let Some(open) = writer.open {
        // All that was asked is answered; an error here changes nothing.
        drop(open.connection.close().await);
    }
}

struct Writer {
    options: SqliteConnectOptions,
    others: Arc<Connections>,
    open: Option<Open>,
    checkpoints: Checkpoints,
    contention: Contention,
}

impl Writer {
    /// All of them, or, when one fails, none.
    async fn commit<A: Write>(&mut self, batch: &[Asked<A>]) -> Result<Vec<A::Answer>, OpenError> {
        if batch.is_empty() {
            return Ok(Vec::new());
        }
        // After an error it is not put back: when a disk is full SQLite rolls back by itself, and then
        // sqlx takes the connection to be within a transaction forever.
        let others = Arc::clone(&self.others);
        let mut open = match self.open.take() {
            Some(open) => open,
            None => Open::again(&self.options, others.place()).await?,
        };
        if let Err(error) = others.place().check(&open) {
            self.end(open).await;
            return Err(error);
        }
        open.be_durable(batch.iter().any(|asked| asked.ask.is_durable())).await?;
        self.contention.give_way().await;
        // It fails when a transaction of this program takes long; then SQLite may still be quicker.
        let turn = timeout(A::PATIENCE, others.turn()).await;
        let started = Instant::now();
        let mut transaction = loop {
            match open.connection.begin_with("BEGIN IMMEDIATE").await.map_err(OpenError::from) {
                Ok(transaction) => break transaction,
                Err(error) if error.is_busy() && started.elapsed() < A::PATIENCE => {
                    self.contention.met().await;
                }
                Err(error) => return Err(error),
            }
        };
        drop(turn);
        let answers = A::write(batch, &mut transaction).await?;
        transaction.commit().await?;
        self.contention.ended();
        let place = others.place();
        let is_there = place.remember_wal(&mut open).and_then(|()| place.check(&open));
        if let Err(error) = is_there {
            self.end(open).await;
            return Err(error);
        }
        self.open = Some(open);
        self.checkpoints.count(batch.len());
        Ok(answers)
    }

    /// Closes all connections to files that are gone. The last moves what is in a WAL into its file,
    /// even when the WAL has no name any more; no other may be made before that.
    async fn end(&mut self, open: Open) {
        self.checkpoints.end().await;
        self.others.end().await;
        drop(open.connection.close().await);
        self.checkpoints = Checkpoints::new(self.options.clone());
    }
}
