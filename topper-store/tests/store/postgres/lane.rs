//! What a connection does for several claims at once, and how often one is tried while the server is away.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use sqlx::PgPool;
use tokio::{net::TcpListener, time::sleep};
use topper_store::{Claim, EventKey, Lease, PostgresStore, Store as _};

use crate::server::postgres::{Own, database};

const TERM: Duration = Duration::from_secs(60);

/// On one thread, so that all is asked before a connection takes any of it.
#[tokio::test]
async fn what_waits_for_a_lock_keeps_nothing_waiting_that_was_asked_with_it() {
    let Some(url) = database().await else { return };
    let store = PostgresStore::connect(&url).await.unwrap();
    let pool = PgPool::connect(&url).await.unwrap();
    let mut transaction = pool.begin().await.unwrap();
    let locked = EventKey::new("default", "3");
    let claim = PostgresStore::claim_in(&mut transaction, locked).await.unwrap();
    assert!(claim.is_new());
    let claiming = (0..8).map(|number| {
        let (store, key) = (store.clone(), EventKey::new("default", &number.to_string()));
        tokio::spawn(async move { store.claim(&Lease::new(key).unwrap(), TERM).await })
    });
    for (number, claiming) in claiming.collect::<Vec<_>>().into_iter().enumerate() {
        let claimed = claiming.await.unwrap();
        if number == 3 {
            assert!(!claimed.is_ok_and(|claim| claim.is_new()));
        } else {
            assert!(matches!(claimed.unwrap(), Claim::New(_)), "{number}");
        }
    }
    transaction.rollback().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_away_is_tried_less_and_less_often() {
    let Some(mut server) = Own::start(&["-c", "fsync=off"]).await else { return };
    let store = PostgresStore::connect(&server.database().await).await.unwrap();
    let lease = Lease::new(EventKey::new("default", "id")).unwrap();
    assert!(store.claim(&lease, TERM).await.unwrap().is_new());
    server.kill();
    let listener = TcpListener::bind(("127.0.0.1", server.port())).await.unwrap();
    let count = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&count);
    let listening = tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            counted.fetch_add(1, Ordering::Relaxed);
            drop(stream);
        }
    });
    store.claim(&lease, TERM).await.unwrap_err();
    sleep(Duration::from_secs(3)).await;
    listening.abort();
    // Four connections: each after 0.05 s, 0.1 s, 0.2 s, 0.4 s, 0.8 s and 1 s.
    let count = count.load(Ordering::Relaxed);
    assert!((4..=40).contains(&count), "{count} times");
}
