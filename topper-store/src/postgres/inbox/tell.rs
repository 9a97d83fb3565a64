//! Tells other programs that events were stored.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use tokio::time::sleep;

use super::step::Step;
use crate::queue::Queue;

/// Commits that tell others wait for each other, so not every one does.
const PAUSE: Duration = Duration::from_millis(20);

/// When this program told the others.
#[derive(Clone, Default)]
pub(super) struct Teller(Arc<Told>);

#[derive(Default)]
struct Told {
    last: Mutex<Option<Instant>>,
    is_planned: AtomicBool,
}

impl Teller {
    /// Whether it is time to tell, for the first caller.
    pub(super) fn is_time(&self) -> bool {
        let mut last = self.0.last.lock().unwrap_or_else(PoisonError::into_inner);
        let is_time = last.is_none_or(|last| last.elapsed() >= PAUSE);
        if is_time {
            *last = Some(Instant::now());
        }
        is_time
    }

    /// Tells a moment later, for all that was stored until then.
    pub(super) fn tell_soon(&self, steps: &Queue<Step>) {
        if self.0.is_planned.swap(true, Ordering::AcqRel) {
            return;
        }
        let (told, steps) = (Arc::clone(&self.0), steps.clone());
        tokio::spawn(async move {
            sleep(PAUSE).await;
            told.is_planned.store(false, Ordering::Release);
            *told.last.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
            // A program that is not told polls every second.
            drop(steps.ask(Step::Notify).await);
        });
    }
}
