//! Limits warnings about sources to one an hour for each source, so that they do not fill the log.

use std::{collections::HashMap, net::IpAddr, sync::PoisonError, time::Duration};

use crate::{clock::Started, sync::Mutex};

/// The time between two warnings about one source.
const PAUSE: Duration = Duration::from_secs(3600);
/// The maximum number of sources with warnings of their own. All others share their warnings.
const MOST: usize = 1024;
/// The time between two clean-ups of old entries.
const SWEEP: Duration = Duration::from_secs(60);

/// Shared by all clones of a verifier.
pub(super) struct Warned {
    started: Started,
    table: Mutex<Table>,
}

impl Default for Warned {
    fn default() -> Self {
        Self { started: Started::now(), table: Mutex::default() }
    }
}

impl Warned {
    /// Whether to warn about a source. If so, it returns how many warnings were left out since the last
    /// one.
    pub(super) fn warns_of(&self, source: Option<IpAddr>) -> Option<u64> {
        let mut table = self.table.lock().unwrap_or_else(PoisonError::into_inner);
        table.warns_of(source, self.started.elapsed())
    }
}

#[derive(Default)]
struct Table {
    sources: HashMap<Option<IpAddr>, Last>,
    others: Option<Last>,
    swept: Duration,
}

/// The time of the last warning, and how many were left out since.
#[derive(Clone, Copy)]
struct Last {
    at: Duration,
    suppressed: u64,
}

impl Table {
    fn warns_of(&mut self, source: Option<IpAddr>, now: Duration) -> Option<u64> {
        if let Some(last) = self.sources.get_mut(&source) {
            return last.warns(now);
        }
        if self.sources.len() >= MOST && now.saturating_sub(self.swept) >= SWEEP {
            self.swept = now;
            self.sources.retain(|_, last| !last.is_over(now));
        }
        if self.sources.len() < MOST {
            self.sources.insert(source, Last { at: now, suppressed: 0 });
            return Some(0);
        }
        match &mut self.others {
            Some(last) => last.warns(now),
            none => {
                *none = Some(Last { at: now, suppressed: 0 });
                Some(0)
            }
        }
    }
}

impl Last {
    fn warns(&mut self, now: Duration) -> Option<u64> {
        if !self.is_over(now) {
            self.suppressed = self.suppressed.saturating_add(1);
            return None;
        }
        let Self { suppressed, .. } = std::mem::replace(self, Self { at: now, suppressed: 0 });
        Some(suppressed)
    }

    fn is_over(self, now: Duration) -> bool {
        now.saturating_sub(self.at) >= PAUSE
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    fn address(number: usize) -> Option<IpAddr> {
        Some(Ipv4Addr::from_bits(u32::try_from(number).unwrap()).into())
    }

    #[test]
    fn warns_of_each_source_once_an_hour_and_says_how_often_not() {
        let mut table = Table::default();
        for source in [address(1), address(2), None] {
            assert_eq!(table.warns_of(source, Duration::ZERO), Some(0));
            assert_eq!(table.warns_of(source, Duration::from_secs(1)), None);
            assert_eq!(table.warns_of(source, PAUSE - Duration::from_millis(1)), None);
            assert_eq!(table.warns_of(source, PAUSE), Some(2));
            assert_eq!(table.warns_of(source, PAUSE), None);
        }
    }

    #[test]
    fn remembers_a_bounded_number_of_sources_and_counts_the_others_together() {
        let mut table = Table::default();
        let now = Duration::from_secs(10);
        let warned = (0..10 * MOST).filter_map(|it| table.warns_of(address(it), now)).count();
        assert_eq!((warned, table.sources.len()), (MOST + 1, MOST));
        // After an hour there is room again.
        assert_eq!(table.warns_of(address(10 * MOST), now + PAUSE), Some(0));
        assert_eq!(table.sources.len(), 1);
        for it in 0..MOST - 1 {
            table.warns_of(address(it), now + PAUSE);
        }
        let suppressed = u64::try_from(9 * MOST - 1).unwrap();
        assert_eq!(table.warns_of(address(10 * MOST + 1), now + PAUSE), Some(suppressed));
    }

    #[test]
    fn knows_how_often_it_did_not_warn_while_there_is_room() {
        let mut table = Table::default();
        table.warns_of(address(1), Duration::ZERO);
        table.warns_of(address(1), Duration::from_secs(1));
        table.warns_of(address(2), 2 * PAUSE);
        assert_eq!(table.warns_of(address(1), 2 * PAUSE), Some(1));
    }
}
