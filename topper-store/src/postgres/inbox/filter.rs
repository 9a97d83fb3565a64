//! Which events, in SQL.

use super::message::literal_of;
use crate::{
    inbox::{Change, EventFilter, EventState},
    postgres::literal,
};

/// A lease on it holds.
pub(super) const IN_WORK: &str = "(owner IS NOT NULL AND due_at > statement_timestamp())";

/// What of a row is true of events in this state.
fn is(state: EventState) -> String {
    match state {
        EventState::Pending => format!("state = 0 AND NOT {IN_WORK}"),
        EventState::InWork => format!("state = 0 AND {IN_WORK}"),
        EventState::Parked => "state = 1".to_owned(),
        EventState::Dead => "state = 2".to_owned(),
        // As the index of what is done has it.
        EventState::Done => "state = 3 AND done_at IS NOT NULL".to_owned(),
        EventState::Buried => "state = 4 AND done_at IS NOT NULL".to_owned(),
    }
}

pub(super) const SHOWN_STATE: &str = "CASE WHEN state = 0 AND owner IS NOT NULL \
    AND due_at > statement_timestamp() THEN 5 ELSE state END";

/// The state of a row, as [`SHOWN_STATE`] has it.
pub(super) fn state(number: i32) -> EventState {
    match number {
        0 => EventState::Pending,
        1 => EventState::Parked,
        2 => EventState::Dead,
        3 => EventState::Done,
        4 => EventState::Buried,
        _ => EventState::InWork,
    }
}

/// The conditions that events meet which pass a filter.
pub(super) fn conditions(filter: &EventFilter) -> String {
    let state = filter.state.map(is);
    state.into_iter().chain(others(filter)).collect::<Vec<_>>().join(" AND ")
}

/// The same, but for the state; TRUE if there is none.
fn others(filter: &EventFilter) -> Vec<String> {
    let EventFilter { label, id, state: _, name, order_id, since, until, has_failed } = filter;
    let bytes = |text: &String| literal::bytes(text.as_bytes());
    let mut conditions = vec!["true".to_owned()];
    if let Some(label) = label {
        conditions.push(format!("label = {}", bytes(label)));
    }
    if let Some(id) = id {
        // There are few labels: from each to the next is one step in the index.
        conditions.push(format!(
            "row IN (WITH RECURSIVE labels (label) AS ( \
                (SELECT label FROM topper_event ORDER BY label LIMIT 1) UNION ALL \
                SELECT (SELECT e.label FROM topper_event e WHERE e.label > labels.label \
                        ORDER BY e.label LIMIT 1) FROM labels WHERE labels.label IS NOT NULL \
             ) SELECT e.inbox FROM labels JOIN topper_event e USING (label) WHERE e.id = {})",
            bytes(id)
        ));
    }
    if let Some(name) = name {
        conditions.push(format!("name = {}", bytes(name)));
    }
    if let Some(order_id) = order_id {
        let order_id = bytes(order_id);
        conditions.push(format!(
            "substr(order_id, 1, 255) = substr({order_id}, 1, 255) AND order_id = {order_id}"
        ));
    }
    if let Some(since) = since {
        conditions.push(format!("received_at >= {}", literal_of(*since)));
    }
    if let Some(until) = until {
        conditions.push(format!("received_at < {}", literal_of(*until)));
    }
    if *has_failed {
        conditions.push("last_error IS NOT NULL".to_owned());
    }
    conditions
}

/// The conditions of what a change may be made to, one for each state, so that each finds its index.
pub(super) fn changeable(filter: &EventFilter, change: Change) -> Vec<String> {
    let may = |state: &EventState| {
        filter.state.is_none_or(|wanted| wanted == *state)
            && match (change, state) {
                (_, EventState::Parked | EventState::Dead | EventState::Pending) => true,
                (Change::Retry, EventState::Done | EventState::Buried) => filter.state.is_some(),
                _ => false,
            }
    };
    let others = others(filter).join(" AND ");
    let conditions = |state: EventState| {
        let waits = match (change, state) {
            (Change::Retry, EventState::Pending) => "due_at > statement_timestamp() AND ",
            _ => "",
        };
        format!("{} AND {waits}{others}", is(state))
    };
    EventState::ALL.iter().copied().filter(|state| may(state)).map(conditions).collect()
}
