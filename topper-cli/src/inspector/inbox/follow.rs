//! Following the store: what is new, and what has changed.

use std::{sync::Arc, time::Duration};

use tokio::time::sleep;
use topper_store::inbox::EventState;

use super::{PORTION, Place, load::load, page::read};
use crate::inspector::{Inspector, Source};

/// Between two looks.
const PAUSE: Duration = Duration::from_secs(1);
/// At most, while the store fails.
const LONGEST_PAUSE: Duration = Duration::from_secs(8);
/// The states in which an event is not finished.
const OPEN: [EventState; 4] =
    [EventState::InWork, EventState::Pending, EventState::Parked, EventState::Dead];
/// So many of the newest rows are read in each look: they change most, and of several receivers of
/// PostgreSQL one may store an event before another that has the lower row.
const NEWEST: i64 = 128;
/// The most pages of new events in one look.
const MOST_NEW: usize = 20;
/// The most pages of events that have changed.
const MOST_STALE: usize = 20;
/// Of all that are shown so many in each look.
const OTHERS: usize = 100;

/// Reads the inbox, and follows it until the inspector ends.
pub(super) async fn follow(inspector: Arc<Inspector>, last: i64) {
    let Source::Inbox(place) = &inspector.source else { return };
    let mut ending = inspector.ending();
    tokio::select! {
        biased;
        _ = ending.wait_for(|&has_ended| has_ended) => (),
        () = keep_looking(place, &inspector, last) => (),
    }
}

async fn keep_looking(place: &Place, inspector: &Inspector, last: i64) {
    let (mut cursors, mut pause, mut is_loaded) = (Cursors::default(), PAUSE, false);
    loop {
        let looked = match is_loaded {
            false => load(place, inspector, last).await,
            true => look(place, inspector, &mut cursors).await,
        };
        match looked {
            Ok(()) => {
                place.set_problem(None, inspector);
                (pause, is_loaded) = (PAUSE, true);
            }
            Err(problem) => {
                place.set_problem(Some(&problem), inspector);
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
        }
        sleep(pause).await;
    }
}

/// The rows after which the next look goes on.
#[derive(Default)]
struct Cursors {
    /// In each of the states that are open.
    open: [i64; OPEN.len()],
    others: i64,
}

/// Looks once. Most of it is in the newest events and in those that are not finished.
async fn look(place: &Place, inspector: &Inspector, cursors: &mut Cursors) -> Result<(), String> {
    let (mut after, floor) = {
        let seen = place.seen.lock().await;
        (seen.before_last(NEWEST), seen.floor())
    };
    for _ in 0..MOST_NEW {
        match read(place, inspector, None, after, PORTION).await? {
            Some(last) => after = last,
            None => break,
        }
    }
    for (state, cursor) in OPEN.into_iter().zip(&mut cursors.open) {
        let after = (*cursor).max(floor);
        *cursor = read(place, inspector, Some(state), after, PORTION).await?.unwrap_or(0);
    }
    cursors.others = place.seen.lock().await.recheck(cursors.others, OTHERS);
    for _ in 0..MOST_STALE {
        let Some((after, count)) = place.seen.lock().await.next_stale(PORTION) else { break };
        read(place, inspector, None, after, count).await?;
    }
    Ok(())
}
