//! SQLite: one commit for all that is asked at once.

use std::{
    fs::File,
    io::Write as _,
    path::Path,
    time::{Duration, Instant},
};

use sqlx::{
    Connection as _,
    sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqliteSynchronous},
};
use topper_store::SqliteStore;

use crate::{AT_ONCE, ROUND, ROUNDS, Rates, claims, events, id, median, report};

const LEAST: f64 = 1.2;
const INSERT: &str = "INSERT INTO topper_event (label, id, owner, expires_at) \
                      VALUES (?1, ?2, ?3, CAST(unixepoch('subsec') * 1000 AS INTEGER) + ?4)";

pub(crate) async fn run() -> bool {
    let folder = tempfile::tempdir().unwrap();
    let ours = folder.path().join("ours.db");
    let store = SqliteStore::open(&format!("sqlite://{}", ours.display())).await.unwrap();
    let mut by_hand = by_hand(&folder.path().join("by-hand.db")).await;
    let (mut grouped, mut single) = (Rates::new(), Rates::new());
    let (mut claimed, mut whole) = (Rates::new(), Rates::new());
    let mut next = 0;
    for _ in 0..ROUNDS {
        grouped.0.push(rate(&mut by_hand, AT_ONCE, &mut next).await);
        claimed.0.push(claims(&store).await);
        single.0.push(rate(&mut by_hand, 1, &mut next).await);
        whole.0.push(events(&store).await);
    }
    println!("SQLite, synchronous FULL; a sync of this disk takes {:.2?}", sync(folder.path()));
    report("rows by hand, one writer, 64 a transaction", &grouped, &grouped, None);
    report("rows by hand, one writer, 1 a transaction", &single, &grouped, None);
    let is_fast = report("claims", &claimed, &grouped, Some(LEAST));
    report("claims and marks (two commits each)", &whole, &grouped, None);
    println!("  claims are {:.0} times one commit a request\n", claimed.beside(&single));
    is_fast
}

/// A file with the same table and settings.
async fn by_hand(path: &Path) -> SqliteConnection {
    drop(SqliteStore::open(&format!("sqlite://{}", path.display())).await.unwrap());
    let options = SqliteConnectOptions::new()
        .filename(path)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full);
    SqliteConnection::connect_with(&options).await.unwrap()
}

async fn rate(connection: &mut SqliteConnection, rows: u64, next: &mut u64) -> f64 {
    let started = Instant::now();
    let mut count = 0_u32;
    while started.elapsed() < ROUND {
        let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await.unwrap();
        for _ in 0..rows {
            *next += 1;
            sqlx::query(INSERT)
                .bind("default")
                .bind(id(*next))
                .bind([7_u8; 16].as_slice())
                .bind(600_000)
                .execute(&mut *transaction)
                .await
                .unwrap();
            count += 1;
        }
        transaction.commit().await.unwrap();
    }
    f64::from(count) / started.elapsed().as_secs_f64()
}

/// The median time of writing a page and waiting until it is on the disk.
fn sync(folder: &Path) -> Duration {
    let mut file = File::create(folder.join("sync")).unwrap();
    let times = (0..200).map(|_| {
        let started = Instant::now();
        file.write_all(&[7; 4096]).unwrap();
        file.sync_data().unwrap();
        started.elapsed().as_secs_f64()
    });
    Duration::from_secs_f64(median(times.collect()))
}
