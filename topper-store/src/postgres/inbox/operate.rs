//! What an operator sees and does, and what a worker does in addition to its events.

use std::time::Duration;

use sqlx::{Row as _, postgres::PgRow};

use super::{
    filter::{self, IN_WORK, SHOWN_STATE},
    message::{count, microseconds, some_text, text, time},
    side::Side,
};
use crate::{
    EventKey, StoreError,
    inbox::{Change, Changed, EventFilter, EventState, InboxStats, OrderPlace, StoredEvent},
    postgres::{error::store_error, literal},
    term::milliseconds,
};

/// What makes an event due now, with new time until it is dead.
const AGAIN: &str = "state = 0, owner = NULL, done_at = NULL, due_at = statement_timestamp(), \
    tries = 0, tried_since = statement_timestamp()";

impl Side {
    pub(super) async fn list(
        &self,
        filter: &EventFilter,
        after: i64,
        most: usize,
    ) -> Result<Vec<StoredEvent>, StoreError> {
        self.events(&filter::conditions(filter), after, most).await
    }

    pub(super) async fn parked(
        &self,
        reader: &str,
        after: i64,
        most: usize,
    ) -> Result<Vec<StoredEvent>, StoreError> {
        let reader = literal::bytes(reader.as_bytes());
        // One without a reader is not what was accepted.
        self.events(&format!("state = 1 AND reader <> {reader}"), after, most).await
    }

    async fn events(
        &self,
        conditions: &str,
        after: i64,
        most: usize,
    ) -> Result<Vec<StoredEvent>, StoreError> {
        let times = ["received_at", "due_at", "failed_at", "done_at"].map(microseconds).join(", ");
        // The bodies of those that are shown, and of no other.
        let statement = format!(
            "SELECT row, label, id, name, order_id, attempts, last_error, {times}, \
                {SHOWN_STATE}, body, signature, public_key \
             FROM (SELECT * FROM topper_inbox WHERE row > '{after}'::bigint AND {conditions} \
                   ORDER BY row LIMIT {most}) e \
             LEFT JOIN topper_body USING (row) ORDER BY row"
        );
        let rows = self.ask(&statement).await?;
        rows.iter().map(stored).collect::<Result<_, _>>().map_err(store_error)
    }

    pub(super) async fn unpark(
        &self,
        key: &EventKey,
        order: Option<&OrderPlace>,
    ) -> Result<bool, StoreError> {
        let (label, id) = (key.label().as_bytes(), key.id().as_bytes());
        let mut set = AGAIN.to_owned();
        set.push_str(", order_id = ");
        literal::push_some_bytes(&mut set, order.map(|place| place.order_id.as_bytes()));
        set.push_str(", updated_at = ");
        literal::push_number(&mut set, order.and_then(|place| place.updated_at));
        let statement = format!(
            "UPDATE topper_inbox SET {set}, rank = {} WHERE state = 1 AND row = \
             (SELECT inbox FROM topper_event WHERE label = {} AND id = {}) RETURNING 1",
            order.map_or(0, |place| place.rank),
            literal::bytes(label),
            literal::bytes(id),
        );
        Ok(!self.ask(&statement).await?.is_empty())
    }

    pub(super) async fn change(
        &self,
        filter: &EventFilter,
        change: Change,
        after: i64,
        most: usize,
    ) -> Result<Changed, StoreError> {
        let set = match change {
            Change::Retry => AGAIN,
            Change::Bury => "state = 4, owner = NULL, done_at = statement_timestamp()",
        };
        let conditions = filter::changeable(filter, change);
        if conditions.is_empty() {
            return Ok(Changed::default());
        }
        // Each finds its index; what has changed since is asked once more when the rows are locked.
        let found: Vec<_> = conditions
            .iter()
            .map(|conditions| {
                format!(
                    "(SELECT row FROM topper_inbox WHERE row > '{after}'::bigint AND {conditions} \
                      ORDER BY row LIMIT {most})"
                )
            })
            .collect();
        let statement = format!(
            "WITH open AS (SELECT row FROM topper_inbox WHERE row = ANY (ARRAY( \
                SELECT row FROM ({}) f ORDER BY row LIMIT {most})) AND ({}) \
                FOR NO KEY UPDATE SKIP LOCKED), \
             changed AS (UPDATE topper_inbox SET {set} \
                WHERE row = ANY (ARRAY(SELECT row FROM open)) RETURNING row) \
             SELECT count(*), coalesce(max(row), 0) FROM changed",
            found.join(" UNION ALL "),
            conditions.join(" OR "),
        );
        let rows = self.ask(&statement).await?;
        let changed = rows.first().map(changed).transpose().map_err(store_error)?;
        Ok(changed.unwrap_or_default())
    }

    pub(super) async fn count(
        &self,
        filter: &EventFilter,
        change: Change,
    ) -> Result<u64, StoreError> {
        let mut found = 0;
        for conditions in filter::changeable(filter, change) {
            let statement = format!("SELECT count(*) FROM topper_inbox WHERE {conditions}");
            found += self.number(&statement).await?;
        }
        Ok(found)
    }

    pub(super) async fn is_marked(&self, key: &EventKey) -> Result<bool, StoreError> {
        let statement = format!(
            "SELECT 1 FROM topper_event WHERE label = {} AND id = {} AND done_at IS NOT NULL",
            literal::bytes(key.label().as_bytes()),
            literal::bytes(key.id().as_bytes()),
        );
        Ok(!self.ask(&statement).await?.is_empty())
    }

    pub(super) async fn purge(&self, age: Duration, most: usize) -> Result<u64, StoreError> {
        let age = milliseconds(age);
        let statement = format!(
            "WITH old AS MATERIALIZED (SELECT row, label, id FROM topper_inbox \
                WHERE done_at < statement_timestamp() - '{age}'::bigint * interval '1 millisecond' \
                ORDER BY done_at LIMIT {most} FOR UPDATE SKIP LOCKED), \
             bodies AS (DELETE FROM topper_body WHERE row = ANY (ARRAY(SELECT row FROM old))), \
             marks AS (UPDATE topper_event e SET inbox = NULL FROM old \
                WHERE e.label = old.label AND e.id = old.id AND e.inbox = old.row), \
             gone AS (DELETE FROM topper_inbox WHERE row = ANY (ARRAY(SELECT row FROM old)) \
                RETURNING 1) \
             SELECT count(*) FROM gone"
        );
        self.number(&statement).await
    }

    async fn number(&self, statement: &str) -> Result<u64, StoreError> {
        match self.ask(statement).await?.first() {
            Some(row) => count(row, 0).map_err(store_error),
            None => Ok(0),
        }
    }

    pub(super) async fn stats(&self) -> Result<InboxStats, StoreError> {
        let oldest = microseconds("statement_timestamp() - min(received_at)");
        let statement = format!(
            "SELECT count(*) FILTER (WHERE NOT {IN_WORK}), \
                count(*) FILTER (WHERE due_at <= statement_timestamp()), \
                count(*) FILTER (WHERE {IN_WORK}), \
                (SELECT count(*) FROM topper_inbox WHERE state = 1), \
                (SELECT count(*) FROM topper_inbox WHERE state = 2), \
                (SELECT count(*) FROM topper_inbox WHERE state = 3 AND done_at >= \
                    date_trunc('day', statement_timestamp() AT TIME ZONE 'UTC') AT TIME ZONE 'UTC'), \
                {oldest} \
             FROM topper_inbox WHERE state = 0"
        );
        let rows = self.ask(&statement).await?;
        let stats = rows.first().map(stats).transpose().map_err(store_error)?;
        Ok(stats.unwrap_or_default())
    }
}

fn changed(row: &PgRow) -> Result<Changed, sqlx::Error> {
    Ok(Changed { count: count(row, 0)?, last_row: row.try_get(1)? })
}

fn stats(row: &PgRow) -> Result<InboxStats, sqlx::Error> {
    Ok(InboxStats {
        pending: count(row, 0)?,
        due: count(row, 1)?,
        in_work: count(row, 2)?,
        parked: count(row, 3)?,
        dead: count(row, 4)?,
        done_today: count(row, 5)?,
        oldest: row
            .try_get::<Option<i64>, _>(6)?
            .map(|age| Duration::from_micros(u64::try_from(age).unwrap_or(0))),
    })
}

fn stored(row: &PgRow) -> Result<StoredEvent, sqlx::Error> {
    let some_time = |column: usize| row.try_get::<Option<i64>, _>(column);
    let state = filter::state(row.try_get(11)?);
    let is_open = matches!(state, EventState::Pending | EventState::InWork);
    Ok(StoredEvent {
        row: row.try_get(0)?,
        key: EventKey::new(&text(row, 1)?, &text(row, 2)?),
        name: text(row, 3)?,
        order_id: some_text(row, 4)?,
        state,
        attempts: u32::try_from(row.try_get::<i32, _>(5)?).unwrap_or(0),
        last_error: some_text(row, 6)?,
        received_at: time(row.try_get(7)?),
        due_at: some_time(8)?.map(time).filter(|_| is_open),
        failed_at: some_time(9)?.map(time),
        done_at: some_time(10)?.map(time),
        body: row.try_get::<Option<_>, _>(12)?.unwrap_or_default(),
        signature: some_text(row, 13)?.unwrap_or_default(),
        public_key: some_text(row, 14)?.unwrap_or_default(),
    })
}
