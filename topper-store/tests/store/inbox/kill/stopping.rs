//! An inbox's store that stops at the points around it.

use std::{
    env,
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use topper_store::{
    EventKey, LeaseError, StoreError,
    inbox::{
        Acceptance, AttemptEnd, Change, Changed, EventFilter, InboxLease, InboxStats, InboxStore,
        NewEvent, OrderPlace, StoredEvent, Take, TransactionalInbox,
    },
    sqlx::Transaction,
};

use super::receiver::{POINT, STAYS};
use crate::program::{say, stop_at};

/// Where a program stops, and waits to be killed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Point {
    BeforeAccept,
    AfterAccept,
    BeforeTake,
    AfterTake,
    InHandler,
    AfterHandler,
    BeforeMark,
    /// Of a handler in a transaction: before the commit.
    AfterMark,
}

impl Point {
    pub(super) const ALL: [Self; 8] = [
        Self::BeforeAccept,
        Self::AfterAccept,
        Self::BeforeTake,
        Self::AfterTake,
        Self::InHandler,
        Self::AfterHandler,
        Self::BeforeMark,
        Self::AfterMark,
    ];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::BeforeAccept => "before it accepts",
            Self::AfterAccept => "after it accepted",
            Self::BeforeTake => "before it takes",
            Self::AfterTake => "after it took",
            Self::InHandler => "in the handler",
            Self::AfterHandler => "after the handler",
            Self::BeforeMark => "before the mark",
            Self::AfterMark => "after the mark",
        }
    }

    /// Whether an event that gets there has been acknowledged, or may have been.
    pub(super) fn is_after_accept(self) -> bool {
        !matches!(self, Self::BeforeAccept | Self::AfterAccept)
    }

    pub(super) fn is_between_effect_and_mark(self) -> bool {
        matches!(self, Self::AfterHandler | Self::BeforeMark)
    }

    /// Says so and waits for the end, or for the time it is to stay, when this is where it is to stop.
    pub(super) async fn reach(self) {
        static HAS_STAYED: AtomicBool = AtomicBool::new(false);
        if !self.is_set() {
            return;
        }
        match env::var(STAYS) {
            Err(_) => stop_at(self.name()).await,
            Ok(time) => {
                if !HAS_STAYED.swap(true, Ordering::SeqCst) {
                    say(self.name());
                    tokio::time::sleep(Duration::from_millis(time.parse().unwrap())).await;
                }
            }
        }
    }

    fn is_set(self) -> bool {
        env::var(POINT).is_ok_and(|point| point == self.name())
    }
}

#[derive(Debug)]
pub(super) struct Stopping<S>(pub(super) S);

impl<S: InboxStore> InboxStore for Stopping<S> {
    async fn accept(&self, event: &NewEvent) -> Result<Acceptance, StoreError> {
        Point::BeforeAccept.reach().await;
        let acceptance = self.0.accept(event).await;
        Point::AfterAccept.reach().await;
        acceptance
    }

    async fn take(
        &self,
        owner: &[u8; 16],
        most: usize,
        term: Duration,
    ) -> Result<Take, StoreError> {
        if Point::AfterAccept.is_set() {
            // The whole program has stopped there: a worker that goes on may be killed anywhere.
            return Ok(Take::default());
        }
        if Point::BeforeTake.is_set() {
            if !self.0.is_due().await? {
                return Ok(Take::default());
            }
            Point::BeforeTake.reach().await;
        }
        let take = self.0.take(owner, most, term).await?;
        if !take.events.is_empty() {
            Point::AfterTake.reach().await;
        }
        Ok(take)
    }

    async fn is_due(&self) -> Result<bool, StoreError> {
        self.0.is_due().await
    }

    async fn renew(&self, lease: &InboxLease, term: Duration) -> Result<(), LeaseError> {
        self.0.renew(lease, term).await
    }

    async fn end(&self, lease: &InboxLease, end: &AttemptEnd) -> Result<(), LeaseError> {
        Point::BeforeMark.reach().await;
        let result = self.0.end(lease, end).await;
        Point::AfterMark.reach().await;
        result
    }

    async fn woken(&self) {
        self.0.woken().await;
    }

    async fn parked(
        &self,
        reader: &str,
        after: i64,
        most: usize,
    ) -> Result<Vec<StoredEvent>, StoreError> {
        self.0.parked(reader, after, most).await
    }

    async fn unpark(&self, key: &EventKey, order: Option<&OrderPlace>) -> Result<bool, StoreError> {
        self.0.unpark(key, order).await
    }

    async fn stats(&self) -> Result<InboxStats, StoreError> {
        self.0.stats().await
    }

    async fn list(
        &self,
        filter: &EventFilter,
        after: i64,
        most: usize,
    ) -> Result<Vec<StoredEvent>, StoreError> {
        self.0.list(filter, after, most).await
    }

    async fn change(
        &self,
        filter: &EventFilter,
        change: Change,
        after: i64,
        most: usize,
    ) -> Result<Changed, StoreError> {
        self.0.change(filter, change, after, most).await
    }

    async fn count(&self, filter: &EventFilter, change: Change) -> Result<u64, StoreError> {
        self.0.count(filter, change).await
    }

    async fn is_marked(&self, key: &EventKey) -> Result<bool, StoreError> {
        self.0.is_marked(key).await
    }

    async fn purge(&self, age: Duration, most: usize) -> Result<u64, StoreError> {
        self.0.purge(age, most).await
    }
}

impl<S: TransactionalInbox> TransactionalInbox for Stopping<S> {
    type Database = S::Database;

    async fn begin(&self) -> Result<Transaction<'static, S::Database>, StoreError> {
        self.0.begin().await
    }

    async fn accept_in(
        transaction: &mut Transaction<'_, S::Database>,
        event: &NewEvent,
    ) -> Result<Acceptance, StoreError> {
        S::accept_in(transaction, event).await
    }

    async fn complete_in(
        transaction: &mut Transaction<'_, S::Database>,
        lease: &InboxLease,
    ) -> Result<bool, StoreError> {
        Point::BeforeMark.reach().await;
        let is_done = S::complete_in(transaction, lease).await;
        Point::AfterMark.reach().await;
        is_done
    }
}
