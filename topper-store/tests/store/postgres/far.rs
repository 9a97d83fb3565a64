//! A server that is far away.

use std::time::Duration;

use topper_store::{AnyStore, Claim, EventKey, Lease, PostgresStore, Seen, Store as _};

use crate::{fault::proxy::Proxy, load::Load, server::postgres::database};

#[tokio::test(flavor = "multi_thread")]
async fn processes_all_at_200_ms_there_and_back() {
    let Some(url) = database().await else { return };
    let (proxy, url) = Proxy::before(&url).await;
    proxy.delay(Duration::from_millis(100));
    let store = AnyStore::connect(&url).await.unwrap();
    // Time for the connections behind the first.
    tokio::time::sleep(Duration::from_secs(2)).await;
    // What other tests do to the processor and the disk only adds retries, so one load without them is enough.
    let mut retried = Vec::new();
    while retried.len() < 3 && !retried.contains(&0) {
        let mut load = Load::of(store.clone(), 200, 8);
        load.is_done().await;
        retried.push(load.retried());
        load.end().await;
    }
    assert!(retried.contains(&0), "{retried:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_event_has_been_attempted_once() {
    let Some(url) = database().await else { return };
    let (proxy, url) = Proxy::before(&url).await;
    proxy.delay(Duration::from_millis(20));
    let store = PostgresStore::connect(&url).await.unwrap();
    let lease = Lease::new(EventKey::new("default", "id")).unwrap();
    let claim = store.claim(&lease, Duration::from_secs(60)).await.unwrap();
    assert_eq!(claim, Claim::New(Seen { attempts: 1, since: Duration::ZERO }));
}
