//! Running models, one at a time on each core.

use std::{
    sync::{Mutex, PoisonError},
    thread,
    time::Instant,
};

use shuttle::{
    Config, FailurePersistence, MaxSteps, Runner,
    scheduler::{PctScheduler, RandomScheduler},
};

use crate::arguments::{Named, Wanted};

/// Seeds are counted for so many runs, so that few are repeated to see a failure again.
const OF_A_SEED: usize = 100;
/// Of one run; more is a loop that does not end.
const MOST_STEPS: usize = 100_000;
/// Of each thread, in bytes: debug builds need more than the usual one.
const STACK: usize = 512 * 1024;
/// How many times PCT changes what runs first.
const CHANGES: usize = 3;

/// How the next thread is chosen.
#[derive(Clone, Copy, Debug)]
enum Order {
    /// At random.
    Random,
    /// By priorities, which change a few times: it finds what needs a thread to stay behind for long.
    Priorities,
}

/// Runs all of them, and says what failed and how to repeat it.
pub(crate) fn all(wanted: &Wanted) -> Result<(), String> {
    let mut waiting = Vec::new();
    for model in &wanted.models {
        waiting.extend([Order::Random, Order::Priorities].map(|order| (*model, order)));
    }
    println!("{:<20}{:<12}{:>12}{:>10}", "model", "order", "iterations", "seconds");
    let (waiting, failed) = (Mutex::new(waiting.into_iter()), Mutex::new(Vec::new()));
    let work = || {
        loop {
            // A statement of its own, since a lock in the head of a loop would be held through its body.
            let next = lock(&waiting).next();
            let Some((model, order)) = next else { return };
            if let Err(error) = one(model, order, wanted) {
                lock(&failed).push(error);
            }
        }
    };
    let threads = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| (0..threads).for_each(|_| drop(scope.spawn(work))));
    let failed = failed.into_inner().unwrap_or_else(PoisonError::into_inner);
    if failed.is_empty() { Ok(()) } else { Err(failed.join("\n")) }
}

fn one((name, model): Named, order: Order, wanted: &Wanted) -> Result<(), String> {
    let started = Instant::now();
    let mut seed = wanted.seed;
    let mut left = wanted.iterations;
    while left > 0 {
        let iterations = left.min(OF_A_SEED);
        let run = thread::spawn(move || run(model, order, seed, iterations));
        if run.join().is_err() {
            return Err(format!(
                "{name} fails with seed {seed}, order {order:?}; to see it again: \
                 cargo xtask interleave {name} --seed {seed} --iterations {iterations}"
            ));
        }
        seed = seed.wrapping_add(1);
        left -= iterations;
    }
    let (order, seconds) = (format!("{order:?}").to_lowercase(), started.elapsed().as_secs_f64());
    println!("{name:<20}{order:<12}{:>12}{seconds:>10.1}", wanted.iterations);
    Ok(())
}

fn run(model: fn(), order: Order, seed: u64, iterations: usize) {
    let mut config = Config::new();
    config.stack_size = STACK;
    config.max_steps = MaxSteps::FailAfter(MOST_STEPS);
    config.failure_persistence = FailurePersistence::None;
    // What it warns of is in docs/reliability.md.
    config.silence_warnings = true;
    match order {
        Order::Random => {
            Runner::new(RandomScheduler::new_from_seed(seed, iterations), config).run(model)
        }
        Order::Priorities => {
            Runner::new(PctScheduler::new_from_seed(seed, CHANGES, iterations), config).run(model)
        }
    };
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
