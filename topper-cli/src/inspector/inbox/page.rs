//! Reading a page of events, and comparing it with what was seen before.

use std::collections::BTreeSet;

use topper_store::inbox::{EventFilter, EventState};

use super::Place;
use crate::inspector::Inspector;

/// Reads events after a row, in one state or in any, and shows what has changed. Gives the row of the
/// last if there may be more.
///
/// Of events in any state it reads all labels: a store would go through its whole table to find the
/// next event of a label without any.
pub(super) async fn read(
    place: &Place,
    inspector: &Inspector,
    state: Option<EventState>,
    after: i64,
    most: usize,
) -> Result<Option<i64>, String> {
    // Held meanwhile, so that nothing is changed from the page after it was read here.
    let mut seen = place.seen.lock().await;
    let filter = match state {
        Some(_) => EventFilter { state, ..place.filter() },
        None => EventFilter::default(),
    };
    let page = place.list(&filter, after, most).await?;
    let last = page.last().map(|stored| stored.row).filter(|_| page.len() >= most);
    let listed: BTreeSet<i64> = page.iter().map(|stored| stored.row).collect();
    for stored in page {
        if place.shows(stored.key.label()) {
            seen.see(place, inspector, stored);
        }
    }
    if state.is_none() {
        seen.reach(listed.last().copied());
    }
    seen.compare(inspector, state, (after, last.unwrap_or(i64::MAX)), &listed);
    Ok(last)
}
