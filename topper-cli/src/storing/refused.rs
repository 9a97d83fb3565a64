//! Why an event is not changed.

use topper_store::{
    EventKey, Inbox,
    inbox::{Change, EventFilter, EventState, InboxStore as _, StoredEvent},
};

use super::place;
use crate::failure::Failure;

/// The label of a verifier without its own.
pub(crate) const DEFAULT_LABEL: &str = "default";

/// Why an event that was given by its id cannot be changed.
pub(crate) async fn why_not(
    filter: &EventFilter,
    change: Change,
    inbox: &Inbox,
) -> Result<&'static str, Failure> {
    let alone = EventFilter {
        id: filter.id.clone(),
        label: filter.label.clone(),
        ..EventFilter::default()
    };
    let found = inbox.store().list(&alone, 0, 1).await.map_err(place::failure)?;
    match found.first() {
        Some(stored) => Ok(reason(stored, filter, change)),
        None => missing(filter, inbox).await,
    }
}

/// What is known of an event that is not stored.
async fn missing(filter: &EventFilter, inbox: &Inbox) -> Result<&'static str, Failure> {
    let label = filter.label.as_deref().unwrap_or(DEFAULT_LABEL);
    let key = EventKey::new(label, filter.id.as_deref().unwrap_or_default());
    Ok(if inbox.store().is_marked(&key).await.map_err(place::failure)? {
        "only its id is kept: its content is gone"
    } else {
        "there is no such event"
    })
}

fn reason(stored: &StoredEvent, filter: &EventFilter, change: Change) -> &'static str {
    match (stored.state, change) {
        (state, _) if filter.state.is_some_and(|wanted| wanted != state) => {
            "it is not in the state that --state asks for"
        }
        (EventState::InWork, _) => "a worker is processing it; wait until the attempt ends",
        (EventState::Done, Change::Retry) if filter.state.is_none() => {
            "it is done; add `--state done` to process it again"
        }
        (EventState::Done, Change::Bury) => "it is done, and cannot be buried",
        (EventState::Buried, Change::Bury) => "it is already buried",
        (EventState::Buried, _) if filter.state.is_none() => {
            "it is buried; add `--state buried` to bring it back"
        }
        (EventState::Pending, Change::Retry) => "it is already due",
        _ => "it does not match the other filters",
    }
}
