//! The store in Redis.

use std::error::Error as _;

use topper_conformance::store::Backend;
use topper_store::{AnyStore, Level, RedisStore};

use crate::server;

mod away;
mod cluster;
mod failover;
mod fake;
mod log;
mod refusal;
mod rights;
mod sentinel;
mod settings;
mod tls;

/// A database of its own.
struct Redis(String);

impl Backend for Redis {
    type Store = RedisStore;

    async fn empty() -> Option<Self> {
        server::redis::database().await.map(Self)
    }

    async fn connect(&self) -> RedisStore {
        RedisStore::connect(&self.0).await.unwrap()
    }
}

topper_conformance::store_conformance!(Redis);

/// How many deliveries are sent at once while servers come and go.
const AT_ONCE: usize = 8;

/// A password that must not be seen.
const SECRET: &str = "s3cret%2Fword";

/// Why a URL is refused: in one line, without a secret.
async fn refusal(url: &str) -> String {
    let error = RedisStore::connect(url).await.unwrap_err();
    let cause = error.source().unwrap().to_string();
    let all = format!("{cause} {error} {error:?}");
    assert!(!all.contains("s3cret"), "{all}");
    assert!(!cause.contains(['\n', '\r']), "{cause}");
    println!("refused: {cause}");
    cause
}

async fn assert_refused(url: &str, parts: &[&str]) {
    let cause = refusal(url).await;
    for part in parts {
        assert!(cause.contains(part), "{part:?} is not in {cause:?}");
    }
}

/// What a check says at one of its points.
async fn point(url: &str, name: &str) -> String {
    let report = AnyStore::check(url).await;
    let point = report.points().iter().find(|point| point.name == name);
    point.unwrap_or_else(|| panic!("{report:?}")).to_string()
}

/// What a check warns of.
async fn warnings(url: &str) -> Vec<String> {
    let report = AnyStore::check(url).await;
    assert!(report.is_usable(), "{report:?}");
    let points = report.points().iter();
    points.filter(|point| point.level == Level::Warned).map(ToString::to_string).collect()
}
