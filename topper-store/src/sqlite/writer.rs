//! The one writer: what is asked at the same time shares a commit.

use std::{sync::Arc, time::Duration};

use sqlx::{
    ConnectOptions as _, Connection as _,
    sqlite::{SqliteConnectOptions, SqliteConnection},
};
use tokio::sync::{mpsc, oneshot};

use super::{checkpoint::Checkpoints, statement};
use crate::{Claim, Lease};

/// The most in one commit.
const MOST_AT_ONCE: usize = 256;

/// What is asked of the writer. A `bool` tells whether the lease holds.
pub(super) enum Asked {
    Claim(Lease, Duration, Answer<Claim>),
    Renew(Lease, Duration, Answer<bool>),
    Complete(Lease, Answer<bool>),
    Release(Lease, Answer<bool>),
}

impl Asked {
    async fn execute(&mut self, connection: &mut SqliteConnection) -> Result<(), sqlx::Error> {
        match self {
            Self::Claim(lease, term, answer) => {
                answer.found = Some(statement::claim(connection, lease, *term).await?);
            }
            Self::Renew(lease, term, answer) => {
                answer.found = Some(statement::renew(connection, lease, *term).await?);
            }
            Self::Complete(lease, answer) => {
                answer.found = Some(statement::complete(connection, lease).await?);
            }
            Self::Release(lease, answer) => {
                answer.found = Some(statement::release(connection, lease).await?);
            }
        }
        Ok(())
    }

    fn is_waited_for(&self) -> bool {
        match self {
            Self::Claim(.., answer) => !answer.channel.is_closed(),
            Self::Renew(.., answer) | Self::Complete(_, answer) | Self::Release(_, answer) => {
                !answer.channel.is_closed()
            }
        }
    }

    fn answer(self, error: Option<&Arc<sqlx::Error>>) {
        match self {
            Self::Claim(.., answer) => answer.tell(error),
            Self::Renew(.., answer) | Self::Complete(_, answer) | Self::Release(_, answer) => {
                answer.tell(error);
            }
        }
    }
}

/// What was found, to be told once it is committed.
pub(super) struct Answer<T> {
    channel: oneshot::Sender<Result<T, Arc<sqlx::Error>>>,
    found: Option<T>,
}

impl<T> Answer<T> {
    pub(super) fn new() -> (Self, oneshot::Receiver<Result<T, Arc<sqlx::Error>>>) {
        let (channel, answered) = oneshot::channel();
        (Self { channel, found: None }, answered)
    }

    fn tell(self, error: Option<&Arc<sqlx::Error>>) {
        match (error, self.found) {
            // Nobody may be waiting any more.
            (Some(error), _) => drop(self.channel.send(Err(Arc::clone(error)))),
            (None, Some(found)) => drop(self.channel.send(Ok(found))),
            (None, None) => {}
        }
    }
}

/// Runs until nobody can ask any more.
pub(super) async fn run(
    options: SqliteConnectOptions,
    connection: SqliteConnection,
    mut asking: mpsc::Receiver<Asked>,
) {
    let mut connection = Some(connection);
    let mut checkpoints = Checkpoints::new(options.clone());
    let mut batch = Vec::with_capacity(MOST_AT_ONCE);
    while asking.recv_many(&mut batch, MOST_AT_ONCE).await > 0 {
        batch.retain(Asked::is_waited_for);
        let result = commit(&options, &mut connection, &mut batch).await;
        if result.is_ok() {
            checkpoints.count(batch.len());
        }
        let error = result.err().map(Arc::new);
        for asked in batch.drain(..) {
            asked.answer(error.as_ref());
        }
    }
    if let Some(connection) = connection {
        // All that was asked is answered; an error here changes nothing.
        drop(connection.close().await);
    }
}

/// All of them, or, when one fails, none.
async fn commit(
    options: &SqliteConnectOptions,
    kept: &mut Option<SqliteConnection>,
    batch: &mut [Asked],
) -> Result<(), sqlx::Error> {
    if batch.is_empty() {
        return Ok(());
    }
    // After an error it is not put back: when a disk is full SQLite rolls back by itself, and then
    // sqlx takes the connection to be within a transaction for ever.
    let mut connection = match kept.take() {
        Some(connection) => connection,
        None => options.connect().await?,
    };
    let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
    for asked in batch {
        asked.execute(&mut transaction).await?;
    }
    transaction.commit().await?;
    *kept = Some(connection);
    Ok(())
}
