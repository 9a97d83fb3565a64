//! What an inbox's store does.

use std::time::Duration;

use super::{
    Owner,
    end::AttemptEnd,
    event::{NewEvent, OrderPlace},
    stored::{Change, Changed, EventFilter, InboxStats, StoredEvent},
};
use crate::{EventKey, LeaseError, StoreError};

/// Where an [`Inbox`](crate::Inbox) keeps its events.
///
/// Each call is one atomic step, and tells time by the store's clock. Whether a store keeps this contract
/// `topper_conformance::inbox_conformance!` finds out.
///
/// An event is *pending* from when it is accepted until it is done. It is *due* when its time has
/// come, and *in work* while a lease on it holds. An event that could not be read is *parked*, one
/// that failed for too long is *dead*, and one that an operator gave up is *buried*.
pub trait InboxStore: Send + Sync + 'static {
    /// Stores an event durably, due at once, unless its key is known.
    ///
    /// It also marks the event as done for [`Once`](crate::Once), in the same step, where the store
    /// is one for `Once`, too. That mark stays when the event is [purged](Self::purge).
    ///
    /// # Errors
    ///
    /// When the store fails.
    fn accept(
        &self,
        event: &NewEvent,
    ) -> impl Future<Output = Result<Acceptance, StoreError>> + Send;

    /// Leases up to `most` due events for `term` to an owner, those that have been due for longest
    /// first, and counts an attempt for each.
    ///
    /// Of one order it never gives more than one event, and none while a lease on another of the
    /// order holds. Of the due events of an order it gives the earliest by its
    /// [place](OrderPlace). An event whose lease has expired is due.
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

    /// Whether something is due, for less than [`take`](Self::take) costs. It may be wrong when
    /// what is due belongs to an order that is in work.
    ///
    /// # Errors
    ///
    /// When the store fails.
    fn is_due(&self) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// Fails unless events can be accepted now. A store that only looks for what is due, as this does
    /// when it is not written, misses a full disk.
    ///
    /// # Errors
    ///
    /// When the store cannot be written to.
    fn can_write(&self) -> impl Future<Output = Result<(), StoreError>> + Send {
        async { self.is_due().await.map(drop) }
    }

    /// Makes a lease last for `term` from now.
    ///
    /// # Errors
    ///
    /// When the lease is lost, or the store fails.
    fn renew(
        &self,
        lease: &InboxLease,
        term: Duration,
    ) -> impl Future<Output = Result<(), LeaseError>> + Send;

    /// Ends an attempt, durably. The lease is gone then.
    ///
    /// It works as long as no one else has taken the event, even when the lease has expired. That an
    /// event is done may be said twice by the same owner: the first answer may have got lost.
    ///
    /// After [`AttemptEnd::Failed`] it is due in the time that was said, or with the next of its order
    /// that waits, if that is sooner; and those before it that wait are due with it at the latest.
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
    /// a worker looks by itself each second.
    fn woken(&self) -> impl Future<Output = ()> + Send {
        std::future::pending()
    }

    /// Parked events that readers other than this one could not read, in the order they were
    /// received in, from the one after the row `after` on; 0 for the first.
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

    /// Makes a parked event due, now that it can be read; `false` when it is not parked any more.
    ///
    /// # Errors
    ///
    /// When the store fails.
    fn unpark(
        &self,
        key: &EventKey,
        order: Option<&OrderPlace>,
    ) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// How many events are in which state.
    ///
    /// # Errors
    ///
    /// When the store fails.
    fn stats(&self) -> impl Future<Output = Result<InboxStats, StoreError>> + Send;

    /// Up to `most` events that pass a filter, in the order they were received in, from the one
    /// after the row `after` on; 0 for the first.
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

    /// Changes up to `most` of the events that pass a filter, and that may be
    /// [changed](Change) so, in the order they were received in, from the one after the row `after`
    /// on; 0 for the first.
    ///
    /// Going on after [`last_row`](Changed::last_row) changes no event twice, although workers may
    /// have processed some in the meantime.
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

    /// How many events [`change`](Self::change) would change.
    ///
    /// # Errors
    ///
    /// When the store fails.
    fn count(
        &self,
        filter: &EventFilter,
        change: Change,
    ) -> impl Future<Output = Result<u64, StoreError>> + Send;

    /// Whether an event is known to be done or accepted: it is stored, was [purged](Self::purge), or
    /// was processed by [`Once`](crate::Once).
    ///
    /// # Errors
    ///
    /// When the store fails.
    fn is_marked(&self, key: &EventKey) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// Deletes up to `most` events that have been done or buried for longer than `age`, with their
    /// bodies. Their marks stay, so that they are still [duplicates](Acceptance::Duplicate). Says how
    /// many.
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

/// What a store says to a new event.
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

/// What was taken.
#[derive(Clone, Debug, Default)]
#[expect(clippy::exhaustive_structs, reason = "stores make it")]
pub struct Take {
    /// The events, each under a lease.
    pub events: Vec<Taken>,
    /// Whether more may be due: there was no room for it, or it belongs to an order that is in
    /// work.
    pub is_more: bool,
}

/// An event that was taken, and all that is needed to verify it again.
#[derive(Clone)]
#[expect(clippy::exhaustive_structs, reason = "stores make it")]
pub struct Taken {
    /// The right to work on it.
    pub lease: InboxLease,
    /// The bytes that were signed.
    pub body: Vec<u8>,
    /// The value of the signature header.
    pub signature: String,
    /// The public key that it was accepted under, as a JWK.
    pub public_key: String,
    /// How many attempts there were in all, this one included.
    pub attempts: u32,
    /// How many attempts there were since it was accepted, or since it was retried by hand.
    pub tries: u32,
    /// How long ago it was accepted, or retried by hand.
    pub age: Duration,
    /// Whether the attempt before was never ended: its worker crashed, or was stopped.
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
    /// For stores: the lease on an event. The row is what the store finds the event by; 0 if it does
    /// not need it.
    pub fn new(key: EventKey, row: i64, owner: Owner) -> Self {
        Self { key, row, owner }
    }

    /// The event.
    pub fn key(&self) -> &EventKey {
        &self.key
    }

    /// The row that the store gave it.
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
