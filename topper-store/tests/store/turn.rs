//! Tests that measure how soon a store is back do not run next to those that kill programs. Each of those
//! starts many programs, and a machine that is busy with them is slower than the limits allow.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::time::sleep;

/// How many measure, and how many start programs.
static RUNNING: Mutex<(usize, usize)> = Mutex::new((0, 0));

/// A test of one sort, until it is dropped.
pub(crate) struct Turn {
    measures: bool,
}

impl Turn {
    /// Waits until no test starts programs.
    pub(crate) async fn to_measure() -> Self {
        Self::of(true).await
    }

    /// Waits until no test measures.
    pub(crate) async fn to_start_programs() -> Self {
        Self::of(false).await
    }

    async fn of(measures: bool) -> Self {
        loop {
            if let Some(turn) = Self::take(measures) {
                return turn;
            }
            sleep(Duration::from_millis(20)).await;
        }
    }

    fn take(measures: bool) -> Option<Self> {
        let mut running = running();
        let (measuring, starting) = &mut *running;
        let (own, others) = if measures { (measuring, starting) } else { (starting, measuring) };
        if *others > 0 {
            return None;
        }
        *own += 1;
        Some(Self { measures })
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let mut running = running();
        let (measuring, starting) = &mut *running;
        *(if self.measures { measuring } else { starting }) -= 1;
    }
}

fn running() -> MutexGuard<'static, (usize, usize)> {
    RUNNING.lock().unwrap_or_else(PoisonError::into_inner)
}
