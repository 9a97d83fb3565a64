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
    clippy::indexing_slicing,
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
    postgres::PgConnection,
    sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqliteSynchronous},
};
use tokio::task::JoinSet;
use topper_store::{EventKey, Lease, PostgresStore, SqliteStore, Store};

mod plot;
#[path = "../../tests/store/server/mod.rs"]
#[expect(dead_code, reason = "tests do more to a server")]
mod server;

use plot::{Growth, Labels};

const SIZES: [u64; 4] = [10_000, 100_000, 1_000_000, 10_000_000];
const AT_ONCE: u64 = 64;
const CLAIMS_EACH: u64 = 30;
/// Rounds that are not counted: what is in use is in some cache, and has been written once since the
/// last checkpoint.
const WARM_UP: usize = 10;
const ROUNDS: usize = 31;
const TURNS: usize = 3;
const MOST: f64 = 1.5;

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
        let labels = Labels {
            title: "What a claim costs as the table grows",
            x: "ids in the table",
            y: "µs a claim, 64 at once",
        };
        fs::write(docs, plot::svg(&labels, &all)).unwrap();
    }
    if is_flat { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

async fn sqlite(sizes: &[u64]) -> Growth {
    let folder = tempfile::tempdir().unwrap();
    let mut tables = Vec::new();
    for &size in sizes {
        let path = folder.path().join(format!("{size}.db"));
        let url = format!("sqlite://{}", path.display());
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
        .bind(i64::try_from(size).unwrap())
        .execute(&mut connection)
        .await
        .unwrap();
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").await.unwrap();
        connection.close().await.unwrap();
        // That was not waited for, and would go on while claims are measured.
        let file = fs::File::open(&path).unwrap();
        file.sync_all().unwrap();
        let bytes = file.metadata().unwrap().len() / size;
        tables.push(Table { size, store: SqliteStore::open(&url).await.unwrap(), bytes });
    }
    measure("SQLite", &tables).await
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
    let mut tables = Vec::new();
    for &size in sizes {
        let url = server.database().await;
        let store = PostgresStore::connect(&url).await.unwrap();
        let mut connection = PgConnection::connect(&url).await.unwrap();
        sqlx::query(
            "INSERT INTO topper_event (label, id, owner, done_at) \
             SELECT 'default', gen_random_uuid()::text::bytea, \
             decode(replace(gen_random_uuid()::text, '-', ''), 'hex'), now() \
             FROM generate_series(1, $1)",
        )
        .bind(i64::try_from(size).unwrap())
        .execute(&mut connection)
        .await
        .unwrap();
        connection.execute("VACUUM ANALYZE topper_event").await.unwrap();
        connection.execute("CHECKPOINT").await.unwrap();
        let bytes: i64 = sqlx::query_scalar("SELECT pg_total_relation_size('topper_event')")
            .fetch_one(&mut connection)
            .await
            .unwrap();
        tables.push(Table { size, store, bytes: u64::try_from(bytes).unwrap() / size });
    }
    Some(measure("PostgreSQL", &tables).await)
}

/// A table with so many ids in it, and bytes an event.
struct Table<S> {
    size: u64,
    store: S,
    bytes: u64,
}

/// The tables take turns, so that what the disk is busy with besides falls on each of them.
async fn measure<S: Store + Clone>(name: &'static str, tables: &[Table<S>]) -> Growth {
    let mut costs = vec![Vec::new(); tables.len()];
    for _ in 0..TURNS {
        for (table, costs) in tables.iter().zip(&mut costs) {
            costs.extend(turn(&table.store).await);
        }
    }
    let mut growth = Growth { name, costs: Vec::new(), bytes: tables.last().unwrap().bytes };
    for (table, mut costs) in tables.iter().zip(costs) {
        costs.sort_unstable();
        let cost = *costs.get(costs.len() / 2).unwrap();
        println!("{name:<12} {:>10} ids {cost:>10.2?} a claim", table.size);
        growth.costs.push((table.size, cost));
    }
    growth
}

/// What a claim takes, many at once, in each of some rounds. What a round has claimed is released
/// after it, so that the table keeps its size.
async fn turn<S: Store + Clone>(store: &S) -> Vec<Duration> {
    let mut costs = Vec::new();
    for _ in 0..WARM_UP + ROUNDS {
        let started = Instant::now();
        let claiming = (0..AT_ONCE).map(|_| {
            let store = store.clone();
            async move {
                let leases: Vec<Lease> = (0..CLAIMS_EACH).map(|_| lease()).collect();
                for lease in &leases {
                    let claim = store.claim(lease, Duration::from_secs(600)).await.unwrap();
                    assert!(claim.is_new());
                }
                leases
            }
        });
        let claimed = claiming.collect::<JoinSet<_>>().join_all().await;
        costs.push(started.elapsed() / u32::try_from(AT_ONCE * CLAIMS_EACH).unwrap());
        let releasing = claimed.into_iter().map(|leases| {
            let store = store.clone();
            async move {
                for lease in leases {
                    store.release(&lease, None).await.unwrap();
                }
            }
        });
        releasing.collect::<JoinSet<_>>().join_all().await;
    }
    costs.split_off(WARM_UP)
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
