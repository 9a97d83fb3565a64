//! A store in memory.

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use crate::{Claim, EventKey, Lease, LeaseError, Store, StoreError};

/// Remembers events in memory: for tests, and for trying things out.
///
/// It forgets everything when the program ends, shares nothing with another receiver, and grows with
/// every event. Clones are the same store.
#[derive(Clone, Default)]
pub struct MemoryStore(Arc<Mutex<HashMap<EventKey, State>>>);

enum State {
    Leased { owner: Box<[u8]>, expires: Option<Instant> },
    Done { owner: Box<[u8]> },
}

impl MemoryStore {
    /// An empty store.
    pub fn new() -> Self {
        Self::default()
    }

    fn events(&self) -> MutexGuard<'_, HashMap<EventKey, State>> {
        // Nothing panics while it is held.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// `None` is never.
fn after(term: Duration) -> Option<Instant> {
    Instant::now().checked_add(term)
}

impl Store for MemoryStore {
    async fn claim(&self, lease: &Lease, term: Duration) -> Result<Claim, StoreError> {
        let mut events = self.events();
        match events.get(lease.key()) {
            Some(State::Done { .. }) => return Ok(Claim::Done),
            Some(State::Leased { owner, expires })
                if **owner != *lease.owner()
                    && expires.is_none_or(|expires| Instant::now() < expires) =>
            {
                return Ok(Claim::InProgress);
            }
            _ => {}
        }
        let leased = State::Leased { owner: lease.owner().into(), expires: after(term) };
        events.insert(lease.key().clone(), leased);
        Ok(Claim::New)
    }

    async fn renew(&self, lease: &Lease, term: Duration) -> Result<(), LeaseError> {
        match self.events().get_mut(lease.key()) {
            Some(State::Leased { owner, expires }) if **owner == *lease.owner() => {
                *expires = after(term);
                Ok(())
            }
            _ => Err(LeaseError::Lost),
        }
    }

    async fn complete(&self, lease: &Lease) -> Result<(), LeaseError> {
        let mut events = self.events();
        match events.get(lease.key()) {
            Some(State::Leased { owner, .. } | State::Done { owner })
                if **owner != *lease.owner() =>
            {
                Err(LeaseError::Lost)
            }
            _ => {
                events.insert(lease.key().clone(), State::Done { owner: lease.owner().into() });
                Ok(())
            }
        }
    }

    async fn release(&self, lease: &Lease) -> Result<(), LeaseError> {
        let mut events = self.events();
        match events.get(lease.key()) {
            Some(State::Leased { owner, .. }) if **owner == *lease.owner() => {
                events.remove(lease.key());
                Ok(())
            }
            _ => Err(LeaseError::Lost),
        }
    }
}

impl fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryStore").finish_non_exhaustive()
    }
}
