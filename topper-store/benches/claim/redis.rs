//! Redis, beside a single command over one connection: 64 at once, and one at a time.

use std::time::Instant;

use redis::aio::MultiplexedConnection;
use topper_store::{Claim, RedisStore, Store as _};

use crate::{
    ROUND, ROUNDS, Rates, TERM, claims, events, id, lease, rate, report, server::redis::Own,
};

const LEAST: f64 = 1.0;
/// A claim takes at most 1.1 times as long.
const LEAST_ALONE: f64 = 1.0 / 1.1;

pub(crate) async fn run() -> bool {
    let Some(server) = Own::start(&[]).await else { return true };
    let store = RedisStore::connect(&server.url()).await.unwrap();
    let client = redis::Client::open(server.url()).unwrap();
    let connection = client.get_multiplexed_async_connection().await.unwrap();
    let (mut by_hand, mut claimed, mut whole) = (Rates::new(), Rates::new(), Rates::new());
    let (mut by_hand_alone, mut claimed_alone) = (Rates::new(), Rates::new());
    for _ in 0..ROUNDS {
        by_hand.0.push({
            let connection = connection.clone();
            rate(move |number| insert(connection.clone(), number)).await
        });
        claimed.0.push(claims(&store).await);
        whole.0.push(events(&store).await);
        by_hand_alone.0.push({
            let connection = connection.clone();
            rate_alone(move |number| insert(connection.clone(), number)).await
        });
        claimed_alone.0.push({
            let store = store.clone();
            rate_alone(move |number| claim(store.clone(), number)).await
        });
    }
    println!("Redis, appendfsync always, 1 connection");
    report("claims by hand, one `SET NX PX` each", &by_hand, &by_hand, None);
    let mut is_fast = report("claims", &claimed, &by_hand, Some(LEAST));
    report("claims and marks", &whole, &by_hand, None);
    report("claims by hand, one at a time", &by_hand_alone, &by_hand_alone, None);
    is_fast &= report("claims, one at a time", &claimed_alone, &by_hand_alone, Some(LEAST_ALONE));
    is_fast
}

/// As [`rate`], one after the other.
async fn rate_alone<F>(work: impl Fn(u64) -> F + Send + 'static) -> f64
where
    F: Future<Output = ()> + Send,
{
    static NEXT: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(1 << 40);
    tokio::spawn(async move {
        let started = Instant::now();
        let mut count = 0_u32;
        while started.elapsed() < ROUND {
            work(NEXT.fetch_add(1, std::sync::atomic::Ordering::Relaxed)).await;
            count += 1;
        }
        f64::from(count) / started.elapsed().as_secs_f64()
    })
    .await
    .unwrap()
}

async fn claim(store: RedisStore, number: u64) {
    assert_eq!(store.claim(&lease(number), TERM).await.unwrap(), Claim::New);
}

async fn insert(mut connection: MultiplexedConnection, number: u64) {
    let key = format!("by-hand:default:{}", id(number));
    let mut command = redis::cmd("SET");
    command.arg(key).arg([7_u8; 16].as_slice()).arg("NX").arg("PX").arg(600_000);
    let set: Option<String> = command.query_async(&mut connection).await.unwrap();
    assert!(set.is_some());
}
