//! The newest events, when the page opens.

use std::collections::{BTreeSet, VecDeque};

use tokio::task::yield_now;
use topper_core::KeySet;
use topper_store::inbox::{EventFilter, StoredEvent};
use topper_testkit::TestKey;

use super::{PORTION, Place};
use crate::{
    inspector::{
        Inspector,
        kept::{MOST, MOST_BYTES},
    },
    keys,
};

/// The most keys of one set.
const MOST_KEYS: usize = 16;

/// The row of the newest event of all labels; 0 if there is none.
///
/// A store lists its events from the oldest on, so the last is found by halving.
pub(super) async fn newest(place: &Place) -> Result<i64, String> {
    let filter = EventFilter::default();
    let next = async |after| -> Result<Option<i64>, String> {
        Ok(place.list(&filter, after, 1).await?.first().map(|stored| stored.row))
    };
    let (mut low, mut step) = (0_i64, 1024_i64);
    let mut high = loop {
        let after = low.saturating_add(step);
        match next(after).await? {
            Some(row) => (low, step) = (row, step.saturating_mul(2)),
            None => break after,
        }
    };
    // There is none after `high`, and one at `low`, or none at all.
    while low < high {
        let middle = low + (high - low) / 2;
        match next(middle).await? {
            Some(row) => low = row,
            None => high = middle,
        }
    }
    Ok(low)
}

/// The keys of the newest events; in an empty inbox the test key.
pub(super) async fn keys_of(place: &Place, last: i64, key: &TestKey) -> Result<KeySet, String> {
    let portion = i64::try_from(PORTION).unwrap_or(i64::MAX);
    let mut events = place.list(&place.filter(), (last - portion).max(0), PORTION).await?;
    if events.is_empty() {
        events = place.list(&place.filter(), 0, PORTION).await?;
    }
    let texts: BTreeSet<&str> = events.iter().map(|stored| stored.public_key.as_str()).collect();
    let sets = texts.into_iter().filter_map(|text| KeySet::parse(text).ok());
    let sets: Vec<KeySet> = sets.take(MOST_KEYS).collect();
    match keys::merged(&sets) {
        Ok(keys) => Ok(keys),
        Err(_) => KeySet::parse(&key.public_jwk()).map_err(|error| error.to_string()),
    }
}

/// Reads the newest events up to the row `last`, and shows them.
pub(super) async fn load(place: &Place, inspector: &Inspector, last: i64) -> Result<(), String> {
    let Newest { events: mut newest, is_cut, .. } = read(place, last).await?;
    // Where all are shown, one with a lower row may still come: see `NEWEST`.
    let oldest = newest.front().filter(|_| is_cut).map_or(0, |oldest| oldest.row - 1);
    place.seen.lock().await.begin(oldest, last);
    while !newest.is_empty() {
        let portion = newest.drain(..newest.len().min(PORTION));
        let mut seen = place.seen.lock().await;
        for stored in portion {
            seen.see(place, inspector, stored);
        }
        drop(seen);
        yield_now().await;
    }
    Ok(())
}

/// The newest events up to the row `last`, the oldest of them first.
async fn read(place: &Place, last: i64) -> Result<Newest, String> {
    let filter = place.filter();
    let mut found = Newest::default();
    let (mut high, mut width) = (last, i64::try_from(MOST).unwrap_or(i64::MAX));
    // Rows may be missing: of other labels, purged, or never used. So it goes back in greater steps.
    while high > 0 {
        let low = high.saturating_sub(width).max(0);
        let (mut events, mut after) = (Newest::default(), low);
        loop {
            let page = place.list(&filter, after, PORTION).await?;
            let is_last = page.len() < PORTION;
            for stored in page {
                after = stored.row;
                if after <= high {
                    events.push(stored);
                }
            }
            if is_last || after >= high {
                break;
            }
        }
        events.before(&mut found);
        if found.is_cut {
            break;
        }
        (high, width) = (low, width.saturating_mul(2));
    }
    Ok(found)
}

/// As many events as are kept.
#[derive(Default)]
struct Newest {
    events: VecDeque<StoredEvent>,
    bytes: usize,
    /// Whether there is no room for more.
    is_cut: bool,
}

impl Newest {
    fn push(&mut self, stored: StoredEvent) {
        self.bytes += stored.body.len();
        self.events.push_back(stored);
        while self.events.len() > MOST || (self.bytes > MOST_BYTES && self.events.len() > 1) {
            if let Some(oldest) = self.events.pop_front() {
                self.bytes = self.bytes.saturating_sub(oldest.body.len());
                self.is_cut = true;
            }
        }
    }

    /// Puts these before later ones, as many as there is room for.
    fn before(mut self, later: &mut Self) {
        while let Some(stored) = self.events.pop_back() {
            let bytes = later.bytes + stored.body.len();
            if later.events.len() >= MOST || (bytes > MOST_BYTES && !later.events.is_empty()) {
                later.is_cut = true;
                return;
            }
            later.bytes = bytes;
            later.events.push_front(stored);
        }
        later.is_cut = self.is_cut || later.events.len() >= MOST;
    }
}
