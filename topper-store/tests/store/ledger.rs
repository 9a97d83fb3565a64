//! What handlers did: a line of a file, or a row in the database of the store, for each time.

use std::{
    collections::HashMap,
    fmt,
    io::{self, Write as _},
    path::PathBuf,
};

use topper_core::{Outcome, Retry, Webhook};
use topper_store::Claim;

#[derive(Clone, Debug)]
pub(crate) enum Ledger {
    File(PathBuf),
    /// A table that is written to in the transaction which marks the event; the database's URL.
    Table(String),
}

impl fmt::Display for Ledger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => path.display().fmt(f),
            Self::Table(url) => url.fmt(f),
        }
    }
}

/// Nothing in it forbids to write an event twice.
const TABLE: &str = "CREATE TABLE ledger (event TEXT NOT NULL)";
const ALL: &str = "SELECT event FROM ledger";
pub(crate) const INSERT: &str = "INSERT INTO ledger VALUES ($1)";

impl Ledger {
    pub(crate) fn parse(text: &str) -> Self {
        if text.contains("://") { Self::Table(text.into()) } else { Self::File(text.into()) }
    }

    pub(crate) async fn make(&self) {
        match self {
            Self::File(path) => drop(std::fs::File::create(path).unwrap()),
            Self::Table(_) => match self.open().await {
                Open::Sqlite(pool) => drop(sqlx::raw_sql(TABLE).execute(&pool).await.unwrap()),
                Open::Postgres(pool) => drop(sqlx::raw_sql(TABLE).execute(&pool).await.unwrap()),
                Open::File(_) => unreachable!(),
            },
        }
    }

    /// How often it was done.
    pub(crate) async fn times(&self, id: &str) -> u64 {
        self.counts().await.get(id).copied().unwrap_or(0)
    }

    /// How often each event was done.
    pub(crate) async fn counts(&self) -> HashMap<String, u64> {
        let all: Vec<String> = match self.open().await {
            Open::File(path) => {
                std::fs::read_to_string(path).unwrap().lines().map(str::to_owned).collect()
            }
            Open::Sqlite(pool) => sqlx::query_scalar(ALL).fetch_all(&pool).await.unwrap(),
            Open::Postgres(pool) => sqlx::query_scalar(ALL).fetch_all(&pool).await.unwrap(),
        };
        let mut counts = HashMap::new();
        for id in all {
            *counts.entry(id).or_default() += 1;
        }
        counts
    }

    pub(crate) async fn open(&self) -> Open {
        match self {
            Self::File(path) => Open::File(path.clone()),
            Self::Table(url) if url.starts_with("sqlite") => {
                use std::str::FromStr as _;
                let options = sqlx::sqlite::SqliteConnectOptions::from_str(url)
                    .unwrap()
                    .create_if_missing(true)
                    .journal_mode(sqlx::sqlite::SqliteJournalMode::Wal);
                let pool = sqlx::sqlite::SqlitePoolOptions::new().max_connections(1);
                Open::Sqlite(pool.connect_with(options).await.unwrap())
            }
            Self::Table(url) => {
                let pool = sqlx::postgres::PgPoolOptions::new().max_connections(8);
                Open::Postgres(pool.connect(url).await.unwrap())
            }
        }
    }
}

/// A ledger that is written to.
#[derive(Clone)]
pub(crate) enum Open {
    File(PathBuf),
    Sqlite(sqlx::SqlitePool),
    Postgres(sqlx::PgPool),
}

impl Open {
    /// Writes a line, when it is a file.
    pub(crate) fn append(&self, id: &str) -> io::Result<()> {
        let Self::File(path) = self else { unreachable!() };
        let mut file = std::fs::OpenOptions::new().append(true).open(path)?;
        file.write_all(format!("{id}\n").as_bytes())
    }

    /// The work of a handler of `Once`.
    pub(crate) async fn write(&self, webhook: &Webhook) -> Result<Outcome, Retry> {
        match self {
            Self::File(_) => self.append(webhook.id())?,
            Self::Sqlite(pool) => {
                let mut transaction = pool.begin_with("BEGIN IMMEDIATE").await?;
                if topper_store::SqliteStore::claim_in(&mut transaction, webhook).await?
                    == Claim::Done
                {
                    return Ok(Outcome::Duplicate);
                }
                sqlx::query(INSERT).bind(webhook.id()).execute(&mut *transaction).await?;
                transaction.commit().await?;
            }
            Self::Postgres(pool) => {
                let mut transaction = pool.begin().await?;
                if topper_store::PostgresStore::claim_in(&mut transaction, webhook).await?
                    == Claim::Done
                {
                    return Ok(Outcome::Duplicate);
                }
                sqlx::query(INSERT).bind(webhook.id()).execute(&mut *transaction).await?;
                transaction.commit().await?;
            }
        }
        Ok(Outcome::Processed)
    }
}
