//! Another server takes over, under load.

use std::time::Duration;

use topper_store::AnyStore;

use crate::{fault::proxy::Proxy, load::Load, server::postgres::Own};

/// In which deliveries are served again once the address leads to the new primary.
const RECOVERED: Duration = Duration::from_secs(3);
const EVENTS: usize = 100_000;

#[tokio::test(flavor = "multi_thread")]
async fn moves_to_the_standby_when_the_primary_dies() {
    let Some(mut primary) = Own::start(&[]).await else { return };
    let database = primary.database().await;
    let (proxy, url) = Proxy::before(&database).await;
    let standby = primary.standby().await;
    let load = Load::new(AnyStore::connect(&url).await.unwrap(), EVENTS);
    let tasks = load.start(8);
    load.is_served(200).await;
    primary.kill();
    standby.promote().await;
    proxy.point_to(standby.port());
    let elapsed = load.is_served(200).await;
    assert!(elapsed < RECOVERED, "it took {elapsed:?}");
    load.end(tasks).await;
    println!("served again after {elapsed:.0?}; {} events", load.ran_once().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn moves_to_the_standby_when_the_primary_becomes_read_only() {
    let Some(primary) = Own::start(&[]).await else { return };
    let database = primary.database().await;
    let (proxy, url) = Proxy::before(&database).await;
    let standby = primary.standby().await;
    let load = Load::new(AnyStore::connect(&url).await.unwrap(), EVENTS);
    let tasks = load.start(8);
    load.is_served(200).await;
    primary.demote().await;
    standby.promote().await;
    proxy.point_to(standby.port());
    let elapsed = load.is_served(200).await;
    assert!(elapsed < RECOVERED, "it took {elapsed:?}");
    load.end(tasks).await;
    println!("served again after {elapsed:.0?}; {} events", load.ran_once().await);
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
    let load = Load::new(AnyStore::connect(&url).await.unwrap(), EVENTS);
    let tasks = load.start(8);
    load.is_served(200).await;
    primary.kill();
    standby.promote().await;
    let elapsed = load.is_served(200).await;
    assert!(elapsed < RECOVERED, "it took {elapsed:?}");
    load.end(tasks).await;
    load.ran_once().await;
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
    assert!(text.contains("is a standby, which cannot be written to"), "{text}");
    let report = AnyStore::check(&format!("{}/{name}", standby.url())).await;
    assert!(!report.is_usable());
}
