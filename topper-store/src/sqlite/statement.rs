//! The statements. Each is a step of a transaction.

use std::time::Duration;

use sqlx::{AssertSqlSafe, Connection as _, sqlite::SqliteConnection};

use crate::{Claim, Lease, Seen, term::milliseconds};

/// Each migration is applied once, in order; the number of the last is in `topper_store_version`.
const MIGRATIONS: [&str; 2] =
    [include_str!("../../migrations/sqlite/1.sql"), include_str!("../../migrations/sqlite/2.sql")];

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

/// Claims what may be claimed, and says for which owners, and what is known of those events.
pub(super) async fn claim(
    connection: &mut SqliteConnection,
    claims: &[(&Lease, Duration)],
) -> Result<Claimed, sqlx::Error> {
    let statement = over(
        "WITH new (label, id, owner, term) AS (VALUES ",
        "(?, ?, ?, ?)",
        claims.len(),
        ") INSERT INTO topper_event (label, id, owner, first_seen_at, expires_at) \
         SELECT label, id, owner, CAST(unixepoch('subsec') * 1000 AS INTEGER), \
         CAST(unixepoch('subsec') * 1000 AS INTEGER) + term FROM new WHERE owner IS NOT NULL \
         ON CONFLICT DO UPDATE SET owner = excluded.owner, expires_at = excluded.expires_at, \
         attempts = attempts + (owner <> excluded.owner), \
         first_seen_at = coalesce(first_seen_at, excluded.first_seen_at) \
         WHERE done_at IS NULL AND (owner = excluded.owner \
         OR expires_at <= CAST(unixepoch('subsec') * 1000 AS INTEGER)) \
         RETURNING owner, attempts, iif(attempts = 1, 0, \
         CAST(unixepoch('subsec') * 1000 AS INTEGER) - first_seen_at)",
    );
    let mut query = sqlx::query_as(statement);
    for (lease, term) in claims {
        query = query
            .bind(lease.key().label())
            .bind(lease.key().id())
            .bind(lease.owner())
            .bind(milliseconds(*term));
    }
    query.fetch_all(connection).await.map(Claimed::new)
}

/// What keeps an event from being claimed.
pub(super) async fn is_done(
    connection: &mut SqliteConnection,
    lease: &Lease,
) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar("SELECT done_at IS NOT NULL FROM topper_event WHERE label = ?1 AND id = ?2")
        .bind(lease.key().label())
        .bind(lease.key().id())
        .fetch_one(connection)
        .await
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

/// Marks what is leased by its owner, or by no one, and says of which owners that is.
pub(super) async fn complete(
    connection: &mut SqliteConnection,
    leases: &[&Lease],
) -> Result<Owners, sqlx::Error> {
    let statement = over(
        "WITH ended (label, id, owner) AS (VALUES ",
        "(?, ?, ?)",
        leases.len(),
        ") INSERT INTO topper_event (label, id, owner, done_at) \
         SELECT label, id, owner, CAST(unixepoch('subsec') * 1000 AS INTEGER) FROM ended \
         WHERE owner IS NOT NULL \
         ON CONFLICT DO UPDATE SET owner = excluded.owner, done_at = excluded.done_at, \
         expires_at = NULL, failed_at = NULL, last_error = NULL \
         WHERE done_at IS NULL AND (owner = excluded.owner OR owner = x'') RETURNING owner",
    );
    let mut query = sqlx::query_scalar(statement);
    for lease in leases {
        query = query.bind(lease.key().label()).bind(lease.key().id()).bind(lease.owner());
    }
    query.fetch_all(connection).await.map(Owners::new)
}

/// Whether the same owner has done it, in a transaction or by a call whose answer got lost.
pub(super) async fn is_done_by(
    connection: &mut SqliteConnection,
    lease: &Lease,
) -> Result<bool, sqlx::Error> {
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

/// Sets the event free. What is known of it stays, unless this was the first attempt and the handler
/// did not run.
pub(super) async fn release(
    connection: &mut SqliteConnection,
    lease: &Lease,
    failure: Option<&str>,
) -> Result<bool, sqlx::Error> {
    let statements: &[&str] = match failure {
        Some(_) => &["UPDATE topper_event SET owner = x'', expires_at = 0, \
             failed_at = CAST(unixepoch('subsec') * 1000 AS INTEGER), last_error = ?4 \
             WHERE label = ?1 AND id = ?2 AND owner = ?3 AND done_at IS NULL"],
        None => &[
            "DELETE FROM topper_event WHERE label = ?1 AND id = ?2 AND owner = ?3 \
             AND done_at IS NULL AND attempts = 1 AND ?4 IS NULL",
            "UPDATE topper_event SET owner = x'', expires_at = 0, attempts = attempts - 1 \
             WHERE label = ?1 AND id = ?2 AND owner = ?3 AND done_at IS NULL AND ?4 IS NULL",
        ],
    };
    for statement in statements {
        let released = sqlx::query(*statement)
            .bind(lease.key().label())
            .bind(lease.key().id())
            .bind(lease.owner())
            .bind(failure)
            .execute(&mut *connection)
            .await?;
        if released.rows_affected() == 1 {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Marks it as done for the first caller. The owner of a lease stays, so that it can complete.
pub(super) async fn claim_in(
    connection: &mut SqliteConnection,
    lease: &Lease,
) -> Result<Claim, sqlx::Error> {
    let claimed: Option<(i64, Option<i64>)> = sqlx::query_as(
        "INSERT INTO topper_event (label, id, owner, first_seen_at, done_at) \
         VALUES (?1, ?2, ?3, CAST(unixepoch('subsec') * 1000 AS INTEGER), \
         CAST(unixepoch('subsec') * 1000 AS INTEGER)) \
         ON CONFLICT DO UPDATE SET done_at = excluded.done_at, expires_at = NULL, \
         attempts = attempts + (owner = x''), failed_at = NULL, last_error = NULL \
         WHERE done_at IS NULL RETURNING attempts, done_at - first_seen_at",
    )
    .bind(lease.key().label())
    .bind(lease.key().id())
    .bind(lease.owner())
    .fetch_optional(connection)
    .await?;
    Ok(match claimed {
        Some((attempts, since)) => Claim::New(Seen::of(attempts, since.unwrap_or_default())),
        None => Claim::Done,
    })
}

/// A statement over so many rows, or some more, so that few statements have to be prepared: what is not
/// bound is null, and a row of nulls must do nothing. Each statement is handed to a thread, so one over
/// many rows is far cheaper than many.
pub(super) fn over(before: &str, row: &str, count: usize, after: &str) -> AssertSqlSafe<String> {
    let count = count.next_power_of_two();
    let mut text = String::with_capacity(before.len() + count * (row.len() + 1) + after.len());
    text.push_str(before);
    for number in 0..count {
        if number > 0 {
            text.push(',');
        }
        text.push_str(row);
    }
    text.push_str(after);
    AssertSqlSafe(text)
}

/// The owners whose rows a statement wrote.
pub(super) struct Owners(Vec<Vec<u8>>);

impl Owners {
    fn new(mut owners: Vec<Vec<u8>>) -> Self {
        owners.sort_unstable();
        Self(owners)
    }

    pub(super) fn contain(&self, lease: &Lease) -> bool {
        self.0.binary_search_by(|owner| owner.as_slice().cmp(lease.owner())).is_ok()
    }
}

/// What is known of the events that a statement claimed, by their owners.
pub(super) struct Claimed(Vec<(Vec<u8>, Seen)>);

impl Claimed {
    fn new(rows: Vec<(Vec<u8>, i64, i64)>) -> Self {
        let seen = |(owner, attempts, since)| (owner, Seen::of(attempts, since));
        let mut claimed: Vec<_> = rows.into_iter().map(seen).collect();
        claimed.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
        Self(claimed)
    }

    pub(super) fn seen_by(&self, lease: &Lease) -> Option<Seen> {
        let found =
            self.0.binary_search_by(|(owner, _)| owner.as_slice().cmp(lease.owner())).ok()?;
        self.0.get(found).map(|(_, seen)| *seen)
    }
}
