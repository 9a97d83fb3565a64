//! Redis, beside a single command over one connection: 64 at once, and one at a time.

use std::time::{Duration, Instant};

use redis::{AsyncConnectionConfig, aio::MultiplexedConnection};
use topper_store::{RedisStore, Store as _};

use crate::{ROUNDS, Rates, TERM, claims, events, id, lease, rate, report, server::redis::Own};

const LEAST: f64 = 1.0;
/// How long a claim takes when no other is asked for, beside one by hand.
const MOST_ALONE: f64 = 1.1;
const ALONE: Duration = Duration::from_secs(6);

pub(crate) async fn run() -> bool {
    // Rewriting its file would take the CPU from whichever runs just then.
    let Some(server) = Own::start(&["--auto-aof-rewrite-percentage", "0"]).await else {
        return true;
    };
    let store = RedisStore::connect(&server.url()).await.unwrap();
    let client = redis::Client::open(server.url()).unwrap();
    // The default is 0.5 s, which a slow disk exceeds.
    let patient = AsyncConnectionConfig::new().set_response_timeout(Some(Duration::from_secs(10)));
    let connection = client.get_multiplexed_async_connection_with_config(&patient).await.unwrap();
    let (mut by_hand, mut claimed, mut whole) = (Rates::new(), Rates::new(), Rates::new());
    // The two are so close that more rounds are needed to tell them apart.
    for round in 0..4 * ROUNDS {
        // Neither is always the first.
        for is_ours in [round % 2 == 0, round % 2 != 0] {
            if is_ours {
                claimed.0.push(claims(&store).await);
            } else {
                let connection = connection.clone();
                by_hand.0.push(rate(move |number| insert(connection.clone(), number)).await);
            }
        }
    }
    for _ in 0..ROUNDS {
        whole.0.push(events(&store).await);
    }
    println!("Redis, appendfsync always, 1 connection, 4 times as many rounds");
    report("claims by hand, one `SET NX PX` each", &by_hand, &by_hand, None);
    let mut is_fast = report("claims", &claimed, &by_hand, Some(LEAST));
    let (low, high) = claimed.interval(&by_hand);
    println!("  {:<62} {low:>8.2}   to {high:.2}, with a confidence of 95 %", "");
    report("claims and marks", &whole, &by_hand, None);
    let (by_hand, ours) = tokio::spawn(alone(store, connection)).await.unwrap();
    let ratio = ours.as_secs_f64() / by_hand.as_secs_f64();
    println!(
        "  {:<52} {ours:>10.0?} {ratio:>7.2}   (at most {MOST_ALONE}; by hand {by_hand:.0?})",
        "a claim, one at a time"
    );
    is_fast &= ratio <= MOST_ALONE;
    is_fast
}

/// How long a claim by hand and one of the store take, one after the other, in turns.
async fn alone(store: RedisStore, connection: MultiplexedConnection) -> (Duration, Duration) {
    let (mut by_hand, mut ours) = (Vec::new(), Vec::new());
    let started = Instant::now();
    for number in 1 << 40.. {
        let before = Instant::now();
        insert(connection.clone(), number).await;
        let between = Instant::now();
        assert!(store.claim(&lease(number), TERM).await.unwrap().is_new());
        by_hand.push(between - before);
        ours.push(between.elapsed());
        if started.elapsed() > ALONE {
            break;
        }
    }
    by_hand.sort_unstable();
    ours.sort_unstable();
    let half = ours.len() / 2;
    (*by_hand.get(half).unwrap(), *ours.get(half).unwrap())
}

async fn insert(mut connection: MultiplexedConnection, number: u64) {
    let key = format!("by-hand:default:{}", id(number));
    let mut command = redis::cmd("SET");
    command.arg(key).arg([7_u8; 16].as_slice()).arg("NX").arg("PX").arg(600_000);
    let set: Option<String> = command.query_async(&mut connection).await.unwrap();
    assert!(set.is_some());
}
