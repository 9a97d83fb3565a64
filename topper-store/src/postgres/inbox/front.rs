//! Where in the index to begin to look.
//!
//! What was taken leaves dead entries at the front of the index of what is due, and a look goes over
//! them until the table is vacuumed; while an old transaction is open, it even reads their rows. After a
//! million events that is a hundred times the cost of taking some. So most looks begin where the last
//! found something.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use super::take::Front;

/// What commits later than others, but was due before them, is seen for so long.
const MARGIN: i64 = 2_000_000;
/// What commits still later is seen when a look begins at the front again. Such looks take at most the
/// twentieth part of the time: while one takes less than 50 ms, there is one each second or sooner.
const SHARE: u32 = 20;
const LONGEST: Duration = Duration::from_secs(60);

#[derive(Default)]
pub(super) struct Looks(Mutex<State>);

#[derive(Default)]
struct State {
    front: Front,
    /// When a look began at the front, and what it cost.
    last: Option<(Instant, Duration)>,
}

impl Looks {
    /// Where to begin, in microseconds since 1970.
    pub(super) fn from(&self) -> Option<i64> {
        let state = self.lock();
        let (last, cost) = state.last?;
        let is_recent = last.elapsed() < cost.saturating_mul(SHARE).min(LONGEST);
        is_recent.then(|| state.front.first.saturating_sub(MARGIN))
    }

    /// What a look found that began there.
    pub(super) fn saw(&self, from: Option<i64>, front: Front) {
        let mut state = self.lock();
        state.front = front;
        if from.is_none() {
            state.last = Some((Instant::now(), front.cost));
        }
    }

    /// A look that began there failed, perhaps since it takes too long. The next begins where the last
    /// found something.
    pub(super) fn failed(&self, from: Option<i64>, elapsed: Duration) {
        let mut state = self.lock();
        if from.is_none() && state.last.is_some() {
            state.last = Some((Instant::now(), elapsed));
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing panics while it is held.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
