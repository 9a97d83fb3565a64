//! What an operator sees.

use std::time::Duration;

use sqlx::{
    QueryBuilder, Row as _, Sqlite,
    sqlite::{SqliteConnection, SqliteRow},
};

use super::{BURIED, DEAD, DONE, PARKED, filter};
use crate::{
    EventKey,
    inbox::{Change, EventFilter, EventState, InboxStats, StoredEvent},
    term::time,
};

const STORED: &str = concat!(
    "SELECT i.row, i.label, i.id, i.name, i.order_id, i.state, ",
    "i.owner IS NOT NULL AND i.due_at > ",
    now!(),
    ", i.received_at, i.due_at, i.attempts, i.last_error, i.failed_at, i.done_at, ",
    "coalesce(b.body, x''), coalesce(b.signature, ''), coalesce(b.public_key, '') FROM ",
);
const WITH_BODY_AFTER: &str = " LEFT JOIN topper_body AS b ON b.row = i.row WHERE i.row > ";

pub(super) async fn list(
    connection: &mut SqliteConnection,
    filter: &EventFilter,
    after: i64,
    most: usize,
) -> Result<Vec<StoredEvent>, sqlx::Error> {
    let mut query = QueryBuilder::new(STORED);
    query.push(filter::table(filter)).push(WITH_BODY_AFTER).push_bind(after);
    filter::push(&mut query, filter);
    fetch(connection, query, most).await
}

/// Those that other readers could not read.
pub(super) async fn parked(
    connection: &mut SqliteConnection,
    reader: &str,
    after: i64,
    most: usize,
) -> Result<Vec<StoredEvent>, sqlx::Error> {
    let mut query = QueryBuilder::new(STORED);
    query.push("topper_inbox AS i").push(WITH_BODY_AFTER).push_bind(after);
    query.push(" AND ").push(filter::is(EventState::Parked));
    // A reader that is NULL is not unlike any.
    query.push(" AND i.reader <> ").push_bind(reader.to_owned());
    fetch(connection, query, most).await
}

async fn fetch(
    connection: &mut SqliteConnection,
    mut query: QueryBuilder<Sqlite>,
    most: usize,
) -> Result<Vec<StoredEvent>, sqlx::Error> {
    query.push(" ORDER BY i.row LIMIT ").push_bind(i64::try_from(most).unwrap_or(i64::MAX));
    let rows = query.build().fetch_all(connection).await?;
    rows.iter().map(stored).collect()
}

fn stored(row: &SqliteRow) -> Result<StoredEvent, sqlx::Error> {
    let state = match row.try_get(5)? {
        PARKED => EventState::Parked,
        DEAD => EventState::Dead,
        DONE => EventState::Done,
        BURIED => EventState::Buried,
        _ if row.try_get(6)? => EventState::InWork,
        _ => EventState::Pending,
    };
    let is_open = matches!(state, EventState::Pending | EventState::InWork);
    let due_at: i64 = row.try_get(8)?;
    Ok(StoredEvent {
        key: EventKey::new(row.try_get(1)?, row.try_get(2)?),
        row: row.try_get(0)?,
        name: row.try_get(3)?,
        order_id: row.try_get(4)?,
        state,
        received_at: time(row.try_get(7)?),
        due_at: is_open.then(|| time(due_at)),
        attempts: row.try_get(9)?,
        last_error: row.try_get(10)?,
        failed_at: row.try_get::<Option<i64>, _>(11)?.map(time),
        done_at: row.try_get::<Option<i64>, _>(12)?.map(time),
        body: row.try_get(13)?,
        signature: row.try_get(14)?,
        public_key: row.try_get(15)?,
    })
}

/// The rows of the events that may be changed.
pub(super) async fn changeable(
    connection: &mut SqliteConnection,
    filter: &EventFilter,
    change: Change,
    after: i64,
    most: usize,
) -> Result<Vec<i64>, sqlx::Error> {
    let mut query = QueryBuilder::new("SELECT i.row FROM ");
    query.push(filter::table(filter)).push(" WHERE i.row > ").push_bind(after);
    filter::push(&mut query, filter);
    query.push(" AND ").push(filter::may(change, filter.state));
    query.push(" ORDER BY i.row LIMIT ").push_bind(i64::try_from(most).unwrap_or(i64::MAX));
    query.build_query_scalar().fetch_all(connection).await
}

pub(super) async fn count(
    connection: &mut SqliteConnection,
    filter: &EventFilter,
    change: Change,
) -> Result<u64, sqlx::Error> {
    let mut query = QueryBuilder::new("SELECT count(*) FROM ");
    query.push(filter::table(filter)).push(" WHERE ").push(filter::may(change, filter.state));
    filter::push(&mut query, filter);
    let count: i64 = query.build_query_scalar().fetch_one(connection).await?;
    Ok(u64::try_from(count).unwrap_or(0))
}

pub(super) async fn is_marked(
    connection: &mut SqliteConnection,
    key: &EventKey,
) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar(
        "SELECT EXISTS (SELECT 1 FROM topper_event \
         WHERE label = ?1 AND id = ?2 AND done_at IS NOT NULL)",
    )
    .bind(key.label())
    .bind(key.id())
    .fetch_one(connection)
    .await
}

/// Each figure from an index, and from few rows.
const STATS: &str = concat!(
    "SELECT (SELECT count(*) FROM topper_inbox WHERE state = 0), ",
    "(SELECT count(*) FROM topper_inbox WHERE state = 0 AND due_at <= ",
    now!(),
    "), (SELECT count(*) FROM topper_inbox WHERE state = 0 AND due_at > ",
    now!(),
    " AND owner IS NOT NULL), ",
    "(SELECT count(*) FROM topper_inbox WHERE state <> 3 AND state = 1), ",
    "(SELECT count(*) FROM topper_inbox WHERE state <> 3 AND state = 2), ",
    "(SELECT count(*) FROM topper_inbox WHERE state = 3 AND done_at >= ",
    now!(),
    " / 86400000 * 86400000), ",
    now!(),
    " - (SELECT received_at FROM topper_inbox WHERE state <> 3 AND state = 0 ORDER BY row LIMIT 1)",
);

pub(super) async fn stats(connection: &mut SqliteConnection) -> Result<InboxStats, sqlx::Error> {
    let row = sqlx::query(STATS).fetch_one(connection).await?;
    let count =
        |column: usize| row.try_get::<i64, _>(column).map(|n| u64::try_from(n).unwrap_or(0));
    let (open, in_work) = (count(0)?, count(2)?);
    let oldest: Option<i64> = row.try_get(6)?;
    Ok(InboxStats {
        pending: open.saturating_sub(in_work),
        due: count(1)?,
        in_work,
        parked: count(3)?,
        dead: count(4)?,
        done_today: count(5)?,
        oldest: oldest.map(|age| Duration::from_millis(u64::try_from(age).unwrap_or(0))),
    })
}
