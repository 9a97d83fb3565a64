//! What becomes of the steps that come back from a server.

use std::time::Duration;

use tokio::time::Instant;

use super::{Keeper, PATIENCE};
use crate::{
    StoreError,
    cause::{Cause, ConnectError},
    queue::Verdict,
    redis::{
        answer::{Failure, Meaning, meaning, refusal, store_error},
        flight::Taken,
        url::Address,
    },
};

/// How often a step is sent: again when its connection broke, or its server has not got the key any more.
const MOST_TRIES: u8 = 2;
/// In a cluster it may be sent on and on, as the slot moves.
const MOST_TRIES_IN_CLUSTER: u8 = 5;

impl Keeper {
    pub(super) fn land(&mut self, number: u64, landed: Vec<(Taken, Result<Verdict, Failure>)>) {
        let lane = self.lanes.iter().position(|lane| lane.number == number);
        if let Some(lane) = lane.and_then(|lane| self.lanes.get_mut(lane)) {
            lane.in_flight.pop_front();
        }
        let mut again = Vec::new();
        for (taken, verdict) in landed {
            match verdict {
                Ok(verdict) => taken.answer(Ok(verdict)),
                Err(failure) => again.extend(self.failed(lane, taken, failure)),
            }
        }
        // Those that wait were asked for before.
        let mut next = std::mem::take(&mut self.waiting);
        next.append(&mut again);
        self.dispatch(next);
    }

    /// Answers the step, unless it is to be sent again at once.
    fn failed(&mut self, lane: Option<usize>, mut taken: Taken, failure: Failure) -> Option<Taken> {
        let from = lane.and_then(|lane| self.lanes.get(lane)?.link.as_ref());
        let from = from.map(|link| link.address.clone());
        let error = match failure {
            Failure::Answer(answer) => {
                let nowhere = Address { host: String::new(), port: 0 };
                let meaning = meaning(&answer, from.as_ref().unwrap_or(&nowhere));
                match (meaning, &mut self.cluster) {
                    (Meaning::Final, _) | (Meaning::Later, None) => {
                        taken.answer(Err(store_error(&answer)));
                        return None;
                    }
                    (Meaning::Moved { slot, to }, Some(cluster)) => {
                        taken.detour = None;
                        cluster.put(slot, to);
                        self.ask_for_map(Duration::ZERO);
                    }
                    (Meaning::Asked(to), Some(_)) => taken.detour = Some(to),
                    (Meaning::Later, Some(_)) => {
                        self.ask_for_map(Duration::ZERO);
                        taken.tries = taken.tries.saturating_sub(1);
                        self.wait(vec![taken]);
                        return None;
                    }
                    (Meaning::NotHere | Meaning::Moved { .. } | Meaning::Asked(_), _) => {
                        self.breaks_if(lane, refusal(&answer));
                    }
                }
                store_error(&answer)
            }
            Failure::TooSlow => {
                // Once more would take too long.
                let error = connect_error(from.as_ref(), Failure::TooSlow.cause());
                taken.answer(Err(error));
                self.breaks_if(lane, Failure::TooSlow.cause());
                return None;
            }
            Failure::Broken(cause) => {
                let error = connect_error(from.as_ref(), Cause::Closed);
                self.breaks_if(lane, cause);
                error
            }
        };
        let until = *taken.until.get_or_insert(Instant::now() + PATIENCE);
        let most = if self.cluster.is_some() { MOST_TRIES_IN_CLUSTER } else { MOST_TRIES };
        if taken.tries < most && Instant::now() < until {
            return Some(taken);
        }
        taken.answer(Err(error));
        None
    }
}

fn connect_error(address: Option<&Address>, cause: Cause) -> StoreError {
    match address {
        Some(address) => StoreError::new(ConnectError { address: address.to_string(), cause }),
        None => StoreError::new(cause.to_string()),
    }
}
