//! Whether a store can be written to, as a readiness check asks it.

use std::time::Duration;

use sqlx::{Connection as _, Executor as _, postgres::PgConnection, sqlite::SqliteConnection};
use tokio::time::{Instant, sleep};
use topper_store::{AnyStore, Inbox, MemoryStore, Once};

use crate::server::{postgres, redis};

/// What the check promises, and what a machine that is busy adds.
const IN_TIME: Duration = Duration::from_secs(2);

/// Both that can be on a URL.
struct Both(Once<AnyStore>, Inbox);

impl Both {
    async fn on(url: &str) -> Self {
        Self(Once::new(AnyStore::connect(url).await.unwrap()), Inbox::open(url).await.unwrap())
    }

    /// Whether each can be written to.
    async fn can_write(&self) -> [bool; 2] {
        let started = Instant::now();
        let both = [self.0.can_write().await.is_ok(), self.1.can_write().await.is_ok()];
        assert!(started.elapsed() < IN_TIME, "{:?}", started.elapsed());
        both
    }

    /// Waits until both can be written to.
    async fn can_soon_write(&self) {
        let started = Instant::now();
        while self.can_write().await != [true; 2] {
            assert!(started.elapsed() < Duration::from_secs(20));
            sleep(Duration::from_millis(20)).await;
        }
    }
}

#[tokio::test]
async fn a_file_can_be_written_to_unless_another_program_does() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}", folder.path().join("topper.db").display());
    let both = Both::on(&url).await;
    // At once a second time, too: the event of the check is leased then.
    for _ in 0..2 {
        assert_eq!(both.can_write().await, [true; 2]);
    }
    let mut other = SqliteConnection::connect(&url).await.unwrap();
    other.execute("BEGIN IMMEDIATE").await.unwrap();
    // So that an answer from the lease that is there is none.
    sleep(Duration::from_millis(1100)).await;
    assert_eq!(both.can_write().await, [false; 2]);
    other.execute("ROLLBACK").await.unwrap();
    both.can_soon_write().await;
}

#[tokio::test]
async fn a_server_can_be_written_to_while_it_runs() {
    let Some(mut server) = postgres::Own::start(&[]).await else { return };
    let both = Both::on(&server.database().await).await;
    for _ in 0..2 {
        assert_eq!(both.can_write().await, [true; 2]);
    }
    server.kill();
    assert_eq!(both.can_write().await, [false; 2]);
    server.begin().await;
    both.can_soon_write().await;
}

#[tokio::test]
async fn a_database_that_is_read_only_cannot_be_written_to() {
    let Some(server) = postgres::Own::start(&[]).await else { return };
    let url = server.database().await;
    let both = Both::on(&url).await;
    assert_eq!(both.can_write().await, [true; 2]);
    let mut other = PgConnection::connect(&url).await.unwrap();
    other.execute("ALTER SYSTEM SET default_transaction_read_only = on").await.unwrap();
    other.execute("SELECT pg_reload_conf()").await.unwrap();
    let started = Instant::now();
    // The server tells its connections a moment later.
    while both.can_write().await != [false; 2] {
        assert!(started.elapsed() < Duration::from_secs(20));
        sleep(Duration::from_millis(1100)).await;
    }
}

#[tokio::test]
async fn redis_can_be_written_to_while_it_runs() {
    let Some(mut server) = redis::Own::start(&[]).await else { return };
    let once = Once::new(AnyStore::connect(&server.url()).await.unwrap());
    once.can_write().await.unwrap();
    server.kill();
    let started = Instant::now();
    let error = once.can_write().await.unwrap_err();
    assert!(started.elapsed() < IN_TIME, "{error}");
}

#[tokio::test]
async fn memory_can_be_written_to_and_no_event_of_a_webhook_is_claimed_for_it() {
    let once = Once::new(MemoryStore::new());
    for _ in 0..2 {
        once.can_write().await.unwrap();
    }
    assert_eq!(once.running(), 0);
    Inbox::open("memory:").await.unwrap().can_write().await.unwrap();
}
