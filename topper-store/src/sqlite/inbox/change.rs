//! What an operator does, and what is purged.

use std::time::Duration;

use sqlx::{QueryBuilder, sqlite::SqliteConnection};

use super::{filter, rows_in_json};
use crate::{
    EventKey,
    inbox::{Change, Changed, EventState, OrderPlace},
    term::milliseconds,
};

const RETRY: &str = concat!(
    "state = 0, owner = NULL, tries = 0, done_at = NULL, due_at = ",
    now!(),
    ", tried_since = ",
    now!(),
);
const BURY: &str = concat!("state = 4, owner = NULL, done_at = ", now!());

/// Changes those of the rows that may still be changed.
pub(super) async fn change(
    connection: &mut SqliteConnection,
    rows: &[i64],
    change: Change,
    state: Option<EventState>,
) -> Result<Changed, sqlx::Error> {
    // By their rows: by an index of states it would go through all that are in the same.
    let mut query = QueryBuilder::new("UPDATE topper_inbox AS i NOT INDEXED SET ");
    query.push(match change {
        Change::Retry => RETRY,
        Change::Bury => BURY,
    });
    query.push(" WHERE i.row IN (SELECT value FROM json_each(");
    query.push_bind(rows_in_json(rows.iter().copied()));
    query.push(")) AND ").push(filter::may(change, state));
    if let Some(state) = state {
        query.push(" AND ").push(filter::is(state));
    }
    query.push(" RETURNING row");
    let changed: Vec<i64> = query.build_query_scalar().fetch_all(connection).await?;
    Ok(Changed {
        count: u64::try_from(changed.len()).unwrap_or(u64::MAX),
        last_row: changed.into_iter().max().unwrap_or(0),
    })
}

/// Writes a page, as it was: whether there is room on the disk shows only then.
pub(super) async fn touch(connection: &mut SqliteConnection) -> Result<bool, sqlx::Error> {
    for statement in [
        "INSERT INTO topper_body (row, body, signature, public_key) VALUES (-1, x'', '', '')",
        "DELETE FROM topper_body WHERE row = -1",
    ] {
        sqlx::query(statement).execute(&mut *connection).await?;
    }
    Ok(true)
}

/// Makes a parked event due, and gives it its place in its order.
pub(super) async fn unpark(
    connection: &mut SqliteConnection,
    key: &EventKey,
    order: Option<&OrderPlace>,
) -> Result<bool, sqlx::Error> {
    let unparked = sqlx::query(concat!(
        "UPDATE topper_inbox SET state = 0, owner = NULL, tries = 0, due_at = ",
        now!(),
        ", tried_since = ",
        now!(),
        ", order_id = ?1, updated_at = ?2, rank = ?3 ",
        "WHERE row = (SELECT inbox FROM topper_event WHERE label = ?4 AND id = ?5) AND state = 1",
    ))
    .bind(order.map(|place| place.order_id.as_str()))
    .bind(order.and_then(|place| place.updated_at))
    .bind(order.map_or(0, |place| place.rank))
    .bind(key.label())
    .bind(key.id())
    .execute(connection)
    .await?;
    Ok(unparked.rows_affected() == 1)
}

/// Deletes events with their bodies. Their marks stay, but lead nowhere.
pub(super) async fn purge(
    connection: &mut SqliteConnection,
    age: Duration,
    most: usize,
) -> Result<u64, sqlx::Error> {
    let old: Vec<i64> = sqlx::query_scalar(concat!(
        "SELECT row FROM topper_inbox WHERE done_at <= ",
        now!(),
        " - ?1 ORDER BY done_at LIMIT ?2",
    ))
    .bind(milliseconds(age))
    .bind(i64::try_from(most).unwrap_or(i64::MAX))
    .fetch_all(&mut *connection)
    .await?;
    if old.is_empty() {
        return Ok(0);
    }
    let rows = rows_in_json(old.iter().copied());
    for statement in [
        "UPDATE topper_event SET inbox = NULL WHERE (label, id) IN (SELECT i.label, i.id \
         FROM json_each(?1) AS old CROSS JOIN topper_inbox AS i ON i.row = old.value)",
        "DELETE FROM topper_body WHERE row IN (SELECT value FROM json_each(?1))",
        "DELETE FROM topper_inbox WHERE row IN (SELECT value FROM json_each(?1))",
    ] {
        sqlx::query(statement).bind(&rows).execute(&mut *connection).await?;
    }
    Ok(u64::try_from(old.len()).unwrap_or(u64::MAX))
}
