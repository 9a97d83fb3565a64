//! The store that a URL names.

use std::time::Duration;

use crate::{Claim, Lease, LeaseError, Store, StoreError};

/// One of the stores whose feature is on, chosen by a URL at run time.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum AnyStore {
    /// `memory:`
    Memory(crate::MemoryStore),
    /// `sqlite://topper.db`
    #[cfg(feature = "sqlite")]
    Sqlite(crate::SqliteStore),
    /// `postgres://user:password@host/database`
    #[cfg(feature = "postgres")]
    Postgres(crate::PostgresStore),
    /// `redis://:password@host/0`
    #[cfg(feature = "redis")]
    Redis(crate::RedisStore),
}

impl AnyStore {
    /// Connects to a store, and makes its tables when they are missing.
    ///
    /// # Errors
    ///
    /// When no feature that is on knows such URLs, or the store cannot be reached.
    pub async fn connect(url: &str) -> Result<Self, StoreError> {
        match url.split(':').next() {
            Some("memory") => Ok(Self::Memory(crate::MemoryStore::new())),
            #[cfg(feature = "sqlite")]
            Some("sqlite") => crate::SqliteStore::open(url).await.map(Self::Sqlite),
            #[cfg(feature = "postgres")]
            Some("postgres" | "postgresql") => {
                let store = crate::PostgresStore::connect(url).await?;
                store.migrate().await?;
                Ok(Self::Postgres(store))
            }
            #[cfg(feature = "redis")]
            Some("redis" | "rediss") => crate::RedisStore::connect(url).await.map(Self::Redis),
            _ => Err(StoreError::new(UnknownUrl)),
        }
    }
}

/// Does the same to whichever store it is.
macro_rules! forward {
    ($any:expr, $store:ident => $call:expr) => {
        match $any {
            AnyStore::Memory($store) => $call,
            #[cfg(feature = "sqlite")]
            AnyStore::Sqlite($store) => $call,
            #[cfg(feature = "postgres")]
            AnyStore::Postgres($store) => $call,
            #[cfg(feature = "redis")]
            AnyStore::Redis($store) => $call,
        }
    };
}

impl Store for AnyStore {
    async fn claim(&self, lease: &Lease, term: Duration) -> Result<Claim, StoreError> {
        forward!(self, store => store.claim(lease, term).await)
    }

    async fn renew(&self, lease: &Lease, term: Duration) -> Result<(), LeaseError> {
        forward!(self, store => store.renew(lease, term).await)
    }

    async fn complete(&self, lease: &Lease) -> Result<(), LeaseError> {
        forward!(self, store => store.complete(lease).await)
    }

    async fn release(&self, lease: &Lease) -> Result<(), LeaseError> {
        forward!(self, store => store.release(lease).await)
    }
}

/// It does not show the URL, which may have a password.
#[derive(Debug, thiserror::Error)]
#[error(
    "no store for such a URL; it should look like {}",
    [
        #[cfg(feature = "sqlite")]
        "sqlite://topper.db",
        #[cfg(feature = "postgres")]
        "postgres://user:password@host/database",
        #[cfg(feature = "redis")]
        "redis://:password@host/0",
        "memory:",
    ]
    .join(" or ")
)]
struct UnknownUrl;
