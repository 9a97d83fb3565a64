//! The way from a process to the store: slow, cut, or dead.

use std::{future::pending, sync::Arc, time::Duration};

use tokio::{sync::oneshot, time::sleep};

use super::world::{Open, Process, Way, World};
use crate::inbox::{
    Acceptance, AttemptEnd, Change, Changed, EventFilter, InboxLease, InboxStats, InboxStore,
    NewEvent, OrderPlace, Owner, StoredEvent, Take,
};
use crate::{Claim, EventKey, Lease, LeaseError, MemoryInbox, MemoryStore, Store, StoreError};

/// A store as a process sees it.
pub(super) struct Remote<S> {
    pub(super) store: S,
    pub(super) world: Arc<World>,
    pub(super) process: Process,
}

impl<S: Clone + Send + Sync + 'static> Remote<S> {
    /// The way of a request that gets through. Who is cut off gets an error, at once or after a while.
    async fn open(&self, what: &'static str) -> Result<Open, StoreError> {
        match self.world.way(self.process, what) {
            // No one is there to get an answer.
            Way::Dead => pending().await,
            Way::Refused => Err("the connection is refused".into()),
            Way::Silent(time) => {
                sleep(time).await;
                Err("the connection broke".into())
            }
            Way::Open(way) => Ok(way),
        }
    }

    /// Sends a request. Once it is sent, it arrives even if no one waits for the answer any more.
    async fn send<T, E, F>(
        &self,
        what: &'static str,
        request: impl FnOnce(S, Arc<World>) -> F + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
        F: Future<Output = Result<T, E>> + Send + 'static,
    {
        let way = self.open(what).await?;
        let (answer, answered) = oneshot::channel();
        let (store, world) = (self.store.clone(), Arc::clone(&self.world));
        tokio::spawn(async move {
            sleep(way.there).await;
            let result = request(store, world).await;
            sleep(way.back).await;
            if !way.loses_answer {
                drop(answer.send(result));
            }
        });
        match answered.await {
            Ok(_) if !self.world.is_alive(self.process) => pending().await,
            Ok(result) => result,
            Err(_) => {
                sleep(Duration::from_millis(5)).await;
                Err(StoreError::from("the connection broke").into())
            }
        }
    }
}

impl Store for Remote<MemoryStore> {
    async fn claim(&self, lease: &Lease, term: Duration) -> Result<Claim, StoreError> {
        let (lease, process) = (lease.clone(), self.process);
        self.send("claim", async move |store, world: Arc<World>| {
            let claim = store.claim(&lease, term).await?;
            if claim.is_new() {
                world.leased(process, lease.key(), lease.owner(), term);
            }
            Ok(claim)
        })
        .await
    }

    async fn renew(&self, lease: &Lease, term: Duration) -> Result<(), LeaseError> {
        let (lease, process) = (lease.clone(), self.process);
        self.send("renew", async move |store, world: Arc<World>| {
            store.renew(&lease, term).await?;
            world.leased(process, lease.key(), lease.owner(), term);
            Ok(())
        })
        .await
    }

    async fn complete(&self, lease: &Lease) -> Result<(), LeaseError> {
        let lease = lease.clone();
        self.send("complete", async move |store, world: Arc<World>| {
            store.complete(&lease).await?;
            world.marked(lease.key());
            Ok(())
        })
        .await
    }

    async fn release(&self, lease: &Lease, failure: Option<&str>) -> Result<(), LeaseError> {
        let (lease, failure) = (lease.clone(), failure.map(str::to_owned));
        self.send("release", async move |store, _| store.release(&lease, failure.as_deref()).await)
            .await
    }
}

impl InboxStore for Remote<MemoryInbox> {
    async fn accept(&self, event: &NewEvent) -> Result<Acceptance, StoreError> {
        let event = event.clone();
        self.send("accept", async move |store, _| store.accept(&event).await).await
    }

    async fn take(&self, owner: &Owner, most: usize, term: Duration) -> Result<Take, StoreError> {
        let (owner, process) = (*owner, self.process);
        self.send("take", async move |store, world: Arc<World>| {
            let take = store.take(&owner, most, term).await?;
            for taken in &take.events {
                world.leased(process, taken.lease.key(), &owner, term);
            }
            Ok(take)
        })
        .await
    }

    async fn is_due(&self) -> Result<bool, StoreError> {
        // Asked every second, so it is kept cheap; nothing depends on when it arrives.
        let way = self.open("is_due").await?;
        if way.loses_answer {
            return Err("the connection broke".into());
        }
        sleep(way.there + way.back).await;
        self.store.is_due().await
    }

    async fn renew(&self, lease: &InboxLease, term: Duration) -> Result<(), LeaseError> {
        let (lease, process) = (lease.clone(), self.process);
        self.send("renew", async move |store, world: Arc<World>| {
            store.renew(&lease, term).await?;
            world.leased(process, lease.key(), lease.owner(), term);
            Ok(())
        })
        .await
    }

    async fn end(&self, lease: &InboxLease, end: &AttemptEnd) -> Result<(), LeaseError> {
        let (lease, end) = (lease.clone(), end.clone());
        self.send("end", async move |store, world: Arc<World>| {
            store.end(&lease, &end).await?;
            if end == AttemptEnd::Done {
                world.marked(lease.key());
            }
            Ok(())
        })
        .await
    }

    async fn parked(
        &self,
        reader: &str,
        after: i64,
        most: usize,
    ) -> Result<Vec<StoredEvent>, StoreError> {
        self.store.parked(reader, after, most).await
    }

    async fn unpark(&self, key: &EventKey, order: Option<&OrderPlace>) -> Result<bool, StoreError> {
        self.store.unpark(key, order).await
    }

    async fn stats(&self) -> Result<InboxStats, StoreError> {
        self.store.stats().await
    }

    async fn list(
        &self,
        filter: &EventFilter,
        after: i64,
        most: usize,
    ) -> Result<Vec<StoredEvent>, StoreError> {
        self.store.list(filter, after, most).await
    }

    async fn change(
        &self,
        filter: &EventFilter,
        change: Change,
        after: i64,
        most: usize,
    ) -> Result<Changed, StoreError> {
        self.store.change(filter, change, after, most).await
    }

    async fn count(&self, filter: &EventFilter, change: Change) -> Result<u64, StoreError> {
        self.store.count(filter, change).await
    }

    async fn is_marked(&self, key: &EventKey) -> Result<bool, StoreError> {
        self.store.is_marked(key).await
    }

    async fn purge(&self, age: Duration, most: usize) -> Result<u64, StoreError> {
        self.store.purge(age, most).await
    }
}
