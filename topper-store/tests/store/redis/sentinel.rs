//! Servers that Sentinels watch.

use std::time::{Duration, Instant};

use topper_store::RedisStore;

use super::{
    AT_ONCE, SECRET, assert_refused,
    failover::{has_caught_up, pair},
    fake::serve,
    point,
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
    let url = format!("{url}?sentinel_password=s3cret-too");
    RedisStore::connect(&url).await.unwrap();
    let said = point(&url, "connection").await;
    let port = server.port();
    assert_eq!(
        said,
        format!("connection: to 127.0.0.1:{port}, the primary according to the Sentinels")
    );
}

/// Of several that do not know, one that may know later is waited for, and the first is named.
#[tokio::test(flavor = "multi_thread")]
async fn says_what_is_wrong_with_the_first_of_several() {
    let Some(server) = Own::start(&[]).await else { return };
    let Some(other) = Own::start(&[]).await else { return };
    let (one, two) = (Port::reserve(), Port::reserve());
    let url = |first: u16, second: u16| {
        format!("redis+sentinel://127.0.0.1:{first},127.0.0.1:{second}/topper/0")
    };
    let at = |port: u16| format!("127.0.0.1:{port}: ");
    let (server, other, one, two) = (server.port(), other.port(), one.number(), two.number());
    let refused = "connection refused";
    tokio::join!(
        async { assert_refused(&url(server, one), &[&at(one), refused]).await },
        async { assert_refused(&url(one, server), &[&at(one), refused]).await },
        async { assert_refused(&url(one, two), &[&at(one), refused]).await },
        async { assert_refused(&url(server, other), &[&at(server), "not a Sentinel"]).await },
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn waits_while_a_sentinel_knows_nothing_yet() {
    let Some(server) = Own::start(&[]).await else { return };
    let (began, port) = (Instant::now(), server.port());
    let sentinel = serve(move |command| match command {
        _ if began.elapsed() < Duration::from_secs(1) => match command {
            "SENTINEL MASTERS" => "*0\r\n".to_owned(),
            _ => "*-1\r\n".to_owned(),
        },
        _ => format!("*2\r\n+127.0.0.1\r\n+{port}\r\n"),
    })
    .await;
    let url = format!("redis+sentinel://127.0.0.1:{sentinel}/topper/0");
    RedisStore::connect(&url).await.unwrap();
    assert!(began.elapsed() > Duration::from_secs(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn blames_no_login_for_another_refusal() {
    let sentinel = serve(|_| "-DENIED Redis is running in protected mode\r\n".to_owned()).await;
    let url = format!("redis+sentinel://127.0.0.1:{sentinel}/topper/0");
    assert_refused(&url, &["DENIED", "`protected-mode no`"]).await;
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
