//! What must not grow while a run lasts: the median of its last third is compared to that of the middle
//! third. In the first third, receivers and stores still warm up.

use std::{sync::atomic::Ordering, time::Duration};

use crate::{
    run::{Group, Latency, Run, lock},
    slot::Sample,
};

/// The WAL of SQLite may grow to this: 128 MB, after which it is written from its start, and what one
/// commit adds.
const MOST_WAL: f64 = 132.0 * 1024.0;

/// A p99 of fewer deliveries says nothing.
const ENOUGH: usize = 10;

/// One thing that was measured all the time.
#[derive(Debug)]
pub(crate) struct Measured {
    pub(crate) what: String,
    pub(crate) unit: &'static str,
    pub(crate) middle: f64,
    pub(crate) last: f64,
    /// `last` may be up to this.
    pub(crate) most: f64,
}

impl Measured {
    pub(crate) fn is_flat(&self) -> bool {
        self.last <= self.most
    }

    fn new(
        what: String,
        unit: &'static str,
        samples: &[(Duration, f64)],
        length: Duration,
        most: impl Fn(f64) -> f64,
    ) -> Option<Self> {
        let third = |from: u32| {
            let part = samples
                .iter()
                .filter(|(at, _)| *at >= length * from / 3 && *at < length * (from + 1) / 3);
            median(part.map(|(_, value)| *value).collect())
        };
        let (middle, last) = (third(1)?, third(2)?);
        Some(Self { what, unit, middle, last, most: most(middle) })
    }
}

/// How often there is a sample.
fn interval(length: Duration) -> Duration {
    (length / 30).clamp(Duration::from_millis(500), Duration::from_secs(10))
}

/// Measures until the run is over; in a thread of its own.
pub(crate) fn sample(run: &Run) {
    let interval = interval(run.options.time);
    while !run.is_over.load(Ordering::Relaxed) {
        let at = run.began.elapsed();
        run.slots().for_each(|slot| slot.measure(at));
        for group in &run.groups {
            let size = group.wal.as_ref().and_then(|wal| Some(std::fs::metadata(wal).ok()?.len()));
            let sizes = &mut *lock(&group.wal_sizes);
            sizes.extend(size.map(|size| (at, size)));
        }
        std::thread::sleep(interval);
    }
}

/// All that must be flat, over the time that the load lasted.
pub(crate) fn measured(run: &Run, length: Duration) -> Vec<Measured> {
    let mut all = Vec::new();
    for slot in run.slots().filter(|slot| slot.receiver.is_steady) {
        let samples = slot.samples();
        let of = |value: fn(&Sample) -> f64| -> Vec<(Duration, f64)> {
            samples.iter().map(|sample| (sample.at, value(sample))).collect()
        };
        let memory = of(|sample| number(sample.memory));
        let name = |what: &str| format!("{what} of {}", slot.receiver.name);
        all.extend(Measured::new(name("memory"), "KiB", &memory, length, |middle| {
            middle * 1.1 + 4096.0
        }));
        let descriptors =
            of(|sample| number(u64::try_from(sample.descriptors).unwrap_or_default()));
        all.extend(Measured::new(name("descriptors"), "", &descriptors, length, |middle| {
            middle * 1.1 + 10.0
        }));
    }
    for group in &run.groups {
        let sizes = lock(&group.wal_sizes);
        let sizes: Vec<_> = sizes.iter().map(|(at, size)| (*at, number(size / 1024))).collect();
        all.extend(Measured::new(
            format!("WAL of {}", group.name),
            "KiB",
            &sizes,
            length,
            |middle| (middle * 1.1 + 4096.0).max(MOST_WAL),
        ));
        let slowest = windows(group, length / 30);
        all.extend(Measured::new(
            format!("p99 of {}", group.name),
            "ms",
            &slowest,
            length,
            |middle| middle * 1.5 + 100.0,
        ));
    }
    all
}

/// The p99 in milliseconds of each window of this length, unless there are too few deliveries in it.
fn windows(group: &Group, window: Duration) -> Vec<(Duration, f64)> {
    let latencies = lock(&group.latencies);
    let last = latencies.iter().map(|latency| latency.at).max().unwrap_or_default();
    let mut windows = Vec::new();
    let mut from = Duration::ZERO;
    while from <= last && !window.is_zero() {
        let is_in = |latency: &&Latency| latency.at >= from && latency.at < from + window;
        let times: Vec<_> = latencies.iter().filter(is_in).map(|latency| latency.time).collect();
        if times.len() >= ENOUGH {
            let slowest = percentile(times, 99);
            windows.extend(slowest.map(|time| (from, time.as_secs_f64() * 1000.0)));
        }
        from += window;
    }
    windows
}

/// All but so many in a hundred are at most this.
pub(crate) fn percentile(mut times: Vec<Duration>, percent: usize) -> Option<Duration> {
    times.sort_unstable();
    let at = (times.len() * percent / 100).min(times.len().checked_sub(1)?);
    times.get(at).copied()
}

fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied()
}

/// Numbers of this kind are far below what an `f64` has room for.
fn number(value: u64) -> f64 {
    u32::try_from(value).unwrap_or(u32::MAX).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One sample each second of 90.
    fn measured(value: impl Fn(u32) -> f64) -> Measured {
        let samples: Vec<_> =
            (0..90).map(|at| (Duration::from_secs(at.into()), value(at))).collect();
        let length = Duration::from_secs(90);
        Measured::new("it".into(), "", &samples, length, |middle| middle * 1.1 + 10.0).unwrap()
    }

    #[test]
    fn what_stays_or_grows_only_at_the_start_is_flat() {
        assert!(measured(|_| 1000.0).is_flat());
        assert!(measured(|at| if at < 30 { f64::from(at) } else { 1000.0 }).is_flat());
        // One sample is no trend.
        assert!(measured(|at| if at == 80 { 9e9 } else { 1000.0 }).is_flat());
    }

    #[test]
    fn what_grows_all_the_time_is_not_flat() {
        let grows = measured(|at| 1000.0 + 10.0 * f64::from(at));
        assert!(!grows.is_flat(), "{grows:?}");
        assert_eq!((grows.middle, grows.last), (1450.0, 1750.0));
    }

    #[test]
    fn nothing_is_said_of_a_run_without_samples() {
        let length = Duration::from_secs(90);
        assert!(Measured::new("it".into(), "", &[], length, |middle| middle).is_none());
    }

    #[test]
    fn a_percentile_is_one_of_the_times() {
        let times: Vec<_> = (1..=200).map(Duration::from_millis).collect();
        assert_eq!(percentile(times.clone(), 99), Some(Duration::from_millis(199)));
        assert_eq!(percentile(times, 50), Some(Duration::from_millis(101)));
        assert_eq!(percentile(vec![], 99), None);
    }
}
