//! A store in Redis.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use crate::{
    Claim, Lease, LeaseError, Report, Store, StoreError,
    queue::{Queue, Trouble},
};

mod answer;
mod check;
mod cluster;
mod connection;
mod ear;
mod finder;
mod flight;
mod keeper;
mod lane;
mod rights;
mod script;
mod sentinel;
#[cfg(feature = "tls")]
mod tls;
mod url;

use keeper::Keeper;

/// The least time that what is done is remembered.
const LEAST_RETENTION: Duration = Duration::from_secs(30 * 24 * 3600);

/// Remembers events in Redis 7 or later, or Valkey, for 30 days or longer: for several receivers
/// behind a load balancer.
///
/// **An event that is older than the retention is forgotten, and a captured request for it would be
/// processed again.** Redis also loses more in a crash than an SQL database, unless you set
/// `appendonly yes`, `appendfsync always` and `maxmemory-policy noeviction`. It logs a warning at
/// connect when a setting differs. Leases go by the server's clock. Requests that come at the same
/// time share one connection to each server, and its round trips. Clones share one store.
///
/// The number of attempts at an event, and when the first was, are remembered for 4 hours after
/// each failure, or until its lease expires. Errors are not stored: they are in the log. How long
/// ago an event was first seen is by the receivers' own clocks.
///
/// If the server is down, or has become a replica, the store reconnects in the background, to the
/// host's current address or to the primary according to the Sentinels. Meanwhile a claim waits 0.4
/// s and then fails.
///
/// It needs the tokio runtime it was created on.
#[derive(Clone)]
pub struct RedisStore {
    queue: Queue,
    /// In milliseconds.
    retention: Arc<AtomicU64>,
}

impl RedisStore {
    /// Connects to a server, a cluster, or a service that Sentinels watch.
    ///
    /// | server | URL |
    /// |---|---|
    /// | one | `redis://user:password@host:6379/0`, with a database number |
    /// | a cluster | `redis://user:password@host:6379`, with the host of any node |
    /// | by Sentinel | `redis+sentinel://user:password@host:26379,host:26379/service/0` |
    ///
    /// User, password, port and number are optional. In a password write `%` as `%25`, `/` as
    /// `%2F`, `?` as `%3F`, `#` as `%23`, `@` as `%40` and `:` as `%3A`. Use `?sentinel_user=` and
    /// `sentinel_password=` if the Sentinels have their own login.
    ///
    /// For TLS use `rediss://` or `rediss+sentinel://`, with the feature `tls`. The CA of the
    /// server's certificate must be trusted by the system, or be in the file of
    /// `?sslrootcert=FILE`. `sslcert` and `sslkey` are the files of a client certificate and its
    /// key. All files are PEM.
    ///
    /// It waits up to 10 s for a server that is starting. Then it tries each step of a lease on a
    /// key that no event has.
    ///
    /// # Errors
    ///
    /// When the URL is not valid for Redis, when the server cannot be reached, is a replica or a
    /// Sentinel, or is older than 7, or when the user lacks a right.
    pub async fn connect(url: &str) -> Result<Self, StoreError> {
        let mut report = Report::default();
        let ready = check::run(url, &mut report).await;
        report.log_or_fail("Redis")?;
        let check::Ready { finder, links, map } = ready.ok_or("the server cannot be used")?;
        let trouble = Trouble::default();
        let (queue, asking) = Queue::new(trouble.clone());
        let retention = Arc::new(AtomicU64::new(in_milliseconds(LEAST_RETENTION)));
        let keeper = Keeper::new(Arc::new(finder), links, map, trouble, Arc::clone(&retention));
        tokio::spawn(keeper.run(asking));
        Ok(Self { queue, retention })
    }

    /// Connects as [`connect`](Self::connect) does, and reports each check.
    pub(crate) async fn check(url: &str) -> Report {
        let mut report = Report::default();
        drop(check::run(url, &mut report).await);
        report
    }

    /// Sets how long an event that is done is remembered, for all clones; default and minimum: 30
    /// days.
    #[must_use]
    pub fn retention(self, retention: Duration) -> Self {
        let retention = retention.max(LEAST_RETENTION);
        self.retention.store(in_milliseconds(retention), Ordering::Relaxed);
        self
    }
}

fn in_milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

impl Store for RedisStore {
    async fn claim(&self, lease: &Lease, term: Duration) -> Result<Claim, StoreError> {
        self.queue.claim(lease, term).await
    }

    async fn renew(&self, lease: &Lease, term: Duration) -> Result<(), LeaseError> {
        self.queue.renew(lease, term).await
    }

    async fn complete(&self, lease: &Lease) -> Result<(), LeaseError> {
        self.queue.complete(lease).await
    }

    async fn release(&self, lease: &Lease, failure: Option<&str>) -> Result<(), LeaseError> {
        self.queue.release(lease, failure).await
    }
}

impl fmt::Debug for RedisStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let retention = Duration::from_millis(self.retention.load(Ordering::Relaxed));
        f.debug_struct("RedisStore").field("retention", &retention).finish_non_exhaustive()
    }
}
