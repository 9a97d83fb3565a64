//! The connection that hears of events which other programs have stored.

use std::{
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use tokio::{
    net::TcpListener,
    time::{sleep, timeout},
};
use topper_store::{PostgresInbox, inbox::InboxStore as _};

use super::{database, number};
use crate::{
    log::{Lines, run},
    server::postgres::Own,
};

#[tokio::test(flavor = "multi_thread")]
async fn ends_with_its_inbox() {
    let Some(url) = database().await else { return };
    let inbox = PostgresInbox::connect(&url).await.unwrap();
    inbox.woken().await;
    let listening = "SELECT count(*) FROM pg_stat_activity \
                     WHERE datname = current_database() AND query LIKE 'LISTEN%'";
    assert_eq!(number(&url, listening).await, 1);
    drop(inbox);
    let ends = async {
        while number(&url, listening).await > 0 {
            sleep(Duration::from_millis(50)).await;
        }
    };
    timeout(Duration::from_secs(10), ends).await.unwrap();
}

#[test]
fn says_once_that_it_hears_nothing() {
    run(async |lines: Lines| {
        let Some(mut server) = Own::start(&["-c", "fsync=off"]).await else { return };
        let inbox = PostgresInbox::connect(&server.database().await).await.unwrap();
        inbox.woken().await;
        server.kill();
        let waking = inbox.woken();
        // Two attempts, of 5 s each.
        assert!(timeout(Duration::from_secs(13), waking).await.is_err());
        let warnings = lines.with("no notifications from PostgreSQL");
        assert_eq!(warnings.len(), 1, "{warnings:?}");
        server.begin().await;
        // There may be something that it has not heard of.
        timeout(Duration::from_secs(10), inbox.woken()).await.unwrap();
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_away_is_tried_less_and_less_often() {
    let Some(mut server) = Own::start(&["-c", "fsync=off"]).await else { return };
    let inbox = PostgresInbox::connect(&server.database().await).await.unwrap();
    inbox.woken().await;
    server.kill();
    let listener = TcpListener::bind(("127.0.0.1", server.port())).await.unwrap();
    let count = AtomicUsize::new(0);
    let count_all = async {
        while listener.accept().await.is_ok() {
            count.fetch_add(1, Ordering::Relaxed);
        }
    };
    // After 0.5, 1.5 and 3.5 s.
    drop(timeout(Duration::from_secs(5), async { tokio::join!(inbox.woken(), count_all) }).await);
    let count = count.into_inner();
    assert!((3..=12).contains(&count), "{count} times");
}
