//! Storing events: a mark, a row and a body each.

use sqlx::{Row as _, sqlite::SqliteConnection};

use crate::{
    Lease,
    inbox::{Acceptance, NewEvent},
    sqlite::{batch::portions, statement::over},
};

/// An event, and what its mark is made with.
pub(super) type New<'e> = (&'e NewEvent, &'e Lease);

/// Accepts a portion of events, and says of each what became of it.
pub(super) async fn accept(
    connection: &mut SqliteConnection,
    events: &[New<'_>],
) -> Result<Vec<Acceptance>, sqlx::Error> {
    let rows = mark(connection, events).await?;
    let (mut accepted, mut known) = (Vec::with_capacity(events.len()), Vec::new());
    for (number, (event, lease)) in (0_i64..).zip(events) {
        match rows.iter().find(|(owner, _)| owner == lease.owner()) {
            Some((_, row)) => accepted.push((*row, *event)),
            None => known.push((number, *event)),
        }
    }
    for portion in portions(&accepted) {
        insert(connection, portion).await?;
        insert_bodies(connection, portion).await?;
    }
    let mut acceptances = vec![Acceptance::Accepted; events.len()];
    for portion in portions(&known) {
        let done = done(connection, portion).await?;
        for (number, _) in portion {
            let acceptance = usize::try_from(*number).ok().and_then(|at| acceptances.get_mut(at));
            if let Some(acceptance) = acceptance {
                *acceptance = if done.contains(number) {
                    Acceptance::Duplicate
                } else {
                    Acceptance::InProgress
                };
            }
        }
    }
    Ok(acceptances)
}

/// Marks what is neither done nor leased by `Once`. The owners of these marks, and the rows that the
/// events are to have.
///
/// It comes first, so that also a transaction that was begun to read waits here for others that
/// write.
async fn mark(
    connection: &mut SqliteConnection,
    events: &[New<'_>],
) -> Result<Vec<(Vec<u8>, i64)>, sqlx::Error> {
    let statement = over(
        "WITH new (number, label, id, owner) AS (VALUES ",
        "(?, ?, ?, ?)",
        events.len(),
        concat!(
            ") INSERT INTO topper_event (label, id, owner, done_at, inbox) ",
            "SELECT label, id, owner, ",
            now!(),
            ", number + coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'topper_inbox'), 0) ",
            "FROM new WHERE owner IS NOT NULL ",
            "ON CONFLICT DO UPDATE SET owner = excluded.owner, done_at = excluded.done_at, ",
            "inbox = excluded.inbox, expires_at = NULL, failed_at = NULL, last_error = NULL ",
            "WHERE done_at IS NULL AND expires_at <= ",
            now!(),
            " RETURNING owner, inbox",
        ),
    );
    let mut query = sqlx::query(statement);
    for (number, (event, lease)) in (1_i64..).zip(events) {
        query =
            query.bind(number).bind(event.key().label()).bind(event.key().id()).bind(lease.owner());
    }
    let rows = query.fetch_all(connection).await?;
    rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect()
}

async fn insert(
    connection: &mut SqliteConnection,
    events: &[(i64, &NewEvent)],
) -> Result<(), sqlx::Error> {
    let statement = over(
        "WITH new (row, label, id, name, order_id, updated_at, rank) AS (VALUES ",
        "(?, ?, ?, ?, ?, ?, ?)",
        events.len(),
        concat!(
            ") INSERT INTO topper_inbox (row, label, id, name, order_id, updated_at, rank, ",
            "received_at, state, due_at, tried_since) SELECT new.*, ",
            now!(),
            ", 0, ",
            now!(),
            ", ",
            now!(),
            " FROM new WHERE row IS NOT NULL",
        ),
    );
    let mut query = sqlx::query(statement);
    for (row, event) in events {
        let place = event.order();
        query = query
            .bind(row)
            .bind(event.key().label())
            .bind(event.key().id())
            .bind(event.name())
            .bind(place.map(|place| place.order_id.as_str()))
            .bind(place.and_then(|place| place.updated_at))
            .bind(place.map_or(0, |place| place.rank));
    }
    query.execute(connection).await.map(drop)
}

async fn insert_bodies(
    connection: &mut SqliteConnection,
    events: &[(i64, &NewEvent)],
) -> Result<(), sqlx::Error> {
    let statement = over(
        "WITH new (row, body, signature, public_key) AS (VALUES ",
        "(?, ?, ?, ?)",
        events.len(),
        ") INSERT INTO topper_body (row, body, signature, public_key) \
         SELECT * FROM new WHERE row IS NOT NULL",
    );
    let mut query = sqlx::query(statement);
    for (row, event) in events {
        query = query.bind(row).bind(event.body()).bind(event.signature()).bind(event.public_key());
    }
    query.execute(connection).await.map(drop)
}

/// The numbers of the events that are done.
async fn done(
    connection: &mut SqliteConnection,
    events: &[(i64, &NewEvent)],
) -> Result<Vec<i64>, sqlx::Error> {
    let statement = over(
        "WITH known (number, label, id) AS (VALUES ",
        "(?, ?, ?)",
        events.len(),
        ") SELECT number FROM known CROSS JOIN topper_event AS e \
         ON e.label = known.label AND e.id = known.id WHERE e.done_at IS NOT NULL",
    );
    let mut query = sqlx::query_scalar(statement);
    for (number, event) in events {
        query = query.bind(number).bind(event.key().label()).bind(event.key().id());
    }
    query.fetch_all(connection).await
}
