//! Numbers that are the same for the same seed.

use std::{cell::RefCell, time::Duration};

thread_local! {
    static RANDOM: RefCell<Option<Random>> = const { RefCell::new(None) };
}

/// SplitMix64: small, and good enough to choose what happens.
#[derive(Clone)]
pub(crate) struct Random(u64);

impl Random {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15))
    }

    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Less than `end`.
    pub(super) fn below(&mut self, end: u64) -> u64 {
        self.next() % end.max(1)
    }

    pub(super) fn index(&mut self, length: usize) -> usize {
        usize::try_from(self.below(length as u64)).unwrap()
    }

    /// Happens so many times in a thousand.
    pub(super) fn happens(&mut self, per_mille: u64) -> bool {
        self.below(1000) < per_mille
    }

    pub(super) fn millis(&mut self, from: u64, to: u64) -> Duration {
        Duration::from_millis(from + self.below(to - from))
    }

    /// Short times are as likely as long ones.
    pub(super) fn spread(&mut self, from: u64, to: u64) -> Duration {
        let doublings = (to / from.max(1)).max(1).ilog2() + 1;
        let start = from.max(1) << self.below(u64::from(doublings));
        self.millis(start, (start * 2).min(to.max(start + 1)))
    }
}

/// From here on, on this thread, all random numbers are by this seed; until `None`.
pub(super) fn set(random: Option<Random>) {
    RANDOM.set(random);
}

/// When this thread simulates.
pub(crate) fn bytes<const COUNT: usize>() -> Option<[u8; COUNT]> {
    RANDOM.with_borrow_mut(|random| {
        let random = random.as_mut()?;
        Some([(); COUNT].map(|()| random.next().to_le_bytes()[0]))
    })
}
