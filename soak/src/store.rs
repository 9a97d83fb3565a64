//! The stores, which fail now and then.

use std::{
    io,
    path::{Path, PathBuf},
    str::FromStr as _,
    sync::Mutex,
    thread,
    time::{Duration, Instant},
};

use tokio::runtime::Handle;
use topper::store::sqlx::{Connection as _, SqliteConnection, query, sqlite::SqliteConnectOptions};
use topper_processes::{Postgres, Redis};

use crate::{journal::Journal, run::lock};

/// After a failure, receivers take so long to connect again.
const RECOVERY: Duration = Duration::from_secs(3);

#[derive(Debug)]
pub(crate) struct Store {
    pub(crate) name: &'static str,
    server: Mutex<Server>,
    /// Since when it works; `None` while it fails.
    works_since: Mutex<Option<Instant>>,
}

#[derive(Debug)]
enum Server {
    /// The files, which have no server.
    Sqlite(Vec<PathBuf>),
    Postgres(Postgres),
    Redis(Redis),
}

impl Store {
    /// Starts a server in a folder.
    pub(crate) fn start(name: &'static str, folder: &Path) -> io::Result<Self> {
        let server = match name {
            "postgres" => Server::Postgres(Postgres::start(&folder.join(name), &[])?),
            "redis" => Server::Redis(Redis::start(&folder.join(name))?),
            _ => Server::Sqlite(Vec::new()),
        };
        let works_since = Mutex::new(Some(Instant::now()));
        Ok(Self { name, server: Mutex::new(server), works_since })
    }

    /// Makes a database for a mode, and returns its URL.
    pub(crate) fn database(&self, mode: &str, folder: &Path) -> io::Result<String> {
        match &mut *lock(&self.server) {
            Server::Sqlite(files) => {
                let file = folder.join(format!("{mode}.db"));
                let url = format!("sqlite://{}", file.display());
                files.push(file);
                Ok(url)
            }
            Server::Postgres(postgres) => postgres.database(mode),
            Server::Redis(redis) => Ok(redis.url()),
        }
    }

    /// Whether it worked all the time since then, and some seconds before.
    pub(crate) fn has_worked_since(&self, time: Instant) -> bool {
        lock(&self.works_since).is_some_and(|since| since + RECOVERY <= time)
    }

    /// Lets it fail for some time: a server ends, told to or as if it crashed, and starts again; the
    /// files of SQLite are locked by another program.
    pub(crate) fn fail(
        &self,
        time: Duration,
        is_told: bool,
        journal: &Journal,
        runtime: &Handle,
    ) -> io::Result<()> {
        *lock(&self.works_since) = None;
        journal.down(self.name);
        let failed = match &mut *lock(&self.server) {
            Server::Sqlite(files) => runtime.block_on(hold(files, time)),
            Server::Postgres(postgres) => postgres.end(is_told).and_then(|()| {
                thread::sleep(time);
                postgres.begin()
            }),
            Server::Redis(redis) => redis.end(is_told).and_then(|()| {
                thread::sleep(time);
                redis.begin()
            }),
        };
        journal.up(self.name);
        *lock(&self.works_since) = Some(Instant::now());
        failed.map_err(|error| io::Error::other(format!("{}: {error}", self.name)))
    }
}

/// Holds the lock that every writer needs.
async fn hold(files: &[PathBuf], time: Duration) -> io::Result<()> {
    let mut holders = Vec::new();
    for file in files {
        let options = SqliteConnectOptions::from_str(&format!("sqlite://{}", file.display()));
        let options = options.map_err(io::Error::other)?;
        let connected = SqliteConnection::connect_with(&options).await;
        let mut holder = connected.map_err(io::Error::other)?;
        // It waits 5 s for its turn.
        query("BEGIN IMMEDIATE").execute(&mut holder).await.map_err(io::Error::other)?;
        holders.push(holder);
    }
    tokio::time::sleep(time).await;
    for mut holder in holders {
        query("ROLLBACK").execute(&mut holder).await.map_err(io::Error::other)?;
        holder.close().await.map_err(io::Error::other)?;
    }
    Ok(())
}
