//! What a store does.

use std::{sync::Arc, time::Duration};

use crate::{Claim, Lease, LeaseError, StoreError};

/// Remembers which events are being processed, and which are done.
///
/// [`Once`](crate::Once) is built on these four methods. Each is one atomic step, and all times are
/// by the store's clock, never by the host's, so receivers whose clocks differ agree on what has
/// expired. Test your own store with `topper_conformance::store_conformance!`.
///
/// The store must remember what is done for as long as a captured request could be sent again:
/// forever, or for at least 30 days.
///
/// # Examples
///
/// A complete store, in a table with compare-and-set. It does not count attempts:
///
/// ```
/// use std::{collections::HashMap, sync::Mutex, time::{Duration, Instant}};
///
/// use topper_store::{Claim, EventKey, Lease, LeaseError, Once, Seen, Store, StoreError};
///
/// /// The owner of each event's lease, and when it expires; `None` once the event is done.
/// #[derive(Default)]
/// struct Table(Mutex<HashMap<EventKey, (Vec<u8>, Option<Instant>)>>);
///
/// impl Store for Table {
///     async fn claim(&self, lease: &Lease, term: Duration) -> Result<Claim, StoreError> {
///         let mut rows = self.0.lock().map_err(|_| "the table's lock is poisoned")?;
///         match rows.get(lease.key()) {
///             Some((_, None)) => return Ok(Claim::Done),
///             Some((owner, Some(expires))) if owner != lease.owner() && *expires > Instant::now() => {
///                 return Ok(Claim::InProgress);
///             }
///             _ => {}
///         }
///         let expires = Some(Instant::now() + term);
///         rows.insert(lease.key().clone(), (lease.owner().to_vec(), expires));
///         Ok(Claim::New(Seen::first()))
///     }
///
///     async fn renew(&self, lease: &Lease, term: Duration) -> Result<(), LeaseError> {
///         let mut rows = self.0.lock().map_err(|_| StoreError::new("the table's lock is poisoned"))?;
///         match rows.get_mut(lease.key()) {
///             Some((owner, Some(expires))) if owner == lease.owner() => {
///                 *expires = Instant::now() + term;
///                 Ok(())
///             }
///             _ => Err(LeaseError::Lost),
///         }
///     }
///
///     async fn complete(&self, lease: &Lease) -> Result<(), LeaseError> {
///         let mut rows = self.0.lock().map_err(|_| StoreError::new("the table's lock is poisoned"))?;
///         match rows.get(lease.key()) {
///             Some((owner, _)) if owner != lease.owner() => Err(LeaseError::Lost),
///             _ => {
///                 rows.insert(lease.key().clone(), (lease.owner().to_vec(), None));
///                 Ok(())
///             }
///         }
///     }
///
///     async fn release(&self, lease: &Lease, _: Option<&str>) -> Result<(), LeaseError> {
///         let mut rows = self.0.lock().map_err(|_| StoreError::new("the table's lock is poisoned"))?;
///         match rows.get(lease.key()) {
///             Some((owner, Some(_))) if owner == lease.owner() => {
///                 rows.remove(lease.key());
///                 Ok(())
///             }
///             _ => Err(LeaseError::Lost),
///         }
///     }
/// }
///
/// let once = Once::new(Table::default());
/// # let _ = once;
/// ```
pub trait Store: Send + Sync + 'static {
    /// Leases an event for `term`, unless it is leased or done.
    ///
    /// It takes over a lease that has expired. Claiming again with a lease that is still valid
    /// returns [`Claim::New`] and extends it to `term` from now, because the first answer may have
    /// been lost.
    ///
    /// With [`Claim::New`] a store returns what it remembers of the event, as
    /// [`Seen`](crate::Seen). Each lease is an attempt, unless it was given back without a failure.
    /// A store may forget a lease that has expired. A store that does not count returns
    /// [`Seen::first`](crate::Seen::first).
    ///
    /// # Errors
    ///
    /// When the store fails.
    fn claim(
        &self,
        lease: &Lease,
        term: Duration,
    ) -> impl Future<Output = Result<Claim, StoreError>> + Send;

    /// Extends a lease to `term` from now.
    ///
    /// A lease that has expired, and that no other owner has taken over, may be renewed or be lost.
    ///
    /// # Errors
    ///
    /// When the lease is lost, or the store fails.
    fn renew(
        &self,
        lease: &Lease,
        term: Duration,
    ) -> impl Future<Output = Result<(), LeaseError>> + Send;

    /// Marks the event as done, durably.
    ///
    /// It works as long as no other owner has leased the event or done it, even if the lease has
    /// expired or the store has forgotten it: the work is done. Marking twice is not an error.
    ///
    /// # Errors
    ///
    /// When the lease is lost, or the store fails.
    fn complete(&self, lease: &Lease) -> impl Future<Output = Result<(), LeaseError>> + Send;

    /// Gives the lease back, so that the event can be claimed at once.
    ///
    /// `failure` is why the attempt failed: one line of at most 500 characters, which the store may
    /// keep for an operator. `None` means that the handler did not run, and the attempt does not
    /// count.
    ///
    /// # Errors
    ///
    /// When there is no such lease, for example after [`complete`](Self::complete), or when the
    /// store fails.
    fn release(
        &self,
        lease: &Lease,
        failure: Option<&str>,
    ) -> impl Future<Output = Result<(), LeaseError>> + Send;
}

impl<S: Store> Store for Arc<S> {
    async fn claim(&self, lease: &Lease, term: Duration) -> Result<Claim, StoreError> {
        S::claim(self, lease, term).await
    }

    async fn renew(&self, lease: &Lease, term: Duration) -> Result<(), LeaseError> {
        S::renew(self, lease, term).await
    }

    async fn complete(&self, lease: &Lease) -> Result<(), LeaseError> {
        S::complete(self, lease).await
    }

    async fn release(&self, lease: &Lease, failure: Option<&str>) -> Result<(), LeaseError> {
        S::release(self, lease, failure).await
    }
}
