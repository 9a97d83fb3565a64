//! Numbers that look random, and are the same for the same seed.

use std::time::Duration;

/// SplitMix64.
#[derive(Clone, Debug)]
pub(crate) struct Random(u64);

impl Random {
    /// Numbers for one part of the run.
    pub(crate) fn new(seed: u64, part: &str) -> Self {
        let part = part
            .bytes()
            .fold(0_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3));
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ part)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// From 0 to below this, which is not 0.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        let end = u64::try_from(end.max(1)).unwrap_or(u64::MAX);
        usize::try_from(self.next() % end).unwrap_or_default()
    }

    pub(crate) fn is_one_in(&mut self, count: usize) -> bool {
        self.below(count) == 0
    }

    /// One of them, unless there are none.
    pub(crate) fn one_of<'a, T>(&mut self, all: &'a [T]) -> Option<&'a T> {
        all.get(self.below(all.len()))
    }

    /// Between half of this time and one and a half of it.
    pub(crate) fn about(&mut self, time: Duration) -> Duration {
        let thousandth = time / 1000;
        thousandth * u32::try_from(500 + self.below(1001)).unwrap_or(1000)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_gives_the_same_numbers_and_another_seed_or_part_others() {
        let five = |seed, part| {
            let mut random = Random::new(seed, part);
            [(); 5].map(|()| random.next())
        };
        assert_eq!(five(1, "load"), five(1, "load"));
        assert_ne!(five(1, "load"), five(2, "load"));
        assert_ne!(five(1, "load"), five(1, "kills"));
    }

    #[test]
    fn a_time_is_about_the_one_that_was_asked_for() {
        let mut random = Random::new(0, "");
        for _ in 0..1000 {
            let time = random.about(Duration::from_secs(10));
            assert!((Duration::from_secs(5)..=Duration::from_secs(15)).contains(&time), "{time:?}");
        }
    }
}
