//! What an inbox's store does.

use std::time::Duration;

use super::{
    Owner,
    end::AttemptEnd,
    event::{NewEvent, OrderPlace},
    stored::{Change, Changed, EventFilter, InboxStats, StoredEvent},
};
use crate::{EventKey, LeaseError, StoreError};

/// The store of an [`Inbox`](crate::Inbox).
///
/// Each call is one atomic step, and all times are by the store's clock. Test your own store with
/// `topper_conformance::inbox_conformance!`.
///
/// An event is *pending* from when it is accepted until it is done. It is *due* when the time of
/// its next attempt has come, and *in work* while a lease on it is valid. An event that could not
/// be read is *parked*, one that failed for too long is *dead*, and one that an operator gave up is
/// *buried*.
pub trait InboxStore: Send + Sync + 'static {
    /// Stores an event durably, due at once, unless its key is known.
    ///
    /// If the store is also one for [`Once`](crate::Once), the same step marks the event as done
    /// for it. That mark stays when the event is [purged](Self::purge).
    ///
    /// # Errors
    ///
    /// When the store fails.
    fn accept(
        &self,
        event: &NewEvent,
    ) -> impl Future<Output = Result<Acceptance, StoreError>> + Send;

    /// Leases up to `most` due events to an owner for `term`, and counts an attempt for each. The
    /// events that have been due for longest come first.
    ///
    /// It returns at most one event of each order, and none of an order that has an event in work.
    /// Of an order's due events it returns the earliest by its [place](OrderPlace). An event whose
    /// lease has expired is due.
    ///
    /// # Errors
    ///
    /// When the store fails.
    fn take(
        &self,
        owner: &Owner,
        most: usize,
        term: Duration,
    ) -> impl Future<Output = Result<Take, StoreError>> + Send;

    /// Checks whether something is due, at a lower cost than [`take`](Self::take). It may say
    /// `true` when all that is due belongs to orders that are in work.
    ///
    /// # Errors
    ///
    /// When the store fails.
    fn is_due(&self) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// Checks that events can be accepted now. The default only looks for what is due, so it does
    /// not notice a full disk.
    ///
    /// # Errors
    ///
    /// When the store cannot be written to.
    fn can_write(&self) -> impl Future<Output = Result<(), StoreError>> + Send {
        async { self.is_due().await.map(drop) }
    }

    /// Extends a lease to `term` from now.
    ///
    /// # Errors
    ///
    /// When the lease is lost, or the store fails.
    fn renew(
        &self,
        lease: &InboxLease,
        term: Duration,
    ) -> impl Future<Output = Result<(), LeaseError>> + Send;

    /// Ends an attempt durably, and with it the lease.
    ///
    /// It works even after the lease has expired, as long as no other owner has taken the event.
    /// The same owner may say twice that an event is done: the first answer may have been lost.
    ///
    /// After [`AttemptEnd::Failed`] the event is due after `retry_in`, or together with the next
    /// waiting event of its order, if that is sooner. Earlier waiting events of the order are due
    /// at the same time as this one, at the latest.
    ///
    /// # Errors
    ///
    /// When the lease is lost, or the store fails.
    fn end(
        &self,
        lease: &InboxLease,
        end: &AttemptEnd,
    ) -> impl Future<Output = Result<(), LeaseError>> + Send;

    /// Waits until another program has stored an event. A store that cannot notify never returns:
    /// workers also poll every second.
    fn woken(&self) -> impl Future<Output = ()> + Send {
        std::future::pending()
    }

    /// Lists parked events that a `reader` other than this one could not read, in the order they
    /// were received, starting after the row `after` (0 for the first).
    ///
    /// # Errors
    ///
    /// When the store fails.
    fn parked(
        &self,
        reader: &str,
        after: i64,
        most: usize,
    ) -> impl Future<Output = Result<Vec<StoredEvent>, StoreError>> + Send;

    /// Makes a parked event due, now that it can be read; `false` if it is no longer parked.
    ///
    /// # Errors
    ///
    /// When the store fails.
    fn unpark(
        &self,
        key: &EventKey,
        order: Option<&OrderPlace>,
    ) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// Counts the events in each state.
    ///
    /// # Errors
    ///
    /// When the store fails.
    fn stats(&self) -> impl Future<Output = Result<InboxStats, StoreError>> + Send;

    /// Lists up to `most` events that match a filter, in the order they were received, starting
    /// after the row `after` (0 for the first).
    ///
    /// # Errors
    ///
    /// When the store fails.
    fn list(
        &self,
        filter: &EventFilter,
        after: i64,
        most: usize,
    ) -> impl Future<Output = Result<Vec<StoredEvent>, StoreError>> + Send;

    /// Applies a [change](Change) to up to `most` events that match a filter and that it may
    /// change, in the order they were received, starting after the row `after` (0 for the first).
    ///
    /// Continue after [`last_row`](Changed::last_row): then no event is changed twice, even if
    /// workers have processed some in the meantime.
    ///
    /// # Errors
    ///
    /// When the store fails.
    fn change(
        &self,
        filter: &EventFilter,
        change: Change,
        after: i64,
        most: usize,
    ) -> impl Future<Output = Result<Changed, StoreError>> + Send;

    /// Counts the events that [`change`](Self::change) would change.
    ///
    /// # Errors
    ///
    /// When the store fails.
    fn count(
        &self,
        filter: &EventFilter,
        change: Change,
    ) -> impl Future<Output = Result<u64, StoreError>> + Send;

    /// Whether an event is known: it is stored, was [purged](Self::purge), or was processed by
    /// [`Once`](crate::Once).
    ///
    /// # Errors
    ///
    /// When the store fails.
    fn is_marked(&self, key: &EventKey) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// Deletes up to `most` events that have been done or buried for longer than `age`, with their
    /// bodies, and returns how many. Their marks stay, so a new delivery is still a
    /// [duplicate](Acceptance::Duplicate).
    ///
    /// # Errors
    ///
    /// When the store fails.
    fn purge(
        &self,
        age: Duration,
        most: usize,
    ) -> impl Future<Output = Result<u64, StoreError>> + Send;
}

/// What a store answers to a new event.
#[expect(clippy::exhaustive_enums, reason = "a store must be able to give every answer")]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Acceptance {
    /// It is stored.
    Accepted,
    /// It was stored, or done, before.
    Duplicate,
    /// [`Once`](crate::Once) is processing it at this moment.
    InProgress,
}

/// The events that a worker took.
#[derive(Clone, Debug, Default)]
#[expect(clippy::exhaustive_structs, reason = "stores make it")]
pub struct Take {
    /// The events, each with a lease.
    pub events: Vec<Taken>,
    /// Whether more events may be due: there was no room for them, or they belong to orders that
    /// are in work.
    pub is_more: bool,
}

/// An event that was taken, with all that is needed to verify it again.
#[derive(Clone)]
#[expect(clippy::exhaustive_structs, reason = "stores make it")]
pub struct Taken {
    /// The lease on it.
    pub lease: InboxLease,
    /// The bytes that were signed.
    pub body: Vec<u8>,
    /// The value of the signature header.
    pub signature: String,
    /// The public key that it was accepted under, as a JWK.
    pub public_key: String,
    /// The number of attempts in all, including this one.
    pub attempts: u32,
    /// The number of attempts since it was accepted, or since an operator retried it.
    pub tries: u32,
    /// How long ago it was accepted, or retried by an operator.
    pub age: Duration,
    /// Whether the previous attempt never ended: its worker crashed or was stopped.
    pub was_cut_off: bool,
}

impl std::fmt::Debug for Taken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Taken")
            .field("lease", &self.lease)
            .field("attempts", &self.attempts)
            .finish_non_exhaustive()
    }
}

/// The right to work on an event of an inbox.
#[derive(Clone, PartialEq, Eq)]
pub struct InboxLease {
    key: EventKey,
    row: i64,
    owner: Owner,
}

impl InboxLease {
    /// For stores: creates the lease on an event. The store finds the event by its row; 0 if it
    /// does not need one.
    pub fn new(key: EventKey, row: i64, owner: Owner) -> Self {
        Self { key, row, owner }
    }

    /// The event.
    pub fn key(&self) -> &EventKey {
        &self.key
    }

    /// The event's row in the store.
    pub fn row(&self) -> i64 {
        self.row
    }

    /// The owner's token.
    pub fn owner(&self) -> &Owner {
        &self.owner
    }
}

impl std::fmt::Debug for InboxLease {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("InboxLease").field("key", &self.key).finish_non_exhaustive()
    }
}
