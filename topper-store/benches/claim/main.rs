//! What a claim costs, 64 at once and one at a time, next to what the same store does by hand in the
//! same run, in turns: `cargo bench -p topper-store --all-features --bench claim`. With `-- postgres` (or
//! `sqlite`, `redis`) only that store is measured.
//!
//! Ends with 1 when a ratio is under its limit.

#![expect(
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "it reports to the person who runs it, and stops when it cannot be set up"
)]

use std::{
    future::Future,
    process::ExitCode,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use topper_store::{EventKey, Lease, Store};

mod postgres;
mod redis;
#[path = "../../tests/store/server/mod.rs"]
#[expect(dead_code, reason = "tests do more to a server")]
mod server;
mod sqlite;

const AT_ONCE: u64 = 64;
/// One at a time, a claim takes at most 1.1 times as long as by hand.
const LEAST_ALONE: f64 = 1.0 / 1.1;
const ROUNDS: usize = 15;
const ROUND: Duration = Duration::from_millis(500);
const TERM: Duration = Duration::from_secs(600);

#[tokio::main]
async fn main() -> ExitCode {
    println!("{AT_ONCE} at once, medians of {ROUNDS} rounds of {ROUND:?} each, in turns\n");
    let stores: Vec<String> =
        std::env::args().skip(1).filter(|name| !name.starts_with('-')).collect();
    let is_wanted = |name: &str| stores.is_empty() || stores.iter().any(|store| store == name);
    let mut is_fast = true;
    if is_wanted("sqlite") {
        is_fast &= sqlite::run().await;
    }
    if is_wanted("postgres") {
        is_fast &= postgres::run().await;
    }
    if is_wanted("redis") {
        is_fast &= redis::run().await;
    }
    if is_fast { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// How many a second, and how that compares.
struct Rates(Vec<f64>);

impl Rates {
    fn new() -> Self {
        Self(Vec::new())
    }

    fn median(&self) -> f64 {
        median(self.0.clone())
    }

    /// The median of the ratios of each round, so that what else the machine does matters less.
    fn beside(&self, floor: &Self) -> f64 {
        median(self.ratios(floor))
    }

    /// Between what that median lies, with a confidence of 95 %: by the sign test.
    fn interval(&self, floor: &Self) -> (f64, f64) {
        let mut ratios = self.ratios(floor);
        ratios.sort_unstable_by(f64::total_cmp);
        let half = ratios.len() / 2;
        let spread = ratios.len().isqrt();
        let at = |place: usize| ratios.get(place.min(ratios.len() - 1)).copied().unwrap();
        (at(half.saturating_sub(spread)), at(half + spread))
    }

    fn ratios(&self, floor: &Self) -> Vec<f64> {
        self.0.iter().zip(&floor.0).map(|(ours, floor)| ours / floor).collect()
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap()
}

/// Runs so many at once for a round, each with a number of its own, and says how many a second.
async fn rate<F>(work: impl Fn(u64) -> F + Send + Sync + 'static) -> f64
where
    F: Future<Output = ()> + Send,
{
    rate_of(AT_ONCE, work).await
}

/// One at a time.
async fn rate_alone<F>(work: impl Fn(u64) -> F + Send + Sync + 'static) -> f64
where
    F: Future<Output = ()> + Send,
{
    rate_of(1, work).await
}

async fn rate_of<F>(at_once: u64, work: impl Fn(u64) -> F + Send + Sync + 'static) -> f64
where
    F: Future<Output = ()> + Send,
{
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let work = Arc::new(work);
    let started = Instant::now();
    let tasks: Vec<_> = (0..at_once)
        .map(|_| {
            let work = Arc::clone(&work);
            tokio::spawn(async move {
                let mut count = 0_u32;
                while started.elapsed() < ROUND {
                    work(NEXT.fetch_add(1, Ordering::Relaxed)).await;
                    count += 1;
                }
                count
            })
        })
        .collect();
    let mut count = 0;
    for task in tasks {
        count += task.await.unwrap();
    }
    f64::from(count) / started.elapsed().as_secs_f64()
}

/// An id like Topper's: in no order, so that a table's index has to be searched everywhere.
fn id(number: u64) -> String {
    let mixed = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let mixed = (mixed ^ (mixed >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let (high, low) = (mixed >> 32, mixed & 0xffff_ffff);
    format!("{high:08x}-{:04x}-4000-8000-{:012x}", low >> 16, number)
}

fn lease(number: u64) -> Lease {
    Lease::new(EventKey::new("default", &id(number))).unwrap()
}

async fn claims<S: Store + Clone>(store: &S) -> f64 {
    claims_of(AT_ONCE, store).await
}

async fn claims_alone<S: Store + Clone>(store: &S) -> f64 {
    claims_of(1, store).await
}

async fn claims_of<S: Store + Clone>(at_once: u64, store: &S) -> f64 {
    let store = store.clone();
    rate_of(at_once, move |number| {
        let store = store.clone();
        async move {
            let claim = store.claim(&lease(number), TERM).await.unwrap();
            assert!(claim.is_new());
        }
    })
    .await
}

async fn events<S: Store + Clone>(store: &S) -> f64 {
    let store = store.clone();
    rate(move |number| {
        let store = store.clone();
        async move {
            let lease = lease(number);
            assert!(store.claim(&lease, TERM).await.unwrap().is_new());
            store.complete(&lease).await.unwrap();
        }
    })
    .await
}

fn report(what: &str, rates: &Rates, floor: &Rates, least: Option<f64>) -> bool {
    let ratio = rates.beside(floor);
    let limit = least.map(|least| format!("   (at least {least})")).unwrap_or_default();
    println!("  {what:<52} {:>8.0}/s {ratio:>7.2}{limit}", rates.median());
    least.is_none_or(|least| ratio >= least)
}
