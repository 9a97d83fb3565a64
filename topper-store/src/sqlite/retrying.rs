//! What is being retried, for an operator.

use super::{connections::Connections, file::OpenError};
use crate::{EventKey, Retrying, term::time};

type Row = (String, String, i64, u32, i64, String);

/// Neither waits for the writer nor lets it wait.
pub(super) async fn read(others: &Connections, most: usize) -> Result<Vec<Retrying>, OpenError> {
    let mut reading = others.read().await?;
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT label, id, coalesce(first_seen_at, failed_at), attempts, failed_at, \
         coalesce(last_error, '') FROM topper_event \
         WHERE failed_at IS NOT NULL AND done_at IS NULL ORDER BY failed_at DESC LIMIT ?1",
    )
    .bind(i64::try_from(most).unwrap_or(i64::MAX))
    .fetch_all(&mut reading.connection)
    .await?;
    reading.end()?;
    Ok(rows.into_iter().map(retrying).collect())
}

fn retrying((label, id, first_seen_at, attempts, failed_at, last_error): Row) -> Retrying {
    Retrying {
        key: EventKey::new(&label, &id),
        first_seen_at: time(first_seen_at),
        attempts,
        failed_at: time(failed_at),
        last_error,
    }
}
