//! What the benchmarks share: medians.

use std::time::{Duration, Instant};

/// The median time of one call of each. Called in turns, so that they share the machine's moods, and
/// timed one by one, so that what interrupts the program now and then is none of the medians.
pub(crate) fn medians<const CALLS: usize, const N: usize>(
    mut calls: [&mut dyn FnMut(); N],
) -> [Duration; N] {
    let mut times = [const { Vec::new() }; N];
    for _ in 0..CALLS {
        for (call, times) in calls.iter_mut().zip(&mut times) {
            let started = Instant::now();
            call();
            times.push(started.elapsed());
        }
    }
    times.map(|mut times| {
        times.sort_unstable();
        times.get(CALLS / 2).copied().unwrap()
    })
}
