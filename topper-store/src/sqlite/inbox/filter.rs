//! The events that an operator selects, in SQL.

use std::time::SystemTime;

use sqlx::{QueryBuilder, Sqlite};

use crate::inbox::{Change, EventFilter, EventState};

/// Adds the conditions of a filter on `topper_inbox AS i` to a query that has one already.
pub(super) fn push(query: &mut QueryBuilder<Sqlite>, filter: &EventFilter) {
    let EventFilter { label, id, state, name, order_id, since, until, has_failed } = filter;
    match (label, id) {
        (label, Some(id)) => push_id(query, label.as_deref(), id),
        (Some(label), None) => {
            query.push(" AND i.label = ").push_bind(label.clone());
        }
        (None, None) => {}
    }
    if let Some(state) = state {
        query.push(" AND ").push(is(*state));
    }
    if let Some(name) = name {
        query.push(" AND i.name = ").push_bind(name.clone());
    }
    if let Some(order_id) = order_id {
        query.push(" AND i.order_id = ").push_bind(order_id.clone());
    }
    if let Some(since) = since {
        query.push(" AND i.received_at >= ").push_bind(milliseconds_since_1970(*since));
    }
    if let Some(until) = until {
        query.push(" AND i.received_at < ").push_bind(milliseconds_since_1970(*until));
    }
    if *has_failed {
        query.push(" AND i.last_error IS NOT NULL");
    }
}

/// The table, for the conditions of a filter.
pub(super) fn table(filter: &EventFilter) -> &'static str {
    // By its row then, and by no index of states.
    if filter.id.is_some() { "topper_inbox AS i NOT INDEXED" } else { "topper_inbox AS i" }
}

/// By the marks, which are found by label and id. There are few labels.
fn push_id(query: &mut QueryBuilder<Sqlite>, label: Option<&str>, id: &str) {
    match label {
        Some(label) => {
            query
                .push(" AND i.row = (SELECT inbox FROM topper_event WHERE label = ")
                .push_bind(label.to_owned())
                .push(" AND id = ");
        }
        None => {
            query.push(
                " AND i.row IN (WITH RECURSIVE labels (label) AS (\
                 SELECT min(label) FROM topper_event UNION ALL \
                 SELECT (SELECT min(e.label) FROM topper_event AS e WHERE e.label > labels.label) \
                 FROM labels WHERE label IS NOT NULL) \
                 SELECT (SELECT e.inbox FROM topper_event AS e \
                 WHERE e.label = labels.label AND e.id = ",
            );
        }
    }
    query.push_bind(id.to_owned()).push(if label.is_some() { ")" } else { ") FROM labels)" });
}

/// Whether it is in a state. All but those that are done are in an index, under its own condition.
pub(super) fn is(state: EventState) -> &'static str {
    match state {
        EventState::Pending => concat!(
            "(i.state <> 3 AND i.state = 0 AND (i.owner IS NULL OR i.due_at <= ",
            now!(),
            "))"
        ),
        EventState::InWork => {
            concat!(
                "(i.state <> 3 AND i.state = 0 AND i.owner IS NOT NULL AND i.due_at > ",
                now!(),
                ")"
            )
        }
        EventState::Parked => "(i.state <> 3 AND i.state = 1)",
        EventState::Dead => "(i.state <> 3 AND i.state = 2)",
        EventState::Done => "(i.state = 3)",
        EventState::Buried => "(i.state <> 3 AND i.state = 4)",
    }
}

/// Whether it may be changed so. What is done or buried must be asked for by its state.
pub(super) fn may(change: Change, state: Option<EventState>) -> &'static str {
    match (change, state) {
        (Change::Retry, Some(EventState::Done)) => "i.state = 3",
        (Change::Retry, Some(EventState::Buried)) => "i.state <> 3 AND i.state = 4",
        (Change::Retry, _) => concat!(
            "i.state <> 3 AND (i.state IN (1, 2) OR i.state = 0 AND i.owner IS NULL AND i.due_at > ",
            now!(),
            ")",
        ),
        (Change::Bury, _) => concat!(
            "i.state <> 3 AND (i.state IN (1, 2) ",
            "OR i.state = 0 AND (i.owner IS NULL OR i.due_at <= ",
            now!(),
            "))",
        ),
    }
}

/// Rounded up: what is stored is rounded down, and is compared as it is shown.
fn milliseconds_since_1970(time: SystemTime) -> i64 {
    match time.duration_since(SystemTime::UNIX_EPOCH) {
        Ok(after) => i64::try_from(after.as_nanos().div_ceil(1_000_000)).unwrap_or(i64::MAX),
        Err(before) => -i64::try_from(before.duration().as_millis()).unwrap_or(i64::MAX),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_time_is_rounded_up() {
        let distance = Duration::from_micros(1_500);
        assert_eq!(milliseconds_since_1970(SystemTime::UNIX_EPOCH + distance), 2);
        assert_eq!(milliseconds_since_1970(SystemTime::UNIX_EPOCH - distance), -1);
    }
}
