//! The store in PostgreSQL.

mod failover;
mod far;
mod lane;
mod once;
mod pooler;
mod told;
mod wire;

use topper_conformance::store::Backend;
use topper_store::PostgresStore;

use crate::server;

/// A database of its own.
struct Postgres(String);

impl Backend for Postgres {
    type Store = PostgresStore;

    async fn empty() -> Option<Self> {
        let url = server::postgres::database().await?;
        Some(Self(url))
    }

    async fn connect(&self) -> PostgresStore {
        PostgresStore::connect(&self.0).await.unwrap()
    }
}

topper_conformance::store_conformance!(Postgres);
