//! How often a server that is away is tried, and what is said of one that is stuck.

use std::{
    error::Error as _,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
    time::sleep,
};
use topper_store::{Claim, EventKey, Lease, RedisStore, Seen, Store as _};

use super::fake::{CLOSE, serve_at};
use crate::{
    fault::proxy::Proxy,
    server::{
        redis::{Own, database},
        signal,
    },
};

/// How often a store connects within 2 s to what has taken the place of its server, and gives this answer to the
/// first that it is asked.
async fn connects(answer: &'static [u8]) -> Option<usize> {
    let mut server = Own::start(&[]).await?;
    let _store = RedisStore::connect(&server.url()).await.unwrap();
    server.kill();
    let listener = TcpListener::bind(("127.0.0.1", server.port())).await.unwrap();
    let count = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&count);
    let listening = tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            counted.fetch_add(1, Ordering::Relaxed);
            if !answer.is_empty() && stream.read(&mut [0; 256]).await.is_ok_and(|read| read > 0) {
                let _ = stream.write_all(answer).await;
            }
        }
    });
    sleep(Duration::from_secs(2)).await;
    listening.abort();
    Some(count.load(Ordering::Relaxed))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_away_is_tried_less_and_less_often() {
    // It ends before it has answered, or soon after.
    for answer in [b"".as_slice(), b":0\r\n"] {
        let Some(count) = connects(answer).await else { return };
        assert!((3..=25).contains(&count), "{count} times after {answer:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_stuck_is_said_to_be() {
    let Some(server) = Own::start(&[]).await else { return };
    let store = RedisStore::connect(&server.url()).await.unwrap();
    signal("-STOP", server.pid());
    let started = Instant::now();
    let lease = Lease::new(EventKey::new("default", "id")).unwrap();
    let error = store.claim(&lease, Duration::from_secs(60)).await.unwrap_err();
    signal("-CONT", server.pid());
    let cause = error.source().unwrap().to_string();
    assert!(cause.contains("did not answer within 2 s"), "{cause}");
    assert!(started.elapsed() < Duration::from_secs(4));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_step_whose_answer_is_lost_is_sent_again() {
    let Some(url) = database().await else { return };
    let (proxy, url) = Proxy::before(&url).await;
    let store = RedisStore::connect(&url).await.unwrap();
    proxy.delay(Duration::from_millis(400));
    let lease = Lease::new(EventKey::new("default", "id")).unwrap();
    let claiming = tokio::spawn({
        let (store, lease) = (store.clone(), lease.clone());
        async move { store.claim(&lease, Duration::from_secs(60)).await }
    });
    sleep(Duration::from_millis(100)).await;
    assert!(!claiming.is_finished());
    proxy.cut();
    sleep(Duration::from_millis(50)).await;
    proxy.delay(Duration::ZERO);
    let claim = claiming.await.unwrap().unwrap();
    assert!(matches!(claim, Claim::New(Seen { attempts: 1, .. })), "{claim:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_step_is_sent_no_more_than_twice() {
    let Some(mut server) = Own::start(&[]).await else { return };
    let store = RedisStore::connect(&server.url()).await.unwrap();
    server.kill();
    let (connected, sent) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let counts = (Arc::clone(&connected), Arc::clone(&sent));
    let answer = move |command: &str| {
        // When it connects, it asks whether the server is a primary.
        if command.starts_with("DEL") {
            counts.0.fetch_add(1, Ordering::Relaxed);
            return ":0\r\n".to_owned();
        }
        if command.starts_with("SET") {
            counts.1.fetch_add(1, Ordering::Relaxed);
        }
        CLOSE.to_owned()
    };
    serve_at(server.port(), answer).await;
    // What is sent to the old connection, before its end is noticed, would count, too.
    while connected.load(Ordering::Relaxed) == 0 {
        sleep(Duration::from_millis(10)).await;
    }
    let lease = Lease::new(EventKey::new("default", "id")).unwrap();
    store.claim(&lease, Duration::from_secs(60)).await.unwrap_err();
    assert_eq!(sent.load(Ordering::Relaxed), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_is_kept_when_an_answer_takes_half_a_second() {
    let Some(server) = Own::start(&[]).await else { return };
    let store = RedisStore::connect(&server.url()).await.unwrap();
    let count = async || {
        let count = server.info("total_connections_received").await;
        count.parse::<u32>().unwrap()
    };
    let before = count().await;
    signal("-STOP", server.pid());
    let claiming = tokio::spawn(async move {
        let lease = Lease::new(EventKey::new("default", "id")).unwrap();
        store.claim(&lease, Duration::from_secs(60)).await
    });
    sleep(Duration::from_millis(600)).await;
    signal("-CONT", server.pid());
    assert!(claiming.await.unwrap().unwrap().is_new());
    // To count is a connection, too.
    assert_eq!(count().await, before + 1);
}
