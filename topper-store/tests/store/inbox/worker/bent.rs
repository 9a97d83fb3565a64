//! An inbox in memory that can be down, whose times are squeezed, and which notes what it is told.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::{sync::Semaphore, time::sleep};
use topper_store::{
    EventKey, LeaseError, MemoryInbox, StoreError,
    inbox::{
        Acceptance, AttemptEnd, Change, Changed, EventFilter, InboxLease, InboxStats, InboxStore,
        NewEvent, OrderPlace, StoredEvent, Take, Taken,
    },
};

type Bend = dyn Fn(&mut Taken) + Send + Sync;

#[derive(Clone)]
pub(super) struct Bent {
    pub(super) store: MemoryInbox,
    is_down: Arc<AtomicBool>,
    /// How long it takes to accept an event.
    accept_time: Duration,
    /// How long it takes to count what it holds.
    count_time: Duration,
    /// How many events it was asked for at most, each time.
    pub(super) takes: Arc<Mutex<Vec<usize>>>,
    /// How often it was asked to purge, and to count.
    pub(super) purges: Arc<AtomicUsize>,
    pub(super) counts: Arc<AtomicUsize>,
    squeeze: u32,
    /// How long events have waited, by their ids, had time not been squeezed.
    waited: Arc<Mutex<HashMap<String, Duration>>>,
    ends: Arc<Mutex<Vec<(String, AttemptEnd)>>>,
    bend: Option<Arc<Bend>>,
    /// What was taken is handed out with a permit.
    pub(super) permits: Arc<Semaphore>,
}

impl Bent {
    pub(super) fn new() -> Self {
        Self {
            store: MemoryInbox::new(),
            is_down: Arc::default(),
            accept_time: Duration::ZERO,
            count_time: Duration::ZERO,
            takes: Arc::default(),
            purges: Arc::default(),
            counts: Arc::default(),
            squeeze: 1,
            waited: Arc::default(),
            ends: Arc::default(),
            bend: None,
            permits: Arc::new(Semaphore::new(Semaphore::MAX_PERMITS)),
        }
    }

    /// So many times as fast as it says. The age of an event is the time that it was to wait, so that
    /// nothing depends on how busy the machine is.
    pub(super) fn squeezed(mut self, factor: u32) -> Self {
        self.squeeze = factor;
        self
    }

    /// Accepts an event after this time.
    pub(super) fn accepting_in(mut self, time: Duration) -> Self {
        self.accept_time = time;
        self
    }

    /// Counts what it holds in this time.
    pub(super) fn counting_in(mut self, time: Duration) -> Self {
        self.count_time = time;
        self
    }

    /// Changes what is taken.
    pub(super) fn bending(mut self, bend: impl Fn(&mut Taken) + Send + Sync + 'static) -> Self {
        self.bend = Some(Arc::new(bend));
        self
    }

    pub(super) fn set_down(&self, is_down: bool) {
        self.is_down.store(is_down, Ordering::SeqCst);
    }

    /// How attempts ended, by their event's id.
    pub(super) fn ends(&self) -> Vec<(String, AttemptEnd)> {
        self.ends.lock().unwrap().clone()
    }

    fn reach(&self) -> Result<&MemoryInbox, StoreError> {
        if self.is_down.load(Ordering::SeqCst) { Err("it is down".into()) } else { Ok(&self.store) }
    }

    /// How long an event has waited, had time not been squeezed.
    pub(super) fn waited(&self, id: &str) -> Duration {
        self.waited.lock().unwrap().get(id).copied().unwrap_or_default()
    }
}

impl InboxStore for Bent {
    async fn accept(&self, event: &NewEvent) -> Result<Acceptance, StoreError> {
        sleep(self.accept_time).await;
        self.reach()?.accept(event).await
    }

    async fn take(
        &self,
        owner: &[u8; 16],
        most: usize,
        term: Duration,
    ) -> Result<Take, StoreError> {
        self.takes.lock().unwrap().push(most);
        let mut take = self.reach()?.take(owner, most, term).await?;
        if !take.events.is_empty() {
            self.permits.acquire().await.unwrap().forget();
        }
        for taken in &mut take.events {
            if self.squeeze > 1 {
                taken.age = self.waited(taken.lease.key().id());
            }
            if let Some(bend) = &self.bend {
                bend(taken);
            }
        }
        Ok(take)
    }

    async fn is_due(&self) -> Result<bool, StoreError> {
        self.reach()?.is_due().await
    }

    async fn renew(&self, lease: &InboxLease, term: Duration) -> Result<(), LeaseError> {
        self.reach()?.renew(lease, term).await
    }

    async fn end(&self, lease: &InboxLease, end: &AttemptEnd) -> Result<(), LeaseError> {
        let (mut squeezed, mut waits) = (end.clone(), Duration::ZERO);
        if let AttemptEnd::Failed { retry_in, .. } | AttemptEnd::GivenBack { retry_in } =
            &mut squeezed
        {
            waits = *retry_in;
            *retry_in /= self.squeeze;
        }
        let store = self.reach()?;
        // Before it may be taken again.
        *self.waited.lock().unwrap().entry(lease.key().id().to_owned()).or_default() += waits;
        store.end(lease, &squeezed).await?;
        self.ends.lock().unwrap().push((lease.key().id().to_owned(), end.clone()));
        Ok(())
    }

    async fn woken(&self) {
        // Where time is squeezed, a second is too long.
        if self.squeeze == 1 {
            std::future::pending::<()>().await;
        }
        sleep(Duration::from_millis(5)).await;
    }

    async fn parked(
        &self,
        reader: &str,
        after: i64,
        most: usize,
    ) -> Result<Vec<StoredEvent>, StoreError> {
        self.reach()?.parked(reader, after, most).await
    }

    async fn unpark(&self, key: &EventKey, order: Option<&OrderPlace>) -> Result<bool, StoreError> {
        self.reach()?.unpark(key, order).await
    }

    async fn stats(&self) -> Result<InboxStats, StoreError> {
        self.counts.fetch_add(1, Ordering::SeqCst);
        sleep(self.count_time).await;
        self.reach()?.stats().await
    }

    async fn list(
        &self,
        filter: &EventFilter,
        after: i64,
        most: usize,
    ) -> Result<Vec<StoredEvent>, StoreError> {
        self.reach()?.list(filter, after, most).await
    }

    async fn change(
        &self,
        filter: &EventFilter,
        change: Change,
        after: i64,
        most: usize,
    ) -> Result<Changed, StoreError> {
        self.reach()?.change(filter, change, after, most).await
    }

    async fn count(&self, filter: &EventFilter, change: Change) -> Result<u64, StoreError> {
        self.reach()?.count(filter, change).await
    }

    async fn is_marked(&self, key: &EventKey) -> Result<bool, StoreError> {
        self.reach()?.is_marked(key).await
    }

    async fn purge(&self, age: Duration, most: usize) -> Result<u64, StoreError> {
        self.purges.fetch_add(1, Ordering::SeqCst);
        self.reach()?.purge(age, most).await
    }
}
