//! Redis, beside a single command over one connection.

use redis::aio::MultiplexedConnection;
use topper_store::RedisStore;

use crate::{ROUNDS, Rates, claims, events, id, rate, report, server::redis::Own};

const LEAST: f64 = 0.8;

pub(crate) async fn run() -> bool {
    let Some(server) = Own::start(&[]).await else { return true };
    let store = RedisStore::connect(&server.url()).await.unwrap();
    let client = redis::Client::open(server.url()).unwrap();
    let connection = client.get_multiplexed_async_connection().await.unwrap();
    let (mut by_hand, mut claimed, mut whole) = (Rates::new(), Rates::new(), Rates::new());
    for _ in 0..ROUNDS {
        by_hand.0.push({
            let connection = connection.clone();
            rate(move |number| insert(connection.clone(), number)).await
        });
        claimed.0.push(claims(&store).await);
        whole.0.push(events(&store).await);
    }
    println!("Redis, appendfsync always, 1 connection");
    report("claims by hand, one `SET NX PX` each", &by_hand, &by_hand, None);
    let is_fast = report("claims", &claimed, &by_hand, Some(LEAST));
    report("claims and marks", &whole, &by_hand, None);
    is_fast
}

async fn insert(mut connection: MultiplexedConnection, number: u64) {
    let key = format!("by-hand:default:{}", id(number));
    let mut command = redis::cmd("SET");
    command.arg(key).arg([7_u8; 16].as_slice()).arg("NX").arg("PX").arg(600_000);
    let set: Option<String> = command.query_async(&mut connection).await.unwrap();
    assert!(set.is_some());
}
