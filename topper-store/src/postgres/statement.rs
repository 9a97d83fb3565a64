//! The statements. Each is atomic by itself, and tells time by the server's clock.

use std::time::Duration;

use sqlx::{
    Connection as _, Postgres,
    postgres::{PgArguments, PgConnection, PgRow},
    query::Query,
};

use crate::{Lease, term::milliseconds};

/// Each migration is applied once, in order; the number of the last is in `topper_store_version`.
const MIGRATIONS: [&str; 1] = [include_str!("../../migrations/postgres/1.sql")];
/// `topper` in ASCII: receivers that start at once migrate one after the other.
const MIGRATION_LOCK: i64 = 0x746f_7070_6572;

pub(super) async fn migrate(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    // Without a right to make tables a receiver can start, once they are there.
    if version(connection).await? >= last() {
        return Ok(());
    }
    let mut transaction = connection.begin().await?;
    sqlx::query("SELECT pg_advisory_xact_lock($1)")
        .bind(MIGRATION_LOCK)
        .execute(&mut *transaction)
        .await?;
    sqlx::raw_sql("CREATE TABLE IF NOT EXISTS topper_store_version (version bigint NOT NULL)")
        .execute(&mut *transaction)
        .await?;
    let version = version(&mut transaction).await?;
    for (number, migration) in (1..).zip(MIGRATIONS).filter(|(number, _)| *number > version) {
        sqlx::raw_sql(migration).execute(&mut *transaction).await?;
        sqlx::query("INSERT INTO topper_store_version VALUES ($1)")
            .bind(number)
            .execute(&mut *transaction)
            .await?;
    }
    transaction.commit().await
}

fn last() -> i64 {
    i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX)
}

async fn version(connection: &mut PgConnection) -> Result<i64, sqlx::Error> {
    let is_there: bool =
        sqlx::query_scalar("SELECT to_regclass('topper_store_version') IS NOT NULL")
            .fetch_one(&mut *connection)
            .await?;
    if !is_there {
        return Ok(0);
    }
    sqlx::query_scalar("SELECT coalesce(max(version), 0) FROM topper_store_version")
        .fetch_one(connection)
        .await
}

/// Says whether it was claimed, and whether it was done (null: it was not there).
///
/// What is done or leased is only read: that makes no dead row, and waits for no lock of a handler's
/// transaction.
pub(super) const CLAIM: &str = "\
    WITH seen AS ( \
        SELECT done_at IS NOT NULL AS is_done, \
               done_at IS NULL AND (owner = $3 OR expires_at <= clock_timestamp()) AS is_free \
        FROM topper_event WHERE label = $1 AND id = $2 \
    ), claimed AS ( \
        INSERT INTO topper_event AS event (label, id, owner, expires_at) \
        SELECT $1, $2, $3, clock_timestamp() + $4 * interval '1 millisecond' \
        WHERE NOT EXISTS (SELECT FROM seen WHERE NOT is_free) \
        ON CONFLICT (label, id) DO UPDATE \
        SET owner = excluded.owner, expires_at = excluded.expires_at \
        WHERE event.done_at IS NULL \
        AND (event.owner = excluded.owner OR event.expires_at <= clock_timestamp()) \
        RETURNING 1 \
    ) \
    SELECT EXISTS (SELECT FROM claimed), (SELECT is_done FROM seen)";

/// A row if the lease holds; [`is_locked`] if the handler's transaction is marking it.
pub(super) const RENEW: &str = "\
    WITH held AS ( \
        SELECT FROM topper_event \
        WHERE label = $1 AND id = $2 AND owner = $3 AND done_at IS NULL \
        FOR NO KEY UPDATE NOWAIT \
    ) \
    UPDATE topper_event SET expires_at = clock_timestamp() + $4 * interval '1 millisecond' \
    WHERE label = $1 AND id = $2 AND owner = $3 AND done_at IS NULL \
    AND EXISTS (SELECT FROM held) RETURNING 1";

/// A row if it is done by this owner, now or before.
pub(super) const COMPLETE: &str = "\
    WITH completed AS ( \
        INSERT INTO topper_event AS event (label, id, owner, done_at) \
        VALUES ($1, $2, $3, clock_timestamp()) \
        ON CONFLICT (label, id) DO UPDATE SET done_at = excluded.done_at, expires_at = NULL \
        WHERE event.done_at IS NULL AND event.owner = excluded.owner \
        RETURNING 1 \
    ) \
    SELECT 1 FROM completed UNION ALL \
    SELECT 1 FROM topper_event \
    WHERE label = $1 AND id = $2 AND owner = $3 AND done_at IS NOT NULL";

/// A row if there was such a lease.
pub(super) const RELEASE: &str = "\
    DELETE FROM topper_event \
    WHERE label = $1 AND id = $2 AND owner = $3 AND done_at IS NULL RETURNING 1";

/// A row if it was not done. The owner of a lease stays, so that it can complete.
pub(super) const CLAIM_IN: &str = "\
    INSERT INTO topper_event AS event (label, id, owner, done_at) \
    VALUES ($1, $2, $3, clock_timestamp()) \
    ON CONFLICT (label, id) DO UPDATE SET done_at = excluded.done_at, expires_at = NULL \
    WHERE event.done_at IS NULL RETURNING 1";

pub(super) async fn execute(
    connection: &mut PgConnection,
    statement: &'static str,
    lease: &Lease,
    term: Option<Duration>,
) -> Result<Option<PgRow>, sqlx::Error> {
    let query: Query<'_, Postgres, PgArguments> = sqlx::query(statement)
        .bind(lease.key().label().as_bytes())
        .bind(lease.key().id().as_bytes())
        .bind(lease.owner());
    let query = match term {
        Some(term) => query.bind(milliseconds(term)),
        None => query,
    };
    query.fetch_optional(connection).await
}

/// `lock_not_available`
pub(super) fn is_locked(error: &sqlx::Error) -> bool {
    error.as_database_error().and_then(|error| error.code()).as_deref() == Some("55P03")
}
