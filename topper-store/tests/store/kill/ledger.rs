//! What handlers did: a line of a file, or a row in the database of the store, for each time.

use std::{fmt, io::Write as _, path::PathBuf};

use topper_core::{Outcome, Retry, Webhook};
use topper_store::Claim;

#[derive(Clone, Debug)]
pub(super) enum Ledger {
    File(PathBuf),
    /// A table that is written to in the transaction which claims the event; the database's URL.
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
const COUNT: &str = "SELECT count(*) FROM ledger WHERE event = $1";
const INSERT: &str = "INSERT INTO ledger VALUES ($1)";

impl Ledger {
    pub(super) fn parse(text: &str) -> Self {
        if text.contains("://") { Self::Table(text.into()) } else { Self::File(text.into()) }
    }

    pub(super) async fn make(&self) {
        match self {
            Self::File(path) => drop(std::fs::File::create(path).unwrap()),
            Self::Table(_) => match self.open().await {
                Open::Sqlite(pool) => drop(sqlx::raw_sql(TABLE).execute(&pool).await.unwrap()),
                Open::Postgres(pool) => drop(sqlx::raw_sql(TABLE).execute(&pool).await.unwrap()),
                Open::File(_) => unreachable!(),
            },
        }
    }

    pub(super) async fn times(&self, id: &str) -> u64 {
        let count: i64 = match self.open().await {
            Open::File(path) => {
                let text = std::fs::read_to_string(path).unwrap();
                return u64::try_from(text.lines().filter(|line| *line == id).count()).unwrap();
            }
            Open::Sqlite(pool) => {
                sqlx::query_scalar(COUNT).bind(id).fetch_one(&pool).await.unwrap()
            }
            Open::Postgres(pool) => {
                sqlx::query_scalar(COUNT).bind(id).fetch_one(&pool).await.unwrap()
            }
        };
        u64::try_from(count).unwrap()
    }

    pub(super) async fn open(&self) -> Open {
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
pub(super) enum Open {
    File(PathBuf),
    Sqlite(sqlx::SqlitePool),
    Postgres(sqlx::PgPool),
}

impl Open {
    /// The work of a handler.
    pub(super) async fn write(&self, webhook: &Webhook) -> Result<Outcome, Retry> {
        match self {
            Self::File(path) => {
                let mut file = std::fs::OpenOptions::new().append(true).open(path)?;
                file.write_all(format!("{}\n", webhook.id()).as_bytes())?;
            }
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
