//! The shop's tables, next to those of the inbox in the same file.

use std::str::FromStr as _;

use topper::store::sqlx::{
    self, SqlitePool,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
};

/// The token of an order may be unknown, and is not unique: one with a periodicity starts many orders.
const TABLES: [&str; 4] = [
    "CREATE TABLE IF NOT EXISTS shop_user (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE)",
    "CREATE TABLE IF NOT EXISTS shop_login (secret TEXT PRIMARY KEY, user INTEGER NOT NULL)",
    "CREATE TABLE IF NOT EXISTS shop_token (id TEXT PRIMARY KEY, user INTEGER NOT NULL)",
    "CREATE TABLE IF NOT EXISTS shop_order (id TEXT PRIMARY KEY, token TEXT, \
     event TEXT NOT NULL, body BLOB NOT NULL)",
];

pub(crate) async fn open(url: &str) -> Result<SqlitePool, sqlx::Error> {
    let options = SqliteConnectOptions::from_str(url)?
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        // What is answered 200 must survive a power cut.
        .synchronous(SqliteSynchronous::Full);
    let database = SqlitePool::connect_with(options).await?;
    for table in TABLES {
        sqlx::query(table).execute(&database).await?;
    }
    Ok(database)
}
