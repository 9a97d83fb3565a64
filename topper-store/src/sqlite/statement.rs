//! The statements. Each is a step of a transaction.

use std::time::Duration;

use sqlx::{Connection as _, sqlite::SqliteConnection};

use crate::{Claim, Lease, term::milliseconds};

/// Each migration is applied once, in order; the number of the last is in `topper_store_version`.
const MIGRATIONS: [&str; 1] = [include_str!("../../migrations/sqlite/1.sql")];

/// Makes the table, unless it is there.
pub(super) async fn migrate(connection: &mut SqliteConnection) -> Result<(), sqlx::Error> {
    let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
    sqlx::raw_sql(
        "CREATE TABLE IF NOT EXISTS topper_store_version (version INTEGER NOT NULL) STRICT",
    )
    .execute(&mut *transaction)
    .await?;
    let version: i64 =
        sqlx::query_scalar("SELECT coalesce(max(version), 0) FROM topper_store_version")
            .fetch_one(&mut *transaction)
            .await?;
    for (number, migration) in (1_i64..).zip(MIGRATIONS).filter(|(number, _)| *number > version) {
        sqlx::raw_sql(migration).execute(&mut *transaction).await?;
        sqlx::query("INSERT INTO topper_store_version VALUES (?1)")
            .bind(number)
            .execute(&mut *transaction)
            .await?;
    }
    // Says now, and not at the first event, when the file cannot be written to.
    sqlx::query("UPDATE topper_store_version SET version = version")
        .execute(&mut *transaction)
        .await?;
    transaction.commit().await
}

pub(super) async fn claim(
    connection: &mut SqliteConnection,
    lease: &Lease,
    term: Duration,
) -> Result<Claim, sqlx::Error> {
    let claimed = sqlx::query(
        "INSERT INTO topper_event (label, id, owner, expires_at) \
         VALUES (?1, ?2, ?3, CAST(unixepoch('subsec') * 1000 AS INTEGER) + ?4) \
         ON CONFLICT DO UPDATE SET owner = excluded.owner, expires_at = excluded.expires_at \
         WHERE done_at IS NULL AND (owner = excluded.owner \
         OR expires_at <= CAST(unixepoch('subsec') * 1000 AS INTEGER))",
    )
    .bind(lease.key().label())
    .bind(lease.key().id())
    .bind(lease.owner())
    .bind(milliseconds(term))
    .execute(&mut *connection)
    .await?;
    if claimed.rows_affected() == 1 {
        return Ok(Claim::New);
    }
    let is_done: bool = sqlx::query_scalar(
        "SELECT done_at IS NOT NULL FROM topper_event WHERE label = ?1 AND id = ?2",
    )
    .bind(lease.key().label())
    .bind(lease.key().id())
    .fetch_one(connection)
    .await?;
    Ok(if is_done { Claim::Done } else { Claim::InProgress })
}

pub(super) async fn renew(
    connection: &mut SqliteConnection,
    lease: &Lease,
    term: Duration,
) -> Result<bool, sqlx::Error> {
    let renewed = sqlx::query(
        "UPDATE topper_event SET expires_at = CAST(unixepoch('subsec') * 1000 AS INTEGER) + ?4 \
         WHERE label = ?1 AND id = ?2 AND owner = ?3 AND done_at IS NULL",
    )
    .bind(lease.key().label())
    .bind(lease.key().id())
    .bind(lease.owner())
    .bind(milliseconds(term))
    .execute(connection)
    .await?;
    Ok(renewed.rows_affected() == 1)
}

pub(super) async fn complete(
    connection: &mut SqliteConnection,
    lease: &Lease,
) -> Result<bool, sqlx::Error> {
    let completed = sqlx::query(
        "INSERT INTO topper_event (label, id, owner, done_at) \
         VALUES (?1, ?2, ?3, CAST(unixepoch('subsec') * 1000 AS INTEGER)) \
         ON CONFLICT DO UPDATE SET done_at = excluded.done_at, expires_at = NULL \
         WHERE done_at IS NULL AND owner = excluded.owner",
    )
    .bind(lease.key().label())
    .bind(lease.key().id())
    .bind(lease.owner())
    .execute(&mut *connection)
    .await?;
    if completed.rows_affected() == 1 {
        return Ok(true);
    }
    // Done by the same owner, in a transaction or by a call whose answer got lost; nothing to write.
    let is_done: Option<bool> = sqlx::query_scalar(
        "SELECT done_at IS NOT NULL FROM topper_event WHERE label = ?1 AND id = ?2 AND owner = ?3",
    )
    .bind(lease.key().label())
    .bind(lease.key().id())
    .bind(lease.owner())
    .fetch_optional(connection)
    .await?;
    Ok(is_done == Some(true))
}

pub(super) async fn release(
    connection: &mut SqliteConnection,
    lease: &Lease,
) -> Result<bool, sqlx::Error> {
    let released = sqlx::query(
        "DELETE FROM topper_event WHERE label = ?1 AND id = ?2 AND owner = ?3 AND done_at IS NULL",
    )
    .bind(lease.key().label())
    .bind(lease.key().id())
    .bind(lease.owner())
    .execute(connection)
    .await?;
    Ok(released.rows_affected() == 1)
}

/// Done by whoever comes first. The owner of a lease stays, so that it can complete.
pub(super) async fn claim_in(
    connection: &mut SqliteConnection,
    lease: &Lease,
) -> Result<Claim, sqlx::Error> {
    let claimed = sqlx::query(
        "INSERT INTO topper_event (label, id, owner, done_at) \
         VALUES (?1, ?2, ?3, CAST(unixepoch('subsec') * 1000 AS INTEGER)) \
         ON CONFLICT DO UPDATE SET done_at = excluded.done_at, expires_at = NULL \
         WHERE done_at IS NULL",
    )
    .bind(lease.key().label())
    .bind(lease.key().id())
    .bind(lease.owner())
    .execute(connection)
    .await?;
    Ok(if claimed.rows_affected() == 1 { Claim::New } else { Claim::Done })
}
