//! The inbox that a URL names.

use std::time::Duration;

use super::{
    Owner,
    end::AttemptEnd,
    event::{NewEvent, OrderPlace},
    memory::MemoryInbox,
    store::{Acceptance, InboxLease, InboxStore, Take},
    stored::{Change, Changed, EventFilter, InboxStats, StoredEvent},
};
use crate::{
    EventKey, LeaseError, StoreError,
    url::{self, UrlError},
};

/// One of the inboxes whose feature is on, chosen by a URL at run time.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum AnyInbox {
    /// `memory:`
    Memory(MemoryInbox),
    /// `sqlite://topper.db`
    #[cfg(feature = "sqlite")]
    Sqlite(crate::SqliteInbox),
    /// `postgres://user:password@host/database`
    #[cfg(feature = "postgres")]
    Postgres(crate::PostgresInbox),
}

impl AnyInbox {
    /// Opens an inbox, checks that it can be used, and creates its tables if they are missing.
    ///
    /// # Errors
    ///
    /// When the URL is for a store whose feature is off, or the store cannot be reached or used.
    pub async fn connect(url: &str) -> Result<Self, StoreError> {
        match url::scheme(url).map_err(StoreError::new)?.to_ascii_lowercase().as_str() {
            "memory" => Ok(Self::Memory(MemoryInbox::new())),
            #[cfg(feature = "sqlite")]
            "sqlite" => crate::SqliteInbox::open(url).await.map(Self::Sqlite),
            #[cfg(feature = "postgres")]
            "postgres" | "postgresql" => {
                crate::PostgresInbox::connect(url).await.map(Self::Postgres)
            }
            "redis" | "rediss" | "redis+sentinel" | "rediss+sentinel" => Err(StoreError::new(
                "Redis cannot hold an inbox; use sqlite:// or postgres://, or use `Once` with Redis",
            )),
            other => Err(StoreError::new(UrlError::scheme(other))),
        }
    }
}

/// Calls the same method of the inbox that it is.
macro_rules! forward {
    ($any:expr, $inbox:ident => $call:expr) => {
        match $any {
            AnyInbox::Memory($inbox) => $call.await,
            #[cfg(feature = "sqlite")]
            AnyInbox::Sqlite($inbox) => $call.await,
            #[cfg(feature = "postgres")]
            AnyInbox::Postgres($inbox) => $call.await,
        }
    };
}

impl InboxStore for AnyInbox {
    async fn accept(&self, event: &NewEvent) -> Result<Acceptance, StoreError> {
        forward!(self, inbox => inbox.accept(event))
    }

    async fn take(&self, owner: &Owner, most: usize, term: Duration) -> Result<Take, StoreError> {
        forward!(self, inbox => inbox.take(owner, most, term))
    }

    async fn is_due(&self) -> Result<bool, StoreError> {
        forward!(self, inbox => inbox.is_due())
    }

    async fn can_write(&self) -> Result<(), StoreError> {
        forward!(self, inbox => inbox.can_write())
    }

    async fn renew(&self, lease: &InboxLease, term: Duration) -> Result<(), LeaseError> {
        forward!(self, inbox => inbox.renew(lease, term))
    }

    async fn end(&self, lease: &InboxLease, end: &AttemptEnd) -> Result<(), LeaseError> {
        forward!(self, inbox => inbox.end(lease, end))
    }

    async fn woken(&self) {
        forward!(self, inbox => inbox.woken());
    }

    async fn parked(
        &self,
        reader: &str,
        after: i64,
        most: usize,
    ) -> Result<Vec<StoredEvent>, StoreError> {
        forward!(self, inbox => inbox.parked(reader, after, most))
    }

    async fn unpark(&self, key: &EventKey, order: Option<&OrderPlace>) -> Result<bool, StoreError> {
        forward!(self, inbox => inbox.unpark(key, order))
    }

    async fn stats(&self) -> Result<InboxStats, StoreError> {
        forward!(self, inbox => inbox.stats())
    }

    async fn list(
        &self,
        filter: &EventFilter,
        after: i64,
        most: usize,
    ) -> Result<Vec<StoredEvent>, StoreError> {
        forward!(self, inbox => inbox.list(filter, after, most))
    }

    async fn change(
        &self,
        filter: &EventFilter,
        change: Change,
        after: i64,
        most: usize,
    ) -> Result<Changed, StoreError> {
        forward!(self, inbox => inbox.change(filter, change, after, most))
    }

    async fn count(&self, filter: &EventFilter, change: Change) -> Result<u64, StoreError> {
        forward!(self, inbox => inbox.count(filter, change))
    }

    async fn is_marked(&self, key: &EventKey) -> Result<bool, StoreError> {
        forward!(self, inbox => inbox.is_marked(key))
    }

    async fn purge(&self, age: Duration, most: usize) -> Result<u64, StoreError> {
        forward!(self, inbox => inbox.purge(age, most))
    }
}
