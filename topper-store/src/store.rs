//! What a store does.

use std::{error::Error, fmt, time::Duration};

use crate::Lease;

/// Where it is remembered which events are being processed, and which have been.
///
/// Everything that [`Once`](crate::Once) does rests on these four. Each is one atomic step, and tells
/// time by the store's clock, never by the host's: receivers whose clocks differ agree on what has
/// expired. `topper_conformance::store_conformance!` finds out whether a store keeps this contract.
///
/// The store must not forget what is done for as long as Topper's requests could be captured and
/// sent again: for ever, or for 30 days at the least.
pub trait Store: Send + Sync + 'static {
    /// Leases an event for `term`, unless it is leased or done.
    ///
    /// A lease that has expired is taken over. Claiming again with a lease that still holds is
    /// answered [`Claim::New`] and lasts for `term` from then: an answer may get lost.
    ///
    /// # Errors
    ///
    /// When the store cannot tell.
    fn claim(
        &self,
        lease: &Lease,
        term: Duration,
    ) -> impl Future<Output = Result<Claim, StoreError>> + Send;

    /// Makes a lease last for `term` from now.
    ///
    /// One that has expired, but that nobody has taken over, may be renewed or be lost.
    ///
    /// # Errors
    ///
    /// When it is lost, or the store cannot tell.
    fn renew(
        &self,
        lease: &Lease,
        term: Duration,
    ) -> impl Future<Output = Result<(), LeaseError>> + Send;

    /// Marks the event as done, durably.
    ///
    /// This works as long as nobody else leases the event or has done it, even when the lease has
    /// expired or the store has lost it: the work is done. Doing it again is no error.
    ///
    /// # Errors
    ///
    /// When the lease is lost, or the store cannot tell.
    fn complete(&self, lease: &Lease) -> impl Future<Output = Result<(), LeaseError>> + Send;

    /// Gives the lease back, so that the event can be claimed at once.
    ///
    /// # Errors
    ///
    /// When there is no such lease, as after [`complete`](Self::complete), or the store cannot tell.
    fn release(&self, lease: &Lease) -> impl Future<Output = Result<(), LeaseError>> + Send;
}

/// What a store says to a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Claim {
    /// The event is yours.
    New,
    /// Another lease on it holds.
    InProgress,
    /// It is done.
    Done,
}

/// Why something could not be done with a lease.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LeaseError {
    /// It has expired and someone else has taken over, or it was given back.
    #[error("the lease is lost")]
    Lost,
    /// The store cannot tell.
    #[error(transparent)]
    Store(#[from] StoreError),
}

#[cfg(any(feature = "sqlite", feature = "postgres", feature = "redis"))]
impl LeaseError {
    pub(crate) fn unless_held(is_held: bool) -> Result<(), Self> {
        if is_held { Ok(()) } else { Err(Self::Lost) }
    }
}

/// A store that failed; its [`source`](Error::source) is the error of the database's client.
pub struct StoreError(Box<dyn Error + Send + Sync>);

impl StoreError {
    /// For stores: wraps the error of a client. It is logged, so it must not show a password.
    pub fn new(error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self(error.into())
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the store failed")
    }
}

impl fmt::Debug for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("StoreError").field(&self.0).finish()
    }
}

impl Error for StoreError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&*self.0)
    }
}
