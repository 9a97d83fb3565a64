//! Which replays are under way, so that the listener's page can show what a new delivery repeats.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use topper_core::{RequestHead, protocol::SIGNATURE_HEADER};
use topper_testkit::Delivery;

/// There are as many as may be replayed at the same time.
#[derive(Default)]
pub(super) struct Replaying(Mutex<Vec<Arc<Replay>>>);

struct Replay {
    /// The number of the delivery that is sent again.
    of: u64,
    delivery: Delivery,
}

/// A replay under way, until this is dropped.
pub(super) struct UnderWay<'a> {
    all: &'a Replaying,
    replay: Arc<Replay>,
}

impl Replaying {
    pub(super) fn begin(&self, of: u64, delivery: Delivery) -> UnderWay<'_> {
        let replay = Arc::new(Replay { of, delivery });
        self.all().push(Arc::clone(&replay));
        UnderWay { all: self, replay }
    }

    /// The number of the delivery that this one repeats.
    pub(super) fn of(&self, delivery: &Delivery) -> Option<u64> {
        let all = self.all();
        let same = all.iter().find(|replay| {
            replay.delivery.body == delivery.body && tokens(&replay.delivery).eq(tokens(delivery))
        });
        same.map(|replay| replay.of)
    }

    fn all(&self) -> MutexGuard<'_, Vec<Arc<Replay>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn tokens(delivery: &Delivery) -> impl Iterator<Item = &[u8]> {
    RequestHead::header(delivery, SIGNATURE_HEADER)
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.all.all().retain(|other| !Arc::ptr_eq(other, &self.replay));
    }
}
