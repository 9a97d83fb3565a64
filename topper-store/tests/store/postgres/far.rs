//! A server that is far away.

use std::time::Duration;

use topper_store::AnyStore;

use crate::{fault::proxy::Proxy, load::Load, server::postgres::database};

#[tokio::test(flavor = "multi_thread")]
async fn processes_all_at_200_ms_there_and_back() {
    let Some(url) = database().await else { return };
    let (proxy, url) = Proxy::before(&url).await;
    proxy.delay(Duration::from_millis(100));
    let load = Load::new(AnyStore::connect(&url).await.unwrap(), 200);
    // Time for the connections behind the first.
    tokio::time::sleep(Duration::from_secs(2)).await;
    load.start(8).join_all().await;
    assert_eq!(load.retried(), 0);
    load.ran_once().await;
}
