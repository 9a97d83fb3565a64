//! A stored event as a delivery of the list.

use std::time::SystemTime;

use serde_json::{Value, json};
use topper_core::{KeySet, Reply, protocol::SIGNATURE_HEADER};
use topper_store::inbox::{EventState, StoredEvent};
use topper_testkit::Delivery;

use crate::{
    inspector::kept::{Kept, MOST_ANSWER, cut, short},
    judging::Judged,
    memory::Memory,
    storing::{
        stored::rfc3339,
        verified::{Refused, verify},
    },
};

/// Its state, and what can be done.
pub(super) fn state(stored: &StoredEvent) -> Value {
    let is_pending = stored.state == EventState::Pending;
    let next = stored.due_at.filter(|_| is_pending);
    let is_waiting = next.is_some_and(|next| next > SystemTime::now());
    let has_failed = matches!(stored.state, EventState::Dead | EventState::Parked);
    json!({
        "status": stored.state.as_str(),
        "attempts": stored.attempts,
        "last_error": stored.last_error.clone().map(|mut error| {
            cut(&mut error, MOST_ANSWER);
            error
        }),
        "next_at": next.map(rfc3339),
        "can_retry": has_failed || is_waiting,
        "can_bury": has_failed || is_pending,
        "label": short(stored.key.label()),
    })
}

/// Of an event that is no longer stored.
pub(super) fn purged(mut state: Value) -> Value {
    for (field, value) in [
        ("status", json!("purged")),
        ("next_at", Value::Null),
        ("can_retry", json!(false)),
        ("can_bury", json!(false)),
    ] {
        if let Some(fields) = state.as_object_mut() {
            fields.insert(field.to_owned(), value);
        }
    }
    state
}

/// Verifies an event, and folds it into its order.
pub(super) fn kept(stored: StoredEvent, keys: Option<&KeySet>, memory: &mut Memory) -> Kept {
    let (judged, reason) = match verify(&stored, keys) {
        Ok(webhook) => {
            let order = memory.fold(&webhook);
            (Judged { verdict: Ok(webhook), reply: Reply::Accepted, order }, None)
        }
        Err(Refused { error, reason }) => {
            let reply = error.reply();
            (Judged { verdict: Err(error), reply, order: None }, Some(reason))
        }
    };
    let state = state(&stored);
    let at = rfc3339(stored.received_at);
    // Without the path: the store does not know it.
    let delivery =
        Delivery::unsigned(stored.body).header(SIGNATURE_HEADER, stored.signature.into_bytes());
    let mut kept = Kept::new(at, "/".to_owned(), delivery, &judged);
    kept.facts.reason = reason;
    // By these it is found in the store, whatever the body says.
    kept.facts.id = Some(short(stored.key.id()));
    kept.facts.name = Some(short(&stored.name));
    kept.stored = Some(state);
    kept
}
