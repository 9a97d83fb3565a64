//! A Redis server that is down, stopped, slow, read-only, or full. There is no pool to exhaust: all
//! that is asked shares one connection.

use std::time::Duration;

use topper_store::RedisStore;

use super::{Victim, fill, proxy::Proxy};
use crate::server::{
    redis::{Own, database},
    signal,
};

async fn command(url: &str, words: &[&str]) {
    let client = redis::Client::open(url).unwrap();
    let mut connection = client.get_multiplexed_async_connection().await.unwrap();
    redis::cmd(words.first().unwrap())
        .arg(words.get(1..).unwrap())
        .exec_async(&mut connection)
        .await
        .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn recovers_when_it_was_down() {
    let Some(mut server) = Own::start(&[]).await else { return };
    let victim = Victim::new(RedisStore::connect(&server.url()).await.unwrap()).await;
    server.kill();
    victim.suffers().await;
    server.begin().await;
    victim.recovers().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn recovers_when_it_was_stopped() {
    let Some(server) = Own::start(&[]).await else { return };
    let victim = Victim::new(RedisStore::connect(&server.url()).await.unwrap()).await;
    signal("-STOP", server.pid());
    victim.suffers().await;
    signal("-CONT", server.pid());
    victim.recovers().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn recovers_when_it_was_slow() {
    let Some(url) = database().await else { return };
    let (proxy, url) = Proxy::before(&url).await;
    let victim = Victim::new(RedisStore::connect(&url).await.unwrap()).await;
    proxy.delay(Duration::from_secs(10));
    victim.suffers().await;
    proxy.delay(Duration::ZERO);
    victim.recovers().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn recovers_when_it_was_read_only() {
    let Some(server) = Own::start(&[]).await else { return };
    let victim = Victim::new(RedisStore::connect(&server.url()).await.unwrap()).await;
    // A replica of a server that is not there.
    command(&server.url(), &["REPLICAOF", "127.0.0.1", "1"]).await;
    victim.suffers().await;
    command(&server.url(), &["REPLICAOF", "NO", "ONE"]).await;
    victim.recovers().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn recovers_when_its_memory_is_full() {
    let Some(server) = Own::start(&["--maxmemory-policy", "noeviction"]).await else { return };
    let store = RedisStore::connect(&server.url()).await.unwrap();
    let victim = Victim::new(store.clone()).await;
    command(&server.url(), &["CONFIG", "SET", "maxmemory", "1"]).await;
    fill(&store).await;
    victim.suffers().await;
    command(&server.url(), &["CONFIG", "SET", "maxmemory", "0"]).await;
    victim.recovers().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn marks_once_it_is_back() {
    for later in [Duration::from_secs(1), Duration::from_secs(5)] {
        let Some(server) = Own::start(&[]).await else { return };
        let victim = Victim::new(RedisStore::connect(&server.url()).await.unwrap()).await;
        let server = tokio::sync::Mutex::new(server);
        let repair = async || server.lock().await.begin().await;
        victim.marks_later(later, async || server.lock().await.kill(), repair).await;
    }
}
