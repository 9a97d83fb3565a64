//! Another server takes over, under load.

use std::time::Duration;

use topper_store::AnyStore;

use crate::{fault::proxy::Proxy, load::Load, server::postgres::Own};

/// In which deliveries are served again once the address leads to the new primary.
const RECOVERED: Duration = Duration::from_secs(3);

/// A load that is served by the one server, and goes on at the other.
async fn load_on(url: &str) -> Load<AnyStore> {
    let load = Load::start(AnyStore::connect(url).await.unwrap(), 8);
    load.is_served(200).await;
    load
}

async fn recovers(load: Load<AnyStore>) {
    let elapsed = load.is_served(200).await;
    assert!(elapsed < RECOVERED, "it took {elapsed:?}");
    println!("served again after {elapsed:.0?}");
    load.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn moves_to_the_standby_when_the_primary_dies() {
    let Some(mut primary) = Own::start(&[]).await else { return };
    let (proxy, url) = Proxy::before(&primary.database().await).await;
    let standby = primary.standby().await;
    let load = load_on(&url).await;
    primary.kill();
    standby.promote().await;
    proxy.point_to(standby.port());
    recovers(load).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn moves_to_the_standby_when_the_primary_becomes_read_only() {
    let Some(primary) = Own::start(&[]).await else { return };
    let (proxy, url) = Proxy::before(&primary.database().await).await;
    let standby = primary.standby().await;
    let load = load_on(&url).await;
    primary.demote().await;
    standby.promote().await;
    proxy.point_to(standby.port());
    recovers(load).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn finds_the_primary_among_several_hosts() {
    let Some(mut primary) = Own::start(&[]).await else { return };
    let database = primary.database().await;
    let name = database.rsplit_once('/').unwrap().1;
    let standby = primary.standby().await;
    let (one, two) = (standby.port(), primary.port());
    let url = format!(
        "postgres://postgres@127.0.0.1:{one},127.0.0.1:{two}/{name}?target_session_attrs=read-write"
    );
    let load = load_on(&url).await;
    primary.kill();
    standby.promote().await;
    recovers(load).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn refuses_a_standby_at_start() {
    let Some(primary) = Own::start(&[]).await else { return };
    let database = primary.database().await;
    let name = database.rsplit_once('/').unwrap().1;
    AnyStore::connect(&database).await.unwrap();
    let standby = primary.standby().await;
    let error = AnyStore::connect(&format!("{}/{name}", standby.url())).await.unwrap_err();
    let text = format!("{error:?}");
    assert!(text.contains("is a standby, which is read-only"), "{text}");
    let report = AnyStore::check(&format!("{}/{name}", standby.url())).await;
    assert!(!report.is_usable());
}
