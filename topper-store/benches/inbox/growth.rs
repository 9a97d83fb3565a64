//! What taking an event costs as more are pending.

use std::{
    fs,
    path::Path,
    time::{Duration, Instant},
};

use sqlx::{Connection as _, Executor as _, postgres::PgConnection, sqlite::SqliteConnection};
use topper_store::{
    PostgresInbox, SqliteInbox,
    inbox::{AttemptEnd, InboxStore},
};

use crate::{
    is_met,
    plot::{self, Growth},
    server,
};

const SIZES: [u64; 3] = [10_000, 100_000, 1_000_000];
const ROUNDS: usize = 300;
const MOST: f64 = 1.5;

/// Due for a day already, five of each order.
const SQLITE: &str = "WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < ?1) \
    INSERT INTO topper_inbox (row, label, id, name, order_id, updated_at, rank, received_at, state, \
    due_at, tried_since) SELECT n, 'default', lower(hex(randomblob(16))), \
    'order:crypto-onramp:completed', 'order-' || (n / 5) || '-' || (n * 7919 % 1000), n, 3, \
    1790000000000 + n, 0, 1790000000000 + n, 1790000000000 FROM n";
const POSTGRES: &str = "INSERT INTO topper_inbox (row, label, id, name, order_id, updated_at, rank, \
    received_at, state, due_at, tried_since) SELECT n, 'default', gen_random_uuid()::text::bytea, \
    'order:crypto-onramp:completed', ('order-' || (n / 5) || '-' || (n * 7919 % 1000))::bytea, n, 3, \
    now() - interval '1 day' + n * interval '1 millisecond', 0, \
    now() - interval '1 day' + n * interval '1 millisecond', now() FROM generate_series(1, $1) n";
const SQLITE_BODIES: &str = "INSERT INTO topper_body SELECT row, x'78', 'x', 'x' FROM topper_inbox";
const POSTGRES_BODIES: &str = "INSERT INTO topper_body SELECT row, 'x', 'x', 'x' FROM topper_inbox";

pub(crate) async fn run() -> bool {
    println!("Taking 16 events of many, medians of {ROUNDS} rounds");
    let mut all = vec![sqlite().await];
    all.extend(postgres().await);
    let mut is_flat = true;
    for growth in &all {
        let (_, first) = growth.costs.first().unwrap();
        let (_, last) = growth.costs.last().unwrap();
        let ratio = last.as_secs_f64() / first.as_secs_f64();
        let what = format!("{}: among a million, of among ten thousand", growth.name);
        is_flat &= is_met(&what, ratio, "times", ratio <= MOST, "at most 1.5");
    }
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/guide/inbox-growth.svg");
    let labels = plot::Labels {
        title: "What taking an event costs as more are pending",
        x: "events pending",
        y: "µs an event, 16 taken at once",
    };
    fs::write(docs, plot::svg(&labels, &all)).unwrap();
    println!();
    is_flat
}

async fn sqlite() -> Growth {
    let folder = tempfile::tempdir().unwrap();
    let mut stores = Vec::new();
    for size in SIZES {
        let url = format!("sqlite://{}", folder.path().join(format!("{size}.db")).display());
        let store = SqliteInbox::open(&url).await.unwrap();
        let mut connection = SqliteConnection::connect(&url).await.unwrap();
        let count = i64::try_from(size).unwrap();
        sqlx::query(SQLITE).bind(count).execute(&mut connection).await.unwrap();
        connection.execute(SQLITE_BODIES).await.unwrap();
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").await.unwrap();
        stores.push((size, store));
    }
    measure("SQLite", &stores).await
}

async fn postgres() -> Option<Growth> {
    let settings = ["-c", "max_wal_size=8GB", "-c", "shared_buffers=512MB"];
    let server = server::postgres::Own::start(&settings).await?;
    let mut stores = Vec::new();
    for size in SIZES {
        let url = server.database().await;
        let store = PostgresInbox::connect(&url).await.unwrap();
        let mut connection = PgConnection::connect(&url).await.unwrap();
        let count = i64::try_from(size).unwrap();
        sqlx::query(POSTGRES).bind(count).execute(&mut connection).await.unwrap();
        connection.execute(POSTGRES_BODIES).await.unwrap();
        connection.execute("VACUUM ANALYZE").await.unwrap();
        connection.execute("CHECKPOINT").await.unwrap();
        stores.push((size, store));
    }
    Some(measure("PostgreSQL", &stores).await)
}

/// What was taken is given back, so that as much is pending as before.
async fn measure<S: InboxStore>(name: &'static str, stores: &[(u64, S)]) -> Growth {
    const MOST: usize = 16;
    let mut costs = vec![Vec::new(); stores.len()];
    for round in 0..ROUNDS {
        for ((_, store), costs) in stores.iter().zip(&mut costs) {
            let owner = [u8::try_from(round % 256).unwrap(); 16];
            let started = Instant::now();
            let taken = store.take(&owner, MOST, Duration::from_secs(60)).await.unwrap();
            costs.push(started.elapsed() / u32::try_from(MOST).unwrap());
            assert_eq!(taken.events.len(), MOST);
            let end = AttemptEnd::GivenBack { retry_in: Duration::ZERO };
            for taken in taken.events {
                store.end(&taken.lease, &end).await.unwrap();
            }
        }
    }
    let mut growth = Growth { name, costs: Vec::new(), bytes: 0 };
    for ((size, _), mut costs) in stores.iter().zip(costs) {
        costs.sort_unstable();
        let cost = costs[costs.len() / 2];
        println!("  {name:<12} {size:>10} pending {cost:>10.2?} an event");
        growth.costs.push((*size, cost));
    }
    growth
}
