//! What is being retried, for an operator.

use std::time::Duration;

use sqlx::{AssertSqlSafe, Connection as _, Row as _, postgres::PgRow, raw_sql};
use tokio::time::timeout;

use super::{connector::Connector, error::store_error, inbox::message::text, lane::NoAnswer};
use crate::{EventKey, Retrying, StoreError, term::time};

const ANSWER_TIME: Duration = Duration::from_secs(4);

/// On a connection of its own, so that no claim waits for it.
pub(super) async fn read(connector: &Connector, most: usize) -> Result<Vec<Retrying>, StoreError> {
    let mut connection = connector.connect().await?.connection;
    let statement = format!(
        "SELECT label, id, \
            (extract(epoch FROM coalesce(first_seen_at, failed_at)) * 1000)::bigint, attempts, \
            (extract(epoch FROM failed_at) * 1000)::bigint, coalesce(last_error, '') \
         FROM topper_event WHERE failed_at IS NOT NULL AND done_at IS NULL \
         ORDER BY failed_at DESC LIMIT {}",
        i64::try_from(most).unwrap_or(i64::MAX)
    );
    let rows = raw_sql(AssertSqlSafe(statement)).fetch_all(&mut connection);
    let rows =
        timeout(ANSWER_TIME, rows).await.map_err(|_| StoreError::new(NoAnswer(ANSWER_TIME)))?;
    let rows = rows.map_err(store_error)?;
    // It makes no difference whether it ends in good order.
    drop(connection.close().await);
    rows.iter().map(retrying).collect::<Result<_, _>>().map_err(store_error)
}

fn retrying(row: &PgRow) -> Result<Retrying, sqlx::Error> {
    Ok(Retrying {
        key: EventKey::new(&text(row, 0)?, &text(row, 1)?),
        first_seen_at: time(row.try_get(2)?),
        attempts: u32::try_from(row.try_get::<i32, _>(3)?).unwrap_or_default(),
        failed_at: time(row.try_get(4)?),
        last_error: text(row, 5)?,
    })
}
