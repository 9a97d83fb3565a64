//! What waits: for a connection, or for an answer.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::{Event, Keeper, PATIENCE};
use crate::{
    StoreError,
    redis::{answer::Failure, connection::ANSWER_TIME, flight::Taken},
};

/// How often what waits is looked at.
const TICK: Duration = Duration::from_millis(20);
/// How often what is in flight is looked at.
const WATCH: Duration = Duration::from_millis(250);

impl Keeper {
    /// Looks after what is in flight: one timer for all.
    pub(super) fn watch(&mut self) {
        if !std::mem::replace(&mut self.is_watching, true) {
            self.events.push(Box::pin(async {
                sleep(WATCH).await;
                Event::Watch
            }));
        }
    }

    /// Gives up the connections whose answers take too long.
    pub(super) fn watched(&mut self) {
        self.is_watching = false;
        for lane in 0..self.lanes.len() {
            match self.lanes.get(lane).and_then(|lane| lane.in_flight.front()) {
                Some(sent) if sent.elapsed() >= ANSWER_TIME => {
                    self.breaks(lane, Failure::TooSlow.cause());
                }
                Some(_) => self.watch(),
                None => {}
            }
        }
    }

    pub(super) fn wait(&mut self, mut taken: Vec<Taken>) {
        let until = Instant::now() + PATIENCE;
        for taken in &mut taken {
            taken.until.get_or_insert(until);
        }
        self.waiting.append(&mut taken);
        if !std::mem::replace(&mut self.is_ticking, true) {
            self.events.push(Box::pin(async {
                sleep(TICK).await;
                Event::Tick
            }));
        }
    }

    /// Sends what waits, or says that it waited long enough.
    pub(super) fn tick(&mut self) {
        self.is_ticking = false;
        let now = Instant::now();
        let (over, waiting): (Vec<_>, Vec<_>) = std::mem::take(&mut self.waiting)
            .into_iter()
            .partition(|taken| taken.until.is_some_and(|until| until <= now));
        for taken in over {
            let lane = self.lane(&taken).and_then(|lane| self.lanes.get(lane));
            let trouble = lane.and_then(|lane| lane.trouble.clone());
            taken.answer(Err(trouble.unwrap_or_else(|| StoreError::new(Busy))));
        }
        self.dispatch(waiting);
    }
}

#[derive(Debug, thiserror::Error)]
#[error("the server was too busy for 0.4 s")]
struct Busy;
