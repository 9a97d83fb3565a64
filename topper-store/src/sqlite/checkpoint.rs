//! Checkpoints next to the writer: they move what is committed from the WAL into the file.
//!
//! In a large file each event has a page of its own, so this takes its time. By itself SQLite does
//! it at the end of a commit, and all who wait for that commit wait for it.

use sqlx::{
    ConnectOptions as _, Connection as _,
    sqlite::{SqliteConnectOptions, SqliteConnection},
};
use tokio::{sync::mpsc, task::JoinHandle};

/// One is due after so many statements, each of which writes a page or two. The more, the less each
/// page costs.
const STATEMENTS: usize = 8000;
/// So many pages (128 MB) may be in the WAL before a commit does it after all: under a load without
/// a pause only that gets to the end of the WAL, which then begins again.
const MOST_PAGES: &str = "32768";

/// The writer's connection leaves checkpoints to [`Checkpoints`] for as long as it can.
pub(super) fn seldom_in_commits(options: SqliteConnectOptions) -> SqliteConnectOptions {
    options.pragma("wal_autocheckpoint", MOST_PAGES)
}

pub(super) struct Checkpoints {
    due: Option<mpsc::Sender<()>>,
    statements: usize,
    running: JoinHandle<()>,
}

impl Checkpoints {
    /// On a connection of their own, which is made when the first is due.
    pub(super) fn new(options: SqliteConnectOptions) -> Self {
        let (due, is_due) = mpsc::channel(1);
        Self { due: Some(due), statements: 0, running: tokio::spawn(run(options, is_due)) }
    }

    /// So many statements were committed.
    pub(super) fn count(&mut self, statements: usize) {
        self.statements += statements;
        // While another waits for its turn, each commit asks again.
        if self.statements >= STATEMENTS
            && let Some(due) = &self.due
            && due.try_send(()).is_ok()
        {
            self.statements = 0;
        }
    }

    /// Until their connection is closed.
    pub(super) async fn end(&mut self) {
        self.due = None;
        // The runtime may end.
        drop((&mut self.running).await);
    }
}

/// Runs until the writer has ended.
async fn run(options: SqliteConnectOptions, mut is_due: mpsc::Receiver<()>) {
    let mut kept: Option<SqliteConnection> = None;
    while is_due.recv().await.is_some() {
        let connection = match kept.take() {
            Some(connection) => Ok(connection),
            None => options.connect().await,
        };
        // What fails is left to the next, or in the end to a commit, whose error is told.
        if let Ok(mut connection) = connection
            && sqlx::query("PRAGMA wal_checkpoint(PASSIVE)").execute(&mut connection).await.is_ok()
        {
            kept = Some(connection);
        }
    }
    if let Some(connection) = kept {
        drop(connection.close().await);
    }
}

#[cfg(test)]
mod tests;
