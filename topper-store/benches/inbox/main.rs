//! What the inbox costs, next to what one would write by hand in the same run:
//!
//! ```text
//! cargo bench -p topper-store --all-features --bench inbox                # all but the large tables
//! cargo bench -p topper-store --all-features --bench inbox -- accept      # or latency, drain, idle
//! cargo bench -p topper-store --all-features --bench inbox -- growth      # to 1 million, and the plot
//! ```
//!
//! Ends with 1 when a limit is not met. `growth` writes `docs/guide/inbox-growth.svg`.

#![expect(
    clippy::cast_precision_loss,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "it reports to the person who runs it, and stops when it cannot be set up"
)]

use std::{
    process::ExitCode,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Instant,
};

use tokio::task::JoinSet;
use topper_core::{EventName, Verifier, Webhook};
use topper_store::{PostgresInbox, SqliteInbox};
use topper_testkit::{Delivery, EventBuilder, TestKey};

mod accept;
mod drain;
mod growth;
mod idle;
mod latency;
#[path = "../growth/plot.rs"]
#[expect(dead_code, reason = "another benchmark has more in it")]
mod plot;
#[path = "../../tests/store/server/mod.rs"]
#[expect(dead_code, reason = "tests do more to a server")]
mod server;

#[tokio::main]
async fn main() -> ExitCode {
    let wanted: Vec<String> =
        std::env::args().skip(1).filter(|name| !name.starts_with('-')).collect();
    let is_wanted = |name: &str| wanted.iter().any(|wanted| wanted == name);
    let is_usual = |name: &str| wanted.is_empty() || is_wanted(name);
    let mut is_fine = true;
    if is_usual("accept") {
        is_fine &= accept::run().await;
    }
    if is_usual("latency") {
        is_fine &= latency::run().await;
    }
    if is_usual("idle") {
        is_fine &= idle::run().await;
    }
    if is_usual("drain") {
        is_fine &= drain::run().await;
    }
    if is_wanted("growth") {
        is_fine &= growth::run().await;
    }
    if is_fine { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// So many verified events of 1.1 KB, five of each order.
fn webhooks(count: usize) -> Vec<Webhook> {
    let key = TestKey::generate();
    let verifier = Verifier::new(&key.public_jwk()).unwrap();
    let make = |number: usize| {
        let event = EventBuilder::new(EventName::OrderCryptoOnrampCompleted)
            .id(&id(number))
            .set("data.id", id(number / 5))
            .add("data.note", "x".repeat(200));
        Delivery::signed(&key, event.to_json()).verify(&verifier).unwrap()
    };
    let half = count / 2;
    std::thread::scope(|scope| {
        let first = scope.spawn(|| (0..half).map(make).collect::<Vec<_>>());
        let mut second: Vec<_> = (half..count).map(make).collect();
        let mut all = first.join().unwrap();
        all.append(&mut second);
        all
    })
}

/// An id like Topper's: in no order, so that an index has to be searched everywhere.
fn id(number: usize) -> String {
    let mixed = (number as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let mixed = (mixed ^ (mixed >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let (high, low) = (mixed >> 32, mixed & 0xffff_ffff);
    format!("{high:08x}-{:04x}-4000-8000-{number:012x}", low >> 16)
}

/// Does so much, this much of it at once, and says how much a second.
async fn rate<T, F>(
    at_once: usize,
    items: &[T],
    work: impl Fn(T) -> F + Send + Sync + 'static,
) -> f64
where
    T: Clone + Send + Sync + 'static,
    F: Future<Output = ()> + Send,
{
    let (items, work) = (Arc::new(items.to_vec()), Arc::new(work));
    let next = Arc::new(AtomicUsize::new(0));
    let started = Instant::now();
    let tasks = (0..at_once).map(|_| {
        let (items, work, next) = (Arc::clone(&items), Arc::clone(&work), Arc::clone(&next));
        async move {
            while let Some(item) = items.get(next.fetch_add(1, Ordering::Relaxed)) {
                work(item.clone()).await;
            }
        }
    });
    tasks.collect::<JoinSet<_>>().join_all().await;
    items.len() as f64 / started.elapsed().as_secs_f64()
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    *values.get(values.len() / 2).unwrap()
}

/// Prints a figure beside its limit, and says whether that is met.
fn is_met(what: &str, value: f64, unit: &str, is_good: bool, limit: &str) -> bool {
    let mark = if is_good { "" } else { "   NOT MET" };
    println!("  {what:<56} {value:>9.2} {unit:<6} ({limit}){mark}");
    is_good
}

/// An inbox in a file of a new folder, which is kept as long as the second.
async fn sqlite() -> (SqliteInbox, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}", folder.path().join("inbox.db").display());
    (SqliteInbox::open(&url).await.unwrap(), folder)
}

/// An inbox in a server of its own.
async fn postgres() -> Option<(PostgresInbox, String, server::postgres::Own)> {
    let server = server::postgres::Own::start(&["-c", "max_wal_size=8GB"]).await?;
    let url = server.database().await;
    Some((PostgresInbox::connect(&url).await.unwrap(), url, server))
}
