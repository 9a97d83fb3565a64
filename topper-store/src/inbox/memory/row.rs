//! One event in memory, and its states.

use std::time::{Duration, SystemTime};

use crate::{
    clock,
    inbox::{
        end::AttemptEnd,
        event::OrderPlace,
        stored::{Change, EventFilter, EventState, StoredEvent},
    },
};

pub(super) struct Row {
    pub(super) stored: StoredEvent,
    pub(super) place: Option<OrderPlace>,
    pub(super) owner: Option<[u8; 16]>,
    pub(super) due_at: SystemTime,
    pub(super) tries: u32,
    pub(super) tried_since: SystemTime,
    pub(super) reader: Option<&'static str>,
}

impl Row {
    /// As an operator sees it.
    pub(super) fn state(&self) -> EventState {
        match self.stored.state {
            EventState::Pending if self.owner.is_some() && !self.is_due() => EventState::InWork,
            state => state,
        }
    }

    pub(super) fn is_due(&self) -> bool {
        self.stored.state == EventState::Pending && self.due_at <= clock::now()
    }

    /// The label and the id of its order.
    pub(super) fn order(&self) -> Option<(&str, &str)> {
        let place = self.place.as_ref()?;
        Some((self.stored.key.label(), place.order_id.as_str()))
    }

    /// Of two of an order, the one with the lesser goes first.
    pub(super) fn moment(&self) -> Option<(Option<i64>, u8, i64)> {
        let place = self.place.as_ref()?;
        Some((place.updated_at, place.rank, self.stored.row))
    }

    /// Whether it is to be tried again, later.
    pub(super) fn waits(&self) -> bool {
        self.stored.state == EventState::Pending && self.owner.is_none() && !self.is_due()
    }

    pub(super) fn is_held_by(&self, owner: &[u8; 16]) -> bool {
        self.stored.state == EventState::Pending && self.owner.as_ref() == Some(owner)
    }

    pub(super) fn was_done_by(&self, owner: &[u8; 16]) -> bool {
        self.stored.state == EventState::Done && self.owner.as_ref() == Some(owner)
    }

    pub(super) fn stored(&self) -> StoredEvent {
        let mut stored = self.stored.clone();
        stored.state = self.state();
        let is_open = stored.state == EventState::Pending || stored.state == EventState::InWork;
        stored.due_at = is_open.then_some(self.due_at);
        stored
    }

    pub(super) fn passes(&self, filter: &EventFilter) -> bool {
        fn is<T: PartialEq + ?Sized>(wanted: Option<&T>, is: Option<&T>) -> bool {
            wanted.is_none() || wanted == is
        }
        let EventFilter { label, id, state, name, order_id, since, until, has_failed } = filter;
        let stored = &self.stored;
        is(label.as_deref(), Some(stored.key.label()))
            && is(id.as_deref(), Some(stored.key.id()))
            && is(state.as_ref(), Some(&self.state()))
            && is(name.as_deref(), Some(&stored.name))
            && is(order_id.as_deref(), stored.order_id.as_deref())
            && since.is_none_or(|since| stored.received_at >= since)
            && until.is_none_or(|until| stored.received_at < until)
            && (!has_failed || stored.last_error.is_some())
    }

    pub(super) fn may(&self, change: Change, filter: &EventFilter) -> bool {
        self.passes(filter)
            && match (change, self.state()) {
                (Change::Retry, EventState::Pending) => !self.is_due(),
                (_, EventState::Parked | EventState::Dead)
                | (Change::Bury, EventState::Pending) => true,
                (Change::Retry, state @ (EventState::Done | EventState::Buried)) => {
                    filter.state == Some(state)
                }
                _ => false,
            }
    }

    pub(super) fn change(&mut self, change: Change) {
        let now = clock::now();
        self.owner = None;
        match change {
            Change::Retry => {
                self.stored.state = EventState::Pending;
                self.stored.done_at = None;
                (self.due_at, self.tries, self.tried_since) = (now, 0, now);
            }
            Change::Bury => {
                self.stored.state = EventState::Buried;
                self.stored.done_at = Some(now);
            }
        }
    }

    pub(super) fn end(&mut self, end: &AttemptEnd) {
        let now = clock::now();
        if *end != AttemptEnd::Done {
            self.owner = None;
        }
        let stored = &mut self.stored;
        if let AttemptEnd::Failed { error, .. }
        | AttemptEnd::Parked { error, .. }
        | AttemptEnd::Dead { error } = end
        {
            (stored.last_error, stored.failed_at) = (Some(error.clone()), Some(now));
        }
        match end {
            AttemptEnd::Done => {
                (stored.state, stored.done_at) = (EventState::Done, Some(now));
            }
            AttemptEnd::Failed { retry_in, .. } => self.due_at = after(*retry_in),
            AttemptEnd::GivenBack { retry_in } => {
                stored.attempts = stored.attempts.saturating_sub(1);
                self.tries = self.tries.saturating_sub(1);
                self.due_at = after(*retry_in);
            }
            AttemptEnd::Parked { reader, .. } => {
                stored.state = EventState::Parked;
                self.reader = *reader;
            }
            AttemptEnd::Dead { .. } => stored.state = EventState::Dead,
        }
    }
}

pub(super) fn after(time: Duration) -> SystemTime {
    const LONG: Duration = Duration::from_secs(1000 * 365 * 24 * 3600);
    clock::now() + time.min(LONG)
}

pub(super) fn age(time: SystemTime) -> Duration {
    clock::now().duration_since(time).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_that_is_too_long_ends_in_a_thousand_years() {
        let years = |count: u64| Duration::from_secs(count * 365 * 24 * 3600);
        let wait = |time| after(time).duration_since(clock::now()).unwrap();
        for time in [years(2000), Duration::MAX] {
            assert!((years(999)..=years(1000)).contains(&wait(time)), "{time:?}");
        }
        assert!((years(899)..=years(900)).contains(&wait(years(900))));
    }
}
