//! Servers that hand over, close what is idle, or are silent.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::time::{sleep, timeout};
use topper_store::{Claim, EventKey, Lease, RedisStore, Store as _};

use super::{
    AT_ONCE,
    fake::{bulk, serve},
};
use crate::{fault::proxy::Proxy, load::Load, server::redis::Own};

fn lease(id: &str) -> Lease {
    Lease::new(EventKey::new("default", id)).unwrap()
}

const TERM: Duration = Duration::from_secs(60);

/// A primary and a replica that follows it.
pub(super) async fn pair() -> Option<(Own, Own)> {
    let primary = Own::start(&[]).await?;
    let replica = Own::start(&[]).await?;
    replica.command(&format!("REPLICAOF 127.0.0.1 {}", primary.port())).await;
    has_caught_up(&primary, &replica).await;
    Some((primary, replica))
}

pub(super) async fn has_caught_up(primary: &Own, replica: &Own) {
    let wait = async {
        while replica.info("master_link_status").await != "up"
            || replica.info("master_repl_offset").await != primary.info("master_repl_offset").await
        {
            sleep(Duration::from_millis(20)).await;
        }
    };
    timeout(Duration::from_secs(20), wait).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn moves_with_the_address_while_the_old_primary_becomes_a_replica() {
    let Some((old, new)) = pair().await else { return };
    let (proxy, url) = Proxy::before(&format!("{}/0", old.url())).await;
    let load = Load::start(RedisStore::connect(&url).await.unwrap(), AT_ONCE);
    load.goes_on_within(Duration::from_secs(5)).await;
    // Nothing is written that does not get to the other.
    old.command("CLIENT PAUSE 10000 WRITE").await;
    has_caught_up(&old, &new).await;
    new.command("REPLICAOF NO ONE").await;
    old.command(&format!("REPLICAOF 127.0.0.1 {}", new.port())).await;
    old.command("CLIENT UNPAUSE").await;
    // As when a name is looked up that takes its time to change.
    sleep(Duration::from_millis(300)).await;
    proxy.point_to(new.port());
    load.goes_on_within(Duration::from_secs(3)).await;
    load.end().await;
    assert_eq!(new.info("role").await, "master");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_delivery_after_a_silence_is_processed() {
    let Some(server) = Own::start(&["--timeout", "1"]).await else { return };
    let store = RedisStore::connect(&server.url()).await.unwrap();
    for round in 0..3 {
        let load = Load::start(store.clone(), AT_ONCE);
        load.goes_on_within(Duration::from_secs(5)).await;
        assert_eq!(load.retried(), 0, "in round {round}");
        load.end().await;
        let connected = server.info("total_connections_received").await;
        sleep(Duration::from_millis(2500)).await;
        assert_ne!(server.info("total_connections_received").await, connected);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_does_not_answer_is_closed_and_replaced() {
    let (closed, is_silent) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicBool::new(false)));
    let port = serve({
        let (closed, is_silent) = (Arc::clone(&closed), Arc::clone(&is_silent));
        move |command| {
            match command {
                "closed" => {
                    closed.fetch_add(1, Ordering::SeqCst);
                }
                _ if is_silent.load(Ordering::SeqCst) => {}
                "INFO" => return bulk("redis_version:7.0.15\r\nredis_mode:standalone\r\n"),
                _ => return known(command),
            }
            String::new()
        }
    })
    .await;
    let store = RedisStore::connect(&format!("redis://127.0.0.1:{port}")).await.unwrap();
    assert!(store.claim(&lease("1"), TERM).await.unwrap().is_new());
    let before = closed.load(Ordering::SeqCst);
    is_silent.store(true, Ordering::SeqCst);
    let error = timeout(Duration::from_secs(4), store.claim(&lease("2"), TERM)).await.unwrap();
    let error = format!("{:?}", error.unwrap_err());
    assert!(error.contains("did not answer within 2 s"), "{error}");
    is_silent.store(false, Ordering::SeqCst);
    let wait = async {
        while closed.load(Ordering::SeqCst) == before
            || store.claim(&lease("3"), TERM).await.is_err()
        {
            sleep(Duration::from_millis(20)).await;
        }
    };
    timeout(Duration::from_secs(5), wait).await.unwrap();
}

/// The answers that the check at start expects, in its order.
fn known(command: &str) -> String {
    static CLAIMS: AtomicUsize = AtomicUsize::new(0);
    // The value is empty where it only asks whether it may.
    let is_step = !command.contains("  NX ");
    match command.split(' ').next().unwrap() {
        "SET" if is_step && command.contains("topper:0:") => {
            let is_done = CLAIMS.fetch_add(1, Ordering::SeqCst) == 2;
            if is_done { "$-1\r\n" } else { "+OK\r\n" }.to_owned()
        }
        "SET" => "+OK\r\n".to_owned(),
        "CONFIG" => "-ERR unknown command 'CONFIG'\r\n".to_owned(),
        _ => ":1\r\n".to_owned(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_claim_that_is_sent_twice_is_made_once() {
    // The connection breaks after the server has the claim, and before it answers.
    let Some(server) = Own::start(&[]).await else { return };
    let (proxy, url) = Proxy::before(&format!("{}/0", server.url())).await;
    let store = RedisStore::connect(&url).await.unwrap();
    for number in 0..10 {
        let lease = lease(&number.to_string());
        proxy.delay(Duration::from_millis(60));
        let claiming = tokio::spawn({
            let (store, lease) = (store.clone(), lease.clone());
            async move { store.claim(&lease, TERM).await }
        });
        sleep(Duration::from_millis(90)).await;
        server.command("CLIENT KILL TYPE normal SKIPME yes").await;
        proxy.delay(Duration::ZERO);
        assert!(claiming.await.unwrap().unwrap().is_new());
        store.complete(&lease).await.unwrap();
        assert_eq!(store.claim(&lease, TERM).await.unwrap(), Claim::Done);
    }
}
