//! What a claim costs as the table grows:
//!
//! ```text
//! cargo bench -p topper-store --all-features --bench growth             # to 100 thousand ids
//! cargo bench -p topper-store --all-features --bench growth -- --full   # to 10 million, and the plot
//! ```
//!
//! With `--full` it writes `docs/guide/store-growth.svg`, and ends with 1 when a claim among ten
//! million ids costs more than 1.5 times one among ten thousand.

#![expect(
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "it reports to the person who runs it, and stops when it cannot be set up"
)]

use std::{
    env, fs,
    path::Path,
    process::ExitCode,
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, Instant},
};

use sqlx::{
    Connection as _, Executor as _,
    postgres::{PgConnection, PgPoolOptions},
    sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqliteSynchronous},
};
use topper_store::{Claim, EventKey, Lease, PostgresStore, SqliteStore, Store};

mod plot;
#[path = "../../tests/store/server/mod.rs"]
#[expect(dead_code, reason = "tests do more to a server")]
mod server;

const SIZES: [u64; 4] = [10_000, 100_000, 1_000_000, 10_000_000];
const AT_ONCE: u64 = 64;
const CLAIMS_EACH: u64 = 30;
const ROUNDS: usize = 9;
const MOST: f64 = 1.5;

/// The cost of a claim for each size, and bytes an event at the largest.
struct Growth {
    name: &'static str,
    costs: Vec<(u64, Duration)>,
    bytes: u64,
}

#[tokio::main]
async fn main() -> ExitCode {
    let is_full = env::args().any(|argument| argument == "--full");
    let sizes = SIZES.get(..if is_full { 4 } else { 2 }).unwrap();
    let mut all = vec![sqlite(sizes).await];
    all.extend(postgres(sizes).await);
    let mut is_flat = true;
    for growth in &all {
        let (_, first) = growth.costs.first().unwrap();
        let (_, last) = growth.costs.last().unwrap();
        let ratio = last.as_secs_f64() / first.as_secs_f64();
        println!(
            "{}: {ratio:.2} times (at most {MOST}), {} bytes an event",
            growth.name, growth.bytes
        );
        is_flat &= ratio <= MOST;
    }
    if is_full {
        let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/guide/store-growth.svg");
        fs::write(docs, plot::svg(&all)).unwrap();
    }
    if is_flat { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

async fn sqlite(sizes: &[u64]) -> Growth {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("topper.db");
    let url = format!("sqlite://{}", path.display());
    let mut growth = Growth { name: "SQLite", costs: Vec::new(), bytes: 0 };
    let mut there = 0;
    for &size in sizes {
        drop(SqliteStore::open(&url).await.unwrap());
        let options = SqliteConnectOptions::new()
            .filename(&path)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Off)
            .busy_timeout(Duration::from_secs(5))
            .pragma("cache_size", "-4000000");
        let mut connection = SqliteConnection::connect_with(&options).await.unwrap();
        // In no order, as events come.
        sqlx::query(
            "WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < ?1) \
             INSERT INTO topper_event (label, id, owner, done_at) \
             SELECT 'default', lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-4' \
             || substr(hex(randomblob(2)), 2) || '-8' || substr(hex(randomblob(2)), 2) || '-' \
             || hex(randomblob(6))), randomblob(16), 1790000000000 FROM n",
        )
        .bind(i64::try_from(size - there).unwrap())
        .execute(&mut connection)
        .await
        .unwrap();
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").await.unwrap();
        connection.close().await.unwrap();
        growth.bytes = fs::metadata(&path).unwrap().len() / size;
        let store = SqliteStore::open(&url).await.unwrap();
        growth.costs.push((size, cost(growth.name, size, &store).await));
        there = size;
    }
    growth
}

async fn postgres(sizes: &[u64]) -> Option<Growth> {
    let server = server::postgres::Own::start(&[
        "-c",
        "max_wal_size=8GB",
        "-c",
        "shared_buffers=512MB",
        "-c",
        "checkpoint_timeout=1h",
    ])
    .await?;
    let url = server.database().await;
    let pool = PgPoolOptions::new().max_connections(10).test_before_acquire(false);
    let store = PostgresStore::new(pool.connect(&url).await.unwrap());
    store.migrate().await.unwrap();
    let mut connection = PgConnection::connect(&url).await.unwrap();
    let mut growth = Growth { name: "PostgreSQL", costs: Vec::new(), bytes: 0 };
    let mut there = 0;
    for &size in sizes {
        sqlx::query(
            "INSERT INTO topper_event (label, id, owner, done_at) \
             SELECT 'default', gen_random_uuid()::text::bytea, \
             decode(replace(gen_random_uuid()::text, '-', ''), 'hex'), now() \
             FROM generate_series(1, $1)",
        )
        .bind(i64::try_from(size - there).unwrap())
        .execute(&mut connection)
        .await
        .unwrap();
        connection.execute("VACUUM ANALYZE topper_event").await.unwrap();
        connection.execute("CHECKPOINT").await.unwrap();
        let bytes: i64 = sqlx::query_scalar("SELECT pg_total_relation_size('topper_event')")
            .fetch_one(&mut connection)
            .await
            .unwrap();
        growth.bytes = u64::try_from(bytes).unwrap() / size;
        growth.costs.push((size, cost(growth.name, size, &store).await));
        there = size;
    }
    Some(growth)
}

/// What a claim takes, many at once: the median of some rounds.
async fn cost<S: Store + Clone>(name: &str, size: u64, store: &S) -> Duration {
    let mut costs: Vec<Duration> = Vec::new();
    for _ in 0..ROUNDS {
        let started = Instant::now();
        let tasks: Vec<_> = (0..AT_ONCE)
            .map(|_| {
                let store = store.clone();
                tokio::spawn(async move {
                    for _ in 0..CLAIMS_EACH {
                        let claim = store.claim(&lease(), Duration::from_secs(600)).await.unwrap();
                        assert_eq!(claim, Claim::New);
                    }
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
        costs.push(started.elapsed() / u32::try_from(AT_ONCE * CLAIMS_EACH).unwrap());
    }
    costs.sort_unstable();
    let cost = costs.get(ROUNDS / 2).copied().unwrap();
    println!("{name:<12} {size:>10} ids {cost:>10.2?} a claim");
    cost
}

/// Of an id in no order.
fn lease() -> Lease {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let mixed =
        NEXT.fetch_add(1, Ordering::Relaxed).wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let mixed = (mixed ^ (mixed >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let (high, low) = (mixed >> 32, mixed & 0xffff_ffff);
    Lease::new(EventKey::new("default", &format!("{high:08x}-0000-4000-8000-0000{low:08x}")))
        .unwrap()
}
