//! Renewing a lease, and ending an attempt.

use std::time::Duration;

use sqlx::sqlite::SqliteConnection;

use super::{DEAD, DONE, PARKED, PENDING};
use crate::{
    inbox::{AttemptEnd, InboxLease},
    sqlite::{batch::portions, statement::over},
    term::milliseconds,
};

pub(super) async fn renew(
    connection: &mut SqliteConnection,
    lease: &InboxLease,
    term: Duration,
) -> Result<bool, sqlx::Error> {
    let renewed = sqlx::query(concat!(
        "UPDATE topper_inbox SET due_at = ",
        now!(),
        " + ?1 WHERE row = ?2 AND owner = ?3 AND state = 0",
    ))
    .bind(milliseconds(term))
    .bind(lease.row())
    .bind(lease.owner().as_slice())
    .execute(connection)
    .await?;
    Ok(renewed.rows_affected() == 1)
}

/// How an attempt ends.
pub(super) type End<'e> = (&'e InboxLease, &'e AttemptEnd);

/// Whether each has ended so: now, or before by a call whose answer got lost.
pub(super) async fn end(
    connection: &mut SqliteConnection,
    ends: &[End<'_>],
) -> Result<Vec<bool>, sqlx::Error> {
    let mut held = Vec::with_capacity(ends.len());
    for portion in portions(ends) {
        let ended = update(connection, portion).await?;
        for (lease, end) in portion {
            if matches!(end, AttemptEnd::Failed { .. }) && ended.contains(&lease.row()) {
                keep_in_order(connection, lease.row()).await?;
            }
        }
        for (lease, end) in portion {
            let has_ended =
                ended.contains(&lease.row()) || has_ended(connection, lease, end).await?;
            held.push(has_ended);
        }
    }
    Ok(held)
}

/// Marks an event as done, unless its lease is lost.
pub(super) async fn complete(
    connection: &mut SqliteConnection,
    lease: &InboxLease,
) -> Result<bool, sqlx::Error> {
    let ended = update(connection, &[(lease, &AttemptEnd::Done)]).await?;
    Ok(!ended.is_empty())
}

/// The rows of those attempts that were not over. An event that is pending again has no owner.
async fn update(
    connection: &mut SqliteConnection,
    ends: &[End<'_>],
) -> Result<Vec<i64>, sqlx::Error> {
    let statement = over(
        "WITH ended (row, owner, state, due_in, uncounted, error, reader) AS (VALUES ",
        "(?, ?, ?, ?, ?, ?, ?)",
        ends.len(),
        concat!(
            ") UPDATE topper_inbox AS i SET state = e.state, ",
            "due_at = CASE e.state WHEN 0 THEN ",
            now!(),
            " + e.due_in ELSE i.due_at END, ",
            "owner = CASE e.state WHEN 0 THEN NULL ELSE i.owner END, ",
            "attempts = max(i.attempts - e.uncounted, 0), ",
            "tries = max(i.tries - e.uncounted, 0), ",
            "last_error = coalesce(e.error, i.last_error), ",
            "failed_at = CASE WHEN e.error IS NULL THEN i.failed_at ELSE ",
            now!(),
            " END, reader = e.reader, done_at = CASE e.state WHEN 3 THEN ",
            now!(),
            " END FROM ended AS e ",
            "WHERE i.row = e.row AND i.owner = e.owner AND i.state = 0 RETURNING row",
        ),
    );
    let mut query = sqlx::query_scalar(statement);
    for (lease, end) in ends {
        let retry_in = match end {
            AttemptEnd::Failed { retry_in, .. } | AttemptEnd::GivenBack { retry_in } => *retry_in,
            _ => Duration::ZERO,
        };
        let (error, reader) = match end {
            AttemptEnd::Parked { error, reader } => (Some(error), *reader),
            AttemptEnd::Failed { error, .. } | AttemptEnd::Dead { error } => (Some(error), None),
            AttemptEnd::Done | AttemptEnd::GivenBack { .. } => (None, None),
        };
        query = query
            .bind(lease.row())
            .bind(lease.owner().as_slice())
            .bind(state_after(end))
            .bind(milliseconds(retry_in))
            .bind(i64::from(matches!(end, AttemptEnd::GivenBack { .. })))
            .bind(error)
            .bind(reader);
    }
    query.fetch_all(connection).await
}

/// The others of a failed event's order that wait, as `o`; the event itself is `e`.
macro_rules! others_that_wait {
    () => {
        concat!(
            "o.order_id = e.order_id AND o.label = e.label AND o.state = 0 AND o.owner IS NULL ",
            "AND o.due_at > ",
            now!(),
            " AND (coalesce(o.updated_at, -9223372036854775808), o.rank, o.row) ",
        )
    };
}

/// Where a failed event comes in its order.
macro_rules! place_of_failed {
    () => {
        "(coalesce(e.updated_at, -9223372036854775808), e.rank, e.row)"
    };
}

/// An event has failed: no event of its order that waits is due before one that goes first.
async fn keep_in_order(connection: &mut SqliteConnection, row: i64) -> Result<(), sqlx::Error> {
    const WITH_THE_NEXT: &str = concat!(
        "UPDATE topper_inbox AS e SET due_at = min(e.due_at, coalesce((",
        "SELECT min(o.due_at) FROM topper_inbox AS o INDEXED BY topper_inbox_order WHERE ",
        others_that_wait!(),
        "> ",
        place_of_failed!(),
        "), e.due_at)) WHERE e.row = ?1 AND e.order_id IS NOT NULL",
    );
    const THOSE_BEFORE: &str = concat!(
        "UPDATE topper_inbox SET due_at = (SELECT due_at FROM topper_inbox WHERE row = ?1) ",
        "WHERE row IN (SELECT o.row FROM topper_inbox AS e ",
        "JOIN topper_inbox AS o INDEXED BY topper_inbox_order ON ",
        others_that_wait!(),
        "< ",
        place_of_failed!(),
        " WHERE e.row = ?1 AND o.due_at > e.due_at)",
    );
    for statement in [WITH_THE_NEXT, THOSE_BEFORE] {
        sqlx::query(statement).bind(row).execute(&mut *connection).await?;
    }
    Ok(())
}

async fn has_ended(
    connection: &mut SqliteConnection,
    lease: &InboxLease,
    end: &AttemptEnd,
) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar(
        "SELECT EXISTS (SELECT 1 FROM topper_inbox \
         WHERE row = ?1 AND owner = ?2 AND state = ?3 AND state <> 0)",
    )
    .bind(lease.row())
    .bind(lease.owner().as_slice())
    .bind(state_after(end))
    .fetch_one(connection)
    .await
}

fn state_after(end: &AttemptEnd) -> i64 {
    match end {
        AttemptEnd::Failed { .. } | AttemptEnd::GivenBack { .. } => PENDING,
        AttemptEnd::Parked { .. } => PARKED,
        AttemptEnd::Dead { .. } => DEAD,
        AttemptEnd::Done => DONE,
    }
}
