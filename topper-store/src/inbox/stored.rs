//! What an operator sees of an inbox, and can change.

use std::{
    fmt,
    time::{Duration, SystemTime},
};

use crate::EventKey;

/// The state of a stored event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum EventState {
    /// It waits for its first attempt, or for the next one.
    Pending,
    /// A worker is processing it.
    InWork,
    /// It cannot be read, or differs from what was accepted.
    Parked,
    /// The handler has failed for too long.
    Dead,
    /// It is done.
    Done,
    /// An operator gave it up.
    Buried,
}

impl EventState {
    /// Every state.
    pub const ALL: &[Self] =
        &[Self::Pending, Self::InWork, Self::Parked, Self::Dead, Self::Done, Self::Buried];

    /// Its name, such as `in-work`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::InWork => "in-work",
            Self::Parked => "parked",
            Self::Dead => "dead",
            Self::Done => "done",
            Self::Buried => "buried",
        }
    }
}

impl fmt::Display for EventState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// An event as it is stored. `Debug` shows none of its content.
#[derive(Clone)]
#[expect(clippy::exhaustive_structs, reason = "stores make it")]
pub struct StoredEvent {
    /// The label of its webhook, and its id.
    pub key: EventKey,
    /// The store's number for it: an event that was received later has a greater one.
    pub row: i64,
    /// Its name, such as `order:crypto-onramp:completed`.
    pub name: String,
    /// The id of its order, if it is about one and can be read.
    pub order_id: Option<String>,
    /// Its state.
    pub state: EventState,
    /// When it was accepted. All times here are by the store's clock.
    pub received_at: SystemTime,
    /// When it is due, if it is pending; when its lease expires, if it is in work.
    pub due_at: Option<SystemTime>,
    /// The number of attempts.
    pub attempts: u32,
    /// Why the last failed attempt failed: one line of at most 500 characters.
    pub last_error: Option<String>,
    /// When the last failed attempt failed.
    pub failed_at: Option<SystemTime>,
    /// When it was done or buried.
    pub done_at: Option<SystemTime>,
    /// The bytes that were signed.
    pub body: Vec<u8>,
    /// The value of its signature header: a detached JWS.
    pub signature: String,
    /// The public key that it was accepted under, as a JWK.
    pub public_key: String,
}

impl fmt::Debug for StoredEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoredEvent")
            .field("key", &self.key)
            .field("state", &self.state)
            .field("attempts", &self.attempts)
            .finish_non_exhaustive()
    }
}

/// Selects events: an event must match every field that is set.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "stores read it")]
pub struct EventFilter {
    /// The label of their webhook.
    pub label: Option<String>,
    /// The event's id.
    pub id: Option<String>,
    /// Their state.
    pub state: Option<EventState>,
    /// Their name.
    pub name: Option<String>,
    /// The id of their order.
    pub order_id: Option<String>,
    /// Received at this time or later.
    pub since: Option<SystemTime>,
    /// Received before this time.
    pub until: Option<SystemTime>,
    /// Whether the event must have failed at least once.
    pub has_failed: bool,
}

/// What an operator can do with events.
///
/// Events in work are never changed. Events that are done or buried are changed only if the filter
/// asks for that state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Change {
    /// Makes parked, dead and waiting events due now, and starts the time until they are dead
    /// again. If the filter's state is [`Done`](EventState::Done), events are processed once more.
    Retry,
    /// Gives up pending, parked and dead events.
    Bury,
}

/// The result of one call of [`change`](crate::inbox::InboxStore::change).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "stores make it")]
pub struct Changed {
    /// The number of changed events; 0 if there are no more.
    pub count: u64,
    /// The greatest row that was changed; 0 if none was.
    pub last_row: i64,
}

/// The number of events in each state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "stores make it")]
pub struct InboxStats {
    /// Pending: due, or waiting for the next attempt.
    pub pending: u64,
    /// Pending events that are due now.
    pub due: u64,
    /// In work.
    pub in_work: u64,
    /// Parked.
    pub parked: u64,
    /// Dead.
    pub dead: u64,
    /// Done since midnight, UTC.
    pub done_today: u64,
    /// The age of the oldest event that is pending or in work, counted from when it was received.
    pub oldest: Option<Duration>,
}

#[cfg(test)]
mod tests {
    use super::EventState;

    #[test]
    fn a_state_is_shown_by_its_name_in_the_width_of_a_column() {
        assert_eq!(format!("{:<8}|", EventState::InWork), "in-work |");
    }
}
