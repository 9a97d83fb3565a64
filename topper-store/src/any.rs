//! The store that a URL names.

use std::time::Duration;

use crate::{
    Claim, Lease, LeaseError, Report, Retrying, Store, StoreError,
    url::{self, UrlError},
};

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
    /// Connects to a store, checks that it can be used, and creates its tables if they are missing.
    ///
    /// # Errors
    ///
    /// When the URL is for a store whose feature is off, or the store cannot be reached or used.
    pub async fn connect(url: &str) -> Result<Self, StoreError> {
        match Kind::of(url).map_err(StoreError::new)? {
            Kind::Memory => Ok(Self::Memory(crate::MemoryStore::new())),
            #[cfg(feature = "sqlite")]
            Kind::Sqlite => crate::SqliteStore::open(url).await.map(Self::Sqlite),
            #[cfg(feature = "postgres")]
            Kind::Postgres => crate::PostgresStore::connect(url).await.map(Self::Postgres),
            #[cfg(feature = "redis")]
            Kind::Redis => crate::RedisStore::connect(url).await.map(Self::Redis),
        }
    }

    /// Connects as [`connect`](Self::connect) does, and reports each check, for a person to read.
    /// It creates missing tables.
    pub async fn check(url: &str) -> Report {
        match Kind::of(url) {
            Ok(Kind::Memory) => {
                let mut report = Report::default();
                let found = "in memory: all events are lost when the program ends";
                report.warned("durability", found, "use it for tests only");
                report
            }
            #[cfg(feature = "sqlite")]
            Ok(Kind::Sqlite) => crate::SqliteStore::check(url).await,
            #[cfg(feature = "postgres")]
            Ok(Kind::Postgres) => crate::PostgresStore::check(url).await,
            #[cfg(feature = "redis")]
            Ok(Kind::Redis) => crate::RedisStore::check(url).await,
            Err(error) => {
                let mut report = Report::default();
                report.failed("URL", error.to_string(), None);
                report
            }
        }
    }

    /// Lists up to `most` events that a handler failed on and that are not done, the last failure
    /// first.
    ///
    /// # Errors
    ///
    /// When the store fails. A store in Redis always fails: it keeps no such list.
    pub async fn retrying(&self, most: usize) -> Result<Vec<Retrying>, StoreError> {
        match self {
            Self::Memory(store) => Ok(store.retrying(most)),
            #[cfg(feature = "sqlite")]
            Self::Sqlite(store) => store.retrying(most).await,
            #[cfg(feature = "postgres")]
            Self::Postgres(store) => store.retrying(most).await,
            #[cfg(feature = "redis")]
            Self::Redis(_) => Err(StoreError::from(
                "Redis keeps no list of the events that are being retried; each failure is in the log \
                 of the receiver",
            )),
        }
    }
}

/// Which store a URL is for.
enum Kind {
    Memory,
    #[cfg(feature = "sqlite")]
    Sqlite,
    #[cfg(feature = "postgres")]
    Postgres,
    #[cfg(feature = "redis")]
    Redis,
}

impl Kind {
    fn of(url: &str) -> Result<Self, UrlError> {
        match url::scheme(url)?.to_ascii_lowercase().as_str() {
            "memory" => Ok(Self::Memory),
            #[cfg(feature = "sqlite")]
            "sqlite" => Ok(Self::Sqlite),
            #[cfg(feature = "postgres")]
            "postgres" | "postgresql" => Ok(Self::Postgres),
            #[cfg(feature = "redis")]
            "redis" | "rediss" | "redis+sentinel" | "rediss+sentinel" => Ok(Self::Redis),
            other => Err(UrlError::scheme(other)),
        }
    }
}

/// Calls the same method of the store that it is.
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

    async fn release(&self, lease: &Lease, failure: Option<&str>) -> Result<(), LeaseError> {
        forward!(self, store => store.release(lease, failure).await)
    }
}
