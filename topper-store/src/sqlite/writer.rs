//! The one writer: what is asked at the same time shares a commit.

use sqlx::{
    Connection as _,
    sqlite::{SqliteConnectOptions, SqliteConnection},
};

use super::{
    checkpoint::Checkpoints,
    file::{Open, OpenError, Place},
    statement,
};
use crate::{
    Claim, StoreError,
    queue::{Asked, Asking, Step, Trouble, Verdict},
};

/// The most in one commit.
const MOST_AT_ONCE: usize = 256;

/// Runs until nobody can ask any more.
pub(super) async fn run(
    options: SqliteConnectOptions,
    place: Place,
    open: Open,
    asking: Asking,
    trouble: Trouble,
) {
    let checkpoints = Checkpoints::new(options.clone());
    let mut writer = Writer { options, place, open: Some(open), checkpoints };
    let mut batch = Vec::with_capacity(MOST_AT_ONCE);
    while asking.recv_many(&mut batch, MOST_AT_ONCE).await > 0 {
        batch.retain(Asked::take);
        match writer.commit(&batch).await.map_err(StoreError::new) {
            Ok(verdicts) => {
                trouble.set(None);
                for (asked, verdict) in batch.drain(..).zip(verdicts) {
                    asked.answer(Ok(verdict));
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
    place: Place,
    open: Option<Open>,
    checkpoints: Checkpoints,
}

impl Writer {
    /// All of them, or, when one fails, none.
    async fn commit(&mut self, batch: &[Asked]) -> Result<Vec<Verdict>, OpenError> {
        if batch.is_empty() {
            return Ok(Vec::new());
        }
        // After an error it is not put back: when a disk is full SQLite rolls back by itself, and then
        // sqlx takes the connection to be within a transaction for ever.
        let mut open = match self.open.take() {
            Some(open) => open,
            None => Open::again(&self.options, &self.place).await?,
        };
        if let Err(error) = self.place.check(&open) {
            self.end(open).await;
            return Err(error);
        }
        let mut transaction = open.connection.begin_with("BEGIN IMMEDIATE").await?;
        let mut verdicts = Vec::with_capacity(batch.len());
        for asked in batch {
            verdicts.push(step(&mut transaction, asked).await?);
        }
        transaction.commit().await?;
        let is_there = self.place.remember_wal(&mut open).and_then(|()| self.place.check(&open));
        if let Err(error) = is_there {
            self.end(open).await;
            return Err(error);
        }
        self.open = Some(open);
        self.checkpoints.count(batch.len());
        Ok(verdicts)
    }

    /// Closes all connections to files that are gone. The last moves what is in a WAL into its file,
    /// even when the WAL has no name any more; no other may be made before that.
    async fn end(&mut self, open: Open) {
        self.checkpoints.end().await;
        drop(open.connection.close().await);
        self.checkpoints = Checkpoints::new(self.options.clone());
    }
}

async fn step(connection: &mut SqliteConnection, asked: &Asked) -> Result<Verdict, sqlx::Error> {
    let lease = &asked.lease;
    let is_held = match asked.step {
        Step::Claim(term) => {
            return Ok(match statement::claim(connection, lease, term).await? {
                Claim::New => Verdict::Held,
                Claim::InProgress => Verdict::InProgress,
                Claim::Done => Verdict::Done,
            });
        }
        Step::Renew(term) => statement::renew(connection, lease, term).await?,
        Step::Complete => statement::complete(connection, lease).await?,
        Step::Release => statement::release(connection, lease).await?,
    };
    Ok(if is_held { Verdict::Held } else { Verdict::Lost })
}
