//! The store in Redis.

use topper_conformance::store::Backend;
use topper_store::RedisStore;

use crate::server;

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
