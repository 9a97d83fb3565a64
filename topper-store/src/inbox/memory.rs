//! An inbox in memory.

use std::{
    cmp::Ordering,
    collections::{BTreeMap, HashMap, HashSet},
    fmt,
    sync::{Arc, PoisonError},
    time::{Duration, SystemTime},
};

use super::{
    Owner,
    end::AttemptEnd,
    event::{NewEvent, OrderPlace},
    store::{Acceptance, InboxLease, InboxStore, Take, Taken},
    stored::{Change, Changed, EventFilter, EventState, InboxStats, StoredEvent},
};
use crate::{
    EventKey, LeaseError, StoreError, clock,
    sync::{Mutex, MutexGuard},
};

mod row;

use row::{Row, after, age};

/// Keeps events in memory: for tests, and to try things out.
///
/// All events are lost when the program ends. Clones share the same events.
#[derive(Clone, Default)]
pub struct MemoryInbox(Arc<Mutex<Events>>);

#[derive(Default)]
struct Events {
    /// The rows of events that are known; those of purged ones stay.
    rows: HashMap<EventKey, i64>,
    events: BTreeMap<i64, Row>,
    last_row: i64,
}

impl MemoryInbox {
    /// Creates an empty inbox.
    pub fn new() -> Self {
        Self::default()
    }

    fn lock(&self) -> MutexGuard<'_, Events> {
        // Nothing panics while it is held.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Events {
    fn held(&mut self, lease: &InboxLease) -> Result<&mut Row, LeaseError> {
        self.events
            .get_mut(&lease.row())
            .filter(|event| event.is_held_by(lease.owner()))
            .ok_or(LeaseError::Lost)
    }

    /// An event has failed: no event of its order that waits is due before one that goes first.
    fn keep_in_order(&mut self, row: i64) {
        let Some(failed) = self.events.get(&row) else { return };
        let Some(own) = failed.moment() else { return };
        let mut due = failed.due_at;
        let (order, mut before) = (failed.order().map(owned), Vec::new());
        for other in self.events.values_mut().filter(|other| other.waits()) {
            if other.order().map(owned) != order {
                continue;
            }
            match other.moment().cmp(&Some(own)) {
                Ordering::Less => before.push(other),
                Ordering::Equal => {}
                Ordering::Greater => due = due.min(other.due_at),
            }
        }
        for other in before {
            other.due_at = other.due_at.min(due);
        }
        if let Some(failed) = self.events.get_mut(&row) {
            failed.due_at = due;
        }
    }

    /// The events that can be taken, those that have been due for longest first: of each order the
    /// earliest, unless one of it is in work. Also how many are due in all.
    fn takeable(&self) -> (Vec<i64>, usize) {
        let (mut firsts, mut busy, mut due) = (HashMap::new(), HashSet::new(), Vec::new());
        for event in self.events.values() {
            let (row, order, moment) = (event.stored.row, event.order(), event.moment());
            match order {
                Some(order) if event.state() == EventState::InWork => drop(busy.insert(order)),
                Some(order) if event.is_due() => {
                    let first = firsts.entry(order).or_insert(moment);
                    *first = moment.min(*first);
                }
                _ => {}
            }
            if event.is_due() {
                due.push((event.due_at, row, order, moment));
            }
        }
        let count = due.len();
        due.retain(|(.., order, moment)| {
            order.is_none_or(|order| !busy.contains(&order) && firsts.get(&order) == Some(moment))
        });
        due.sort_unstable_by_key(|(due_at, row, ..)| (*due_at, *row));
        (due.into_iter().map(|(_, row, ..)| row).collect(), count)
    }
}

fn owned((label, order_id): (&str, &str)) -> (String, String) {
    (label.to_owned(), order_id.to_owned())
}

impl InboxStore for MemoryInbox {
    async fn accept(&self, event: &NewEvent) -> Result<Acceptance, StoreError> {
        let mut events = self.lock();
        if events.rows.contains_key(event.key()) {
            return Ok(Acceptance::Duplicate);
        }
        events.last_row += 1;
        let (row, now) = (events.last_row, clock::now());
        let stored = StoredEvent {
            key: event.key().clone(),
            row,
            name: event.name().to_owned(),
            order_id: event.order().map(|place| place.order_id.clone()),
            state: EventState::Pending,
            received_at: now,
            due_at: None,
            attempts: 0,
            last_error: None,
            failed_at: None,
            done_at: None,
            body: event.body().to_vec(),
            signature: event.signature().to_owned(),
            public_key: event.public_key().to_owned(),
        };
        let event = Row {
            stored,
            place: event.order().cloned(),
            owner: None,
            due_at: now,
            tries: 0,
            tried_since: now,
            reader: None,
        };
        events.rows.insert(event.stored.key.clone(), row);
        events.events.insert(row, event);
        Ok(Acceptance::Accepted)
    }

    async fn take(&self, owner: &Owner, most: usize, term: Duration) -> Result<Take, StoreError> {
        let mut events = self.lock();
        let (mut rows, due) = events.takeable();
        rows.truncate(most);
        let mut take = Take { events: Vec::new(), is_more: due > rows.len() };
        for row in rows {
            let Some(event) = events.events.get_mut(&row) else { continue };
            let was_cut_off = event.owner.replace(*owner).is_some();
            event.due_at = after(term);
            event.tries += 1;
            event.stored.attempts += 1;
            take.events.push(Taken {
                lease: InboxLease::new(event.stored.key.clone(), row, *owner),
                body: event.stored.body.clone(),
                signature: event.stored.signature.clone(),
                public_key: event.stored.public_key.clone(),
                attempts: event.stored.attempts,
                tries: event.tries,
                age: age(event.tried_since),
                was_cut_off,
            });
        }
        Ok(take)
    }

    async fn is_due(&self) -> Result<bool, StoreError> {
        Ok(self.lock().events.values().any(Row::is_due))
    }

    async fn renew(&self, lease: &InboxLease, term: Duration) -> Result<(), LeaseError> {
        self.lock().held(lease)?.due_at = after(term);
        Ok(())
    }

    async fn end(&self, lease: &InboxLease, end: &AttemptEnd) -> Result<(), LeaseError> {
        let mut events = self.lock();
        if *end == AttemptEnd::Done
            && events.events.get(&lease.row()).is_some_and(|event| event.was_done_by(lease.owner()))
        {
            return Ok(());
        }
        events.held(lease)?.end(end);
        if matches!(end, AttemptEnd::Failed { .. }) {
            events.keep_in_order(lease.row());
        }
        Ok(())
    }

    async fn parked(
        &self,
        reader: &str,
        after: i64,
        most: usize,
    ) -> Result<Vec<StoredEvent>, StoreError> {
        let events = self.lock();
        let is_others = |event: &&Row| {
            event.stored.state == EventState::Parked
                && event.reader.is_some_and(|other| other != reader)
        };
        let rows = events.events.range(after.saturating_add(1)..).map(|(_, event)| event);
        Ok(rows.filter(is_others).take(most).map(Row::stored).collect())
    }

    async fn unpark(&self, key: &EventKey, order: Option<&OrderPlace>) -> Result<bool, StoreError> {
        let mut events = self.lock();
        let row = events.rows.get(key).copied().unwrap_or(0);
        let Some(event) = events.events.get_mut(&row) else { return Ok(false) };
        if event.stored.state != EventState::Parked {
            return Ok(false);
        }
        event.change(Change::Retry);
        event.stored.order_id = order.map(|place| place.order_id.clone());
        event.place = order.cloned();
        Ok(true)
    }

    async fn stats(&self) -> Result<InboxStats, StoreError> {
        const DAY: u64 = 24 * 3600;
        let events = self.lock();
        let mut stats = InboxStats::default();
        let now = age(SystemTime::UNIX_EPOCH);
        let midnight = SystemTime::UNIX_EPOCH + Duration::from_secs(now.as_secs() / DAY * DAY);
        for event in events.events.values() {
            let stored = &event.stored;
            match event.state() {
                EventState::Pending => stats.pending += 1,
                EventState::InWork => stats.in_work += 1,
                EventState::Parked => stats.parked += 1,
                EventState::Dead => stats.dead += 1,
                EventState::Done if stored.done_at >= Some(midnight) => stats.done_today += 1,
                EventState::Done | EventState::Buried => {}
            }
            stats.due += u64::from(event.is_due());
            if stored.state == EventState::Pending {
                stats.oldest = stats.oldest.max(Some(age(stored.received_at)));
            }
        }
        Ok(stats)
    }

    async fn list(
        &self,
        filter: &EventFilter,
        after: i64,
        most: usize,
    ) -> Result<Vec<StoredEvent>, StoreError> {
        let events = self.lock();
        let rows = events.events.range(after.saturating_add(1)..).map(|(_, event)| event);
        Ok(rows.filter(|event| event.passes(filter)).take(most).map(Row::stored).collect())
    }

    async fn change(
        &self,
        filter: &EventFilter,
        change: Change,
        after: i64,
        most: usize,
    ) -> Result<Changed, StoreError> {
        let mut changed = Changed::default();
        let mut events = self.lock();
        let rows = events.events.range_mut(after.saturating_add(1)..).map(|(_, event)| event);
        for event in rows.filter(|event| event.may(change, filter)).take(most) {
            event.change(change);
            changed.count += 1;
            changed.last_row = event.stored.row;
        }
        Ok(changed)
    }

    async fn count(&self, filter: &EventFilter, change: Change) -> Result<u64, StoreError> {
        let events = self.lock();
        Ok(events.events.values().filter(|event| event.may(change, filter)).map(|_| 1).sum())
    }

    async fn is_marked(&self, key: &EventKey) -> Result<bool, StoreError> {
        Ok(self.lock().rows.contains_key(key))
    }

    async fn purge(&self, age: Duration, most: usize) -> Result<u64, StoreError> {
        let mut events = self.lock();
        let is_old =
            |event: &Row| event.stored.done_at.is_some_and(|done_at| self::age(done_at) >= age);
        let old = events.events.iter().filter(|(_, event)| is_old(event)).map(|(row, _)| *row);
        let old: Vec<_> = old.take(most).collect();
        Ok(old.iter().filter_map(|row| events.events.remove(row)).map(|_| 1).sum())
    }
}

impl fmt::Debug for MemoryInbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryInbox").finish_non_exhaustive()
    }
}
