//! What is logged, and what claims say, while there is no server.

use std::{
    error::Error as _,
    time::{Duration, Instant},
};

use tokio::time::{sleep, timeout};
use topper_store::{EventKey, Lease, RedisStore, Store as _};
use tracing_subscriber::filter::LevelFilter;

use super::SECRET;
use crate::{
    log::{self, Lines},
    server::redis::Own,
};

fn run<F: Future<Output = ()>>(test: impl FnOnce(Lines) -> F) {
    log::run_at(LevelFilter::TRACE, test);
}

/// All lines, none of which has a secret in it.
fn all(lines: &Lines) -> Vec<String> {
    let all = lines.all();
    assert!(!all.concat().contains("s3cret"), "{all:?}");
    all
}

/// How many lines have it in them.
fn count(lines: &Lines, part: &str) -> usize {
    all(lines).iter().filter(|line| line.contains(part)).count()
}

async fn claims(store: &RedisStore) -> Result<(), String> {
    let lease = Lease::new(EventKey::new("default", "id")).unwrap();
    let claimed = store.claim(&lease, Duration::from_secs(1)).await;
    claimed.map(drop).map_err(|error| error.source().unwrap().to_string())
}

#[test]
fn says_once_that_the_server_is_gone_and_once_that_it_is_back() {
    run(async |lines: Lines| {
        let options = ["--requirepass", "s3cret/word", "--appendfsync", "everysec"];
        let Some(mut server) = Own::start(&options).await else { return };
        let url = format!("redis://:{SECRET}@127.0.0.1:{}/0", server.port());
        let store = RedisStore::connect(&url).await.unwrap();
        assert_eq!(count(&lines, "`appendfsync` is everysec"), 1, "{:?}", all(&lines));
        server.kill();
        // Also when nothing is asked.
        let warned = async {
            while count(&lines, "connection to Redis lost") == 0 {
                sleep(Duration::from_millis(20)).await;
            }
        };
        timeout(Duration::from_secs(5), warned).await.unwrap();
        for _ in 0..3 {
            let started = Instant::now();
            let error = claims(&store).await.unwrap_err();
            let waited = started.elapsed();
            assert!(error.contains("connection refused"), "{error}");
            assert!(waited > Duration::from_millis(350), "it waited {waited:?}");
            assert!(waited < Duration::from_millis(900), "it waited {waited:?}");
        }
        server.begin().await;
        let back = async {
            while claims(&store).await.is_err() {
                sleep(Duration::from_millis(20)).await;
            }
        };
        timeout(Duration::from_secs(5), back).await.unwrap();
        assert_eq!(count(&lines, "connection to Redis lost"), 1, "{:?}", all(&lines));
        assert_eq!(count(&lines, "connected to Redis at 127.0.0.1"), 1, "{:?}", all(&lines));
        assert_eq!(all(&lines).len(), 3, "{:?}", all(&lines));
        assert!(!format!("{store:?}").contains("s3cret"));
        println!("{}", all(&lines).join("\n"));
    });
}

#[test]
fn says_nothing_of_a_connection_that_was_idle() {
    run(async |lines: Lines| {
        let Some(server) = Own::start(&["--timeout", "1"]).await else { return };
        let store = RedisStore::connect(&server.url()).await.unwrap();
        for _ in 0..2 {
            sleep(Duration::from_millis(2500)).await;
            claims(&store).await.unwrap();
        }
        assert_eq!(all(&lines), Vec::<String>::new());
    });
}
