//! Servers that Sentinels watch.

use std::time::Duration;

use topper_store::RedisStore;

use super::{
    AT_ONCE, SECRET, assert_refused,
    failover::{has_caught_up, pair},
};
use crate::{
    load::Load,
    server::{Port, redis::Own},
};

/// A load on the primary of a pair, which the Sentinel knows both of. From now on nothing is acknowledged
/// that the replica does not have.
async fn load_on(url: &str, sentinel: &Own, old: &Own, new: &Own) -> Load<RedisStore> {
    let load = Load::start(RedisStore::connect(url).await.unwrap(), AT_ONCE);
    load.goes_on_within(Duration::from_secs(5)).await;
    while sentinel.info("master0").await.contains("slaves=0") {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    old.command("CLIENT PAUSE 60000 WRITE").await;
    has_caught_up(old, new).await;
    load
}

#[tokio::test(flavor = "multi_thread")]
async fn follows_a_failover() {
    let Some((mut old, new)) = pair().await else { return };
    let Some(sentinel) = Own::sentinel(&old, &[]).await else { return };
    // The first is down, as one may be.
    let down = Port::reserve();
    let url = format!(
        "redis+sentinel://127.0.0.1:{},127.0.0.1:{}/topper/0",
        down.number(),
        sentinel.port()
    );
    let load = load_on(&url, &sentinel, &old, &new).await;
    old.kill();
    load.goes_on_within(Duration::from_secs(30)).await;
    load.end().await;
    assert_eq!(new.info("role").await, "master");
}

#[tokio::test(flavor = "multi_thread")]
async fn follows_a_failover_that_is_asked_for() {
    let Some((old, new)) = pair().await else { return };
    let Some(sentinel) = Own::sentinel(&old, &[]).await else { return };
    let url = format!("redis+sentinel://127.0.0.1:{}/topper", sentinel.port());
    let load = load_on(&url, &sentinel, &old, &new).await;
    // It may not know yet how good the replica is.
    while sentinel.try_command("SENTINEL FAILOVER topper").await.is_err() {
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    load.goes_on_within(Duration::from_secs(30)).await;
    load.end().await;
    assert_eq!(new.info("role").await, "master");
}

#[tokio::test(flavor = "multi_thread")]
async fn logs_in_to_both() {
    let Some(server) = Own::start(&["--requirepass", "s3cret/word"]).await else { return };
    let options = ["sentinel auth-pass topper s3cret/word", "requirepass s3cret-too"];
    let Some(sentinel) = Own::sentinel(&server, &options).await else { return };
    let url = format!("redis+sentinel://:{SECRET}@127.0.0.1:{}/topper/2", sentinel.port());
    assert_refused(&url, &["NOAUTH", "?sentinel_password="]).await;
    assert_refused(&format!("{url}?sentinel_password=s3cret"), &["WRONGPASS"]).await;
    RedisStore::connect(&format!("{url}?sentinel_password=s3cret-too")).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn says_what_is_wrong_with_a_url() {
    let Some(server) = Own::start(&[]).await else { return };
    let Some(sentinel) = Own::sentinel(&server, &[]).await else { return };
    let port = sentinel.port();
    let right = format!("redis+sentinel://127.0.0.1:{port}/topper/0");
    assert_refused(&format!("redis://127.0.0.1:{port}"), &["it is a Sentinel", &right]).await;
    let url = format!("redis+sentinel://127.0.0.1:{port}/s3cret/0");
    assert_refused(&url, &["does not know the service in the URL", "it knows: topper"]).await;
    let url = format!("redis+sentinel://127.0.0.1:{}/topper/0", server.port());
    assert_refused(&url, &["not a Sentinel", "redis://host:6379/0"]).await;
}
