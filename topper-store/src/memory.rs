//! A store in memory.

use std::{
    cmp::Reverse,
    collections::HashMap,
    fmt,
    sync::{Arc, PoisonError},
    time::{Duration, SystemTime},
};

use tokio::time::Instant;

use crate::{
    Claim, EventKey, Lease, LeaseError, Retrying, Seen, Store, StoreError, clock,
    sync::{Mutex, MutexGuard},
};

/// Remembers events in memory: for tests, and to try things out.
///
/// It forgets everything when the program ends, does not share with other receivers, and grows with
/// every event. Clones share the same events.
#[derive(Clone, Default)]
pub struct MemoryStore(Arc<Mutex<HashMap<EventKey, Row>>>);

struct Row {
    state: State,
    attempts: u32,
    first_seen: Instant,
    first_seen_at: SystemTime,
    failure: Option<(SystemTime, String)>,
}

enum State {
    /// It was given back.
    Free,
    Leased {
        owner: Box<[u8]>,
        expires: Option<Instant>,
    },
    Done {
        owner: Box<[u8]>,
    },
}

impl Row {
    fn new(state: State) -> Self {
        Self {
            state,
            attempts: 0,
            first_seen: Instant::now(),
            first_seen_at: clock::now(),
            failure: None,
        }
    }

    fn is_leased_to(&self, lease: &Lease) -> bool {
        matches!(&self.state, State::Leased { owner, .. } if **owner == *lease.owner())
    }
}

impl MemoryStore {
    /// Creates an empty store.
    pub fn new() -> Self {
        Self::default()
    }

    /// Lists up to `most` events that a handler failed on and that are not done, the last failure
    /// first.
    pub fn retrying(&self, most: usize) -> Vec<Retrying> {
        let rows = self.rows();
        let failed = rows.iter().filter(|(_, row)| !matches!(row.state, State::Done { .. }));
        let mut retrying: Vec<_> = failed
            .filter_map(|(key, row)| {
                let (failed_at, last_error) = row.failure.clone()?;
                let Row { first_seen_at, attempts, .. } = *row;
                Some(Retrying { key: key.clone(), first_seen_at, attempts, failed_at, last_error })
            })
            .collect();
        retrying.sort_unstable_by_key(|event| Reverse(event.failed_at));
        retrying.truncate(most);
        retrying
    }

    fn rows(&self) -> MutexGuard<'_, HashMap<EventKey, Row>> {
        // Nothing panics while it is held.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// `None` means never.
fn after(term: Duration) -> Option<Instant> {
    Instant::now().checked_add(term)
}

impl Store for MemoryStore {
    async fn claim(&self, lease: &Lease, term: Duration) -> Result<Claim, StoreError> {
        let mut rows = self.rows();
        let row = rows.entry(lease.key().clone()).or_insert_with(|| Row::new(State::Free));
        let is_same = row.is_leased_to(lease);
        match &row.state {
            State::Done { .. } => return Ok(Claim::Done),
            State::Leased { expires, .. }
                if !is_same && expires.is_none_or(|expires| Instant::now() < expires) =>
            {
                return Ok(Claim::InProgress);
            }
            _ => {}
        }
        row.state = State::Leased { owner: lease.owner().into(), expires: after(term) };
        row.attempts = row.attempts.saturating_add(u32::from(!is_same));
        Ok(Claim::New(Seen { attempts: row.attempts, since: row.first_seen.elapsed() }))
    }

    async fn renew(&self, lease: &Lease, term: Duration) -> Result<(), LeaseError> {
        match self.rows().get_mut(lease.key()) {
            Some(row) if row.is_leased_to(lease) => {
                row.state = State::Leased { owner: lease.owner().into(), expires: after(term) };
                Ok(())
            }
            _ => Err(LeaseError::Lost),
        }
    }

    async fn complete(&self, lease: &Lease) -> Result<(), LeaseError> {
        let mut rows = self.rows();
        let row = rows.entry(lease.key().clone()).or_insert_with(|| Row::new(State::Free));
        match &row.state {
            State::Leased { owner, .. } | State::Done { owner } if **owner != *lease.owner() => {
                Err(LeaseError::Lost)
            }
            _ => {
                row.state = State::Done { owner: lease.owner().into() };
                row.failure = None;
                Ok(())
            }
        }
    }

    async fn release(&self, lease: &Lease, failure: Option<&str>) -> Result<(), LeaseError> {
        let mut rows = self.rows();
        let Some(row) = rows.get_mut(lease.key()).filter(|row| row.is_leased_to(lease)) else {
            return Err(LeaseError::Lost);
        };
        row.state = State::Free;
        match failure {
            Some(failure) => row.failure = Some((clock::now(), failure.to_owned())),
            None if row.attempts <= 1 => drop(rows.remove(lease.key())),
            None => row.attempts -= 1,
        }
        Ok(())
    }
}

impl fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryStore").finish_non_exhaustive()
    }
}
