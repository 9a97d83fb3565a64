//! The one writer: what is asked at the same time shares a commit.

use sqlx::{
    Connection as _,
    sqlite::{SqliteConnectOptions, SqliteConnection},
};

use super::{
    checkpoint::Checkpoints,
    file::{Open, OpenError, Place},
};
use crate::{
    StoreError,
    queue::{Ask, Asked, Asking, Trouble},
};

/// The most in one commit.
const MOST_AT_ONCE: usize = 256;

/// What a writer can do.
pub(super) trait Write: Ask + Sized {
    /// Does all of it within a transaction that has begun: as many answers, in the same order.
    fn write(
        batch: &[Asked<Self>],
        connection: &mut SqliteConnection,
    ) -> impl Future<Output = Result<Vec<Self::Answer>, sqlx::Error>> + Send;
}

/// Runs until nobody can ask any more.
pub(super) async fn run<A: Write>(
    options: SqliteConnectOptions,
    place: Place,
    open: Open,
    asking: Asking<A>,
    trouble: Trouble,
) {
    let checkpoints = Checkpoints::new(options.clone());
    let mut writer = Writer { options, place, open: Some(open), checkpoints };
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
    place: Place,
    open: Option<Open>,
    checkpoints: Checkpoints,
}

impl Writer {
    /// All of them, or, when one fails, none.
    async fn commit<A: Write>(&mut self, batch: &[Asked<A>]) -> Result<Vec<A::Answer>, OpenError> {
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
        let answers = A::write(batch, &mut transaction).await?;
        transaction.commit().await?;
        let is_there = self.place.remember_wal(&mut open).and_then(|()| self.place.check(&open));
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
        drop(open.connection.close().await);
        self.checkpoints = Checkpoints::new(self.options.clone());
    }
}
