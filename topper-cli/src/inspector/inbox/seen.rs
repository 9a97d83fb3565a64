//! The events that were seen in the store, and what was known about them then.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Bound,
};

use topper_core::KeySet;
use topper_store::inbox::{EventState, StoredEvent};

use super::{PORTION, Place, row};
use crate::{
    inspector::{Inspector, kept::Kept},
    memory::Memory,
};

/// The events that are kept.
#[derive(Default)]
pub(super) struct Seen {
    /// By their rows in the store.
    events: BTreeMap<i64, Event>,
    /// Events up to this row are too old to be shown.
    floor: i64,
    /// The newest row in the store, of all labels.
    last: i64,
    /// How many were dropped from the list when what was known about them was last forgotten.
    dropped: u64,
    /// Rows of events that are no longer in the state in which they were seen.
    stale: BTreeSet<i64>,
    memory: Memory,
    /// The key of the last event, and its text: most events have the same.
    key: Option<(String, KeySet)>,
}

struct Event {
    /// Its number in the list.
    number: u64,
    /// None if it is no longer stored.
    state: Option<EventState>,
}

impl Seen {
    /// Shows an event that is new or has changed, and gives its number.
    pub(super) fn see(
        &mut self,
        place: &Place,
        inspector: &Inspector,
        stored: StoredEvent,
    ) -> Option<u64> {
        let (row, state) = (stored.row, stored.state);
        self.stale.remove(&row);
        if let Some(event) = self.events.get_mut(&row) {
            event.state = Some(state);
            let number = event.number;
            let is_kept = change(inspector, number, |_| row::state(&stored));
            if !is_kept {
                self.events.remove(&row);
                self.floor = self.floor.max(row);
            }
            return is_kept.then_some(number);
        }
        if row <= self.floor {
            return None;
        }
        Some(self.add(place, inspector, stored))
    }

    /// Shows an event that is not shown yet, also an old one.
    pub(super) fn add(&mut self, place: &Place, inspector: &Inspector, stored: StoredEvent) -> u64 {
        let (row, state) = (stored.row, stored.state);
        if self.key.as_ref().is_none_or(|(text, _)| *text != stored.public_key) {
            let keys = KeySet::parse(&stored.public_key).ok();
            self.key = keys.map(|keys| (stored.public_key.clone(), keys));
        }
        let keys = place.keys.as_ref().or(self.key.as_ref().map(|(_, keys)| keys));
        let number = inspector.keep(row::kept(stored, keys, &mut self.memory));
        self.events.insert(row, Event { number, state: Some(state) });
        self.forget(inspector.deliveries().dropped());
        number
    }

    /// Forgets what is no longer kept: many at once, since it goes through all.
    fn forget(&mut self, dropped: u64) {
        if dropped < self.dropped.saturating_add(PORTION as u64) {
            return;
        }
        self.dropped = dropped;
        let Self { events, floor, stale, .. } = self;
        events.retain(|row, event| {
            let is_kept = event.number > dropped;
            if !is_kept {
                *floor = (*floor).max(*row);
                stale.remove(row);
            }
            is_kept
        });
    }

    /// Begins with the events after a row and up to another.
    pub(super) fn begin(&mut self, floor: i64, last: i64) {
        (self.floor, self.last) = (floor, last);
    }

    /// There is an event with this row.
    pub(super) fn reach(&mut self, row: Option<i64>) {
        self.last = row.map_or(self.last, |row| row.max(self.last));
    }

    /// Compares what was listed of the rows after one and up to another with what was seen before.
    pub(super) fn compare(
        &mut self,
        inspector: &Inspector,
        state: Option<EventState>,
        (after, last): (i64, i64),
        listed: &BTreeSet<i64>,
    ) {
        if last <= after {
            return;
        }
        let range = (Bound::Excluded(after), Bound::Included(last));
        for (row, event) in self.events.range_mut(range) {
            if listed.contains(row) {
                continue;
            }
            if state.is_some() {
                if event.state == state {
                    self.stale.insert(*row);
                }
                continue;
            }
            self.stale.remove(row);
            if event.state.take().is_some() {
                change(inspector, event.number, |kept| {
                    row::purged(kept.stored.clone().unwrap_or_default())
                });
            }
        }
    }

    /// The row before the oldest event that is shown.
    pub(super) fn floor(&self) -> i64 {
        self.floor
    }

    /// The row so many before the last.
    pub(super) fn before_last(&self, count: i64) -> i64 {
        self.last.saturating_sub(count).max(self.floor)
    }

    /// Has the next events after a row read again, and gives the row of the last of them.
    pub(super) fn recheck(&mut self, after: i64, count: usize) -> i64 {
        if self.stale.len() >= count {
            return after;
        }
        let range = (Bound::Excluded(after), Bound::Unbounded);
        let stored = self.events.range(range).filter(|(_, event)| event.state.is_some());
        let rows: Vec<i64> = stored.map(|(row, _)| *row).take(count).collect();
        self.stale.extend(&rows);
        // At the end it begins again.
        rows.last().copied().filter(|_| rows.len() == count).unwrap_or(0)
    }

    /// The row before the first event to read again, and how many rows to read.
    pub(super) fn next_stale(&self, portion: usize) -> Option<(i64, usize)> {
        let first = *self.stale.first()?;
        let end = first.saturating_add(i64::try_from(portion).unwrap_or(i64::MAX));
        let last = self.stale.range(first..end).last().copied().unwrap_or(first);
        let count = usize::try_from(last - first).unwrap_or(portion).saturating_add(1);
        Some((first - 1, count.min(portion)))
    }

    /// The number of an event in the list.
    pub(super) fn number(&self, row: i64) -> Option<u64> {
        self.events.get(&row).map(|event| event.number)
    }
}

/// Shows the state of an event, if it has changed; `false` if the event is no longer kept.
fn change(
    inspector: &Inspector,
    number: u64,
    state: impl FnOnce(&Kept) -> serde_json::Value,
) -> bool {
    let Some(kept) = inspector.deliveries().get(number) else { return false };
    let state = state(&kept);
    if kept.stored.as_ref() == Some(&state) {
        return true;
    }
    let mut changed = Kept::clone(&kept);
    changed.stored = Some(state);
    inspector.replace(number, changed)
}
