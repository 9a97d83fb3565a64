//! Taking what is due.

use std::time::Duration;

use sqlx::{Row as _, sqlite::SqliteConnection, sqlite::SqliteRow};

use super::rows_in_json;
use crate::{
    EventKey,
    inbox::{InboxLease, Take, Taken},
    term::milliseconds,
};

/// What is due, due for longest first, unless another event of its order is in work, or is due and
/// goes first. A body that was deleted is empty, and does not match its signature.
const DUE: &str = concat!(
    "SELECT d.row, d.label, d.id, d.attempts, d.tries, ",
    now!(),
    " - d.tried_since, d.owner IS NOT NULL, ",
    "coalesce(b.body, x''), coalesce(b.signature, ''), coalesce(b.public_key, '') FROM (",
    "SELECT * FROM topper_inbox AS d INDEXED BY topper_inbox_due ",
    "WHERE state = 0 AND due_at <= ",
    now!(),
    " AND (order_id IS NULL OR NOT EXISTS (",
    "SELECT 1 FROM topper_inbox AS o INDEXED BY topper_inbox_order ",
    "WHERE o.order_id = d.order_id AND o.label = d.label AND o.state = 0 AND o.row <> d.row ",
    "AND CASE WHEN o.due_at > ",
    now!(),
    " THEN o.owner IS NOT NULL ELSE ",
    "(coalesce(o.updated_at, -9223372036854775808), o.rank, o.row) < ",
    "(coalesce(d.updated_at, -9223372036854775808), d.rank, d.row) END)) ",
    "ORDER BY due_at, row LIMIT ?1",
    ") AS d LEFT JOIN topper_body AS b ON b.row = d.row ORDER BY d.due_at, d.row",
);

const LEASE: &str = concat!(
    "UPDATE topper_inbox SET owner = ?1, due_at = ",
    now!(),
    " + ?2, attempts = attempts + 1, tries = tries + 1 ",
    "WHERE row IN (SELECT value FROM json_each(?3))",
);

pub(super) const IS_DUE: &str = concat!(
    "SELECT EXISTS (SELECT 1 FROM topper_inbox WHERE state = 0 AND due_at <= ",
    now!(),
    ")"
);

pub(super) async fn take(
    connection: &mut SqliteConnection,
    owner: [u8; 16],
    most: usize,
    term: Duration,
) -> Result<Take, sqlx::Error> {
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    let rows = sqlx::query(DUE).bind(most).fetch_all(&mut *connection).await?;
    let events: Vec<Taken> =
        rows.iter().map(|row| taken(row, owner)).collect::<Result<_, sqlx::Error>>()?;
    if !events.is_empty() {
        let rows = rows_in_json(events.iter().map(|taken| taken.lease.row()));
        sqlx::query(LEASE)
            .bind(owner.as_slice())
            .bind(milliseconds(term))
            .bind(rows)
            .execute(&mut *connection)
            .await?;
    }
    let is_more = sqlx::query_scalar(IS_DUE).fetch_one(connection).await?;
    Ok(Take { events, is_more })
}

/// As it is once it is leased.
fn taken(row: &SqliteRow, owner: [u8; 16]) -> Result<Taken, sqlx::Error> {
    let key = EventKey::new(row.try_get(1)?, row.try_get(2)?);
    let age: i64 = row.try_get(5)?;
    Ok(Taken {
        lease: InboxLease::new(key, row.try_get(0)?, owner),
        body: row.try_get(7)?,
        signature: row.try_get(8)?,
        public_key: row.try_get(9)?,
        attempts: row.try_get::<u32, _>(3)?.saturating_add(1),
        tries: row.try_get::<u32, _>(4)?.saturating_add(1),
        age: Duration::from_millis(u64::try_from(age).unwrap_or(0)),
        was_cut_off: row.try_get(6)?,
    })
}
