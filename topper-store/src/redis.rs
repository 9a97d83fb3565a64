//! A store in Redis.

use std::{fmt, time::Duration};

use redis::{
    Client, Cmd, FromRedisValue, IntoConnectionInfo as _, RedisError,
    aio::{ConnectionManager, ConnectionManagerConfig},
    io::tcp::TcpSettings,
};

use crate::{Claim, EventKey, Lease, LeaseError, Store, StoreError, term::milliseconds};

mod check;

/// The least time that what is done is remembered.
const LEAST_RETENTION: Duration = Duration::from_secs(30 * 24 * 3600);
/// How long an answer is waited for. Commands go over one connection in order, so that what gives a
/// late claim back comes after it.
const ANSWER_TIME: Duration = Duration::from_secs(2);
const CONNECT_TIME: Duration = Duration::from_millis(400);
/// The longest pause between attempts to connect again.
const LONGEST_PAUSE: Duration = Duration::from_millis(200);
/// What waits to be sent.
const MOST_WAITING: usize = 1024;

/// Remembers events in Redis 7 or later, or Valkey, for 30 days or longer: for several receivers
/// behind a load balancer.
///
/// **What is older than the retention is forgotten, and a request captured before would be processed
/// again.** And Redis forgets more than a SQL database unless it is told not to: it wants
/// `appendonly yes` with `appendfsync always`, and `maxmemory-policy noeviction`; what differs is
/// logged when it connects. Leases go by the server's clock. All that is asked at the same time shares
/// one connection and its round trips. Clones are the same store.
///
/// It needs the tokio runtime it was connected on.
#[derive(Clone)]
pub struct RedisStore {
    connection: ConnectionManager,
    retention: Duration,
}

impl RedisStore {
    /// Connects to a server such as `redis://:password@host/0`.
    ///
    /// For TLS (`rediss://`) switch on one of the redis crate's features for it, such as
    /// `tokio-rustls-comp`.
    ///
    /// # Errors
    ///
    /// When the URL is none of Redis', the server cannot be reached, or is older than 7.
    pub async fn connect(url: &str) -> Result<Self, StoreError> {
        Self::connect_to(url).await.map_err(StoreError::new)
    }

    async fn connect_to(url: &str) -> Result<Self, RedisError> {
        let settings = TcpSettings::default().set_nodelay(true);
        // So that a connection to a host that has vanished ends.
        #[cfg(target_os = "linux")]
        let settings = settings.set_user_timeout(ANSWER_TIME);
        let client = Client::open(url.into_connection_info()?.set_tcp_settings(settings))?;
        let config = ConnectionManagerConfig::new()
            .set_response_timeout(Some(ANSWER_TIME))
            .set_connection_timeout(Some(CONNECT_TIME))
            .set_number_of_retries(3)
            .set_max_delay(LONGEST_PAUSE)
            .set_pipeline_buffer_size(MOST_WAITING);
        let mut connection = ConnectionManager::new_with_config(client, config).await?;
        check::server(&mut connection).await?;
        Ok(Self { connection, retention: LEAST_RETENTION })
    }

    /// How long what is done is remembered: 30 days unless set, and at the least.
    #[must_use]
    pub fn retention(mut self, retention: Duration) -> Self {
        self.retention = retention.max(LEAST_RETENTION);
        self
    }

    async fn ask<T: FromRedisValue>(&self, command: &Cmd) -> Result<T, StoreError> {
        command.query_async(&mut self.connection.clone()).await.map_err(StoreError::new)
    }

    /// Runs a script on the one key of an event, which says whether the lease holds.
    async fn held(&self, script: &str, lease: &Lease, time: Duration) -> Result<(), LeaseError> {
        let mut command = redis::cmd("EVAL");
        command.arg(script).arg(1).arg(key(lease.key()));
        command.arg(leased(lease)).arg(done(lease)).arg(milliseconds(time));
        LeaseError::unless_held(self.ask(&command).await?)
    }
}

/// `topper:`, the length of the label, the label, and the id: any bytes, without ambiguity.
fn key(event: &EventKey) -> Vec<u8> {
    format!("topper:{}:{}:{}", event.label().len(), event.label(), event.id()).into_bytes()
}

/// The value of an event's key while it is leased.
fn leased(lease: &Lease) -> Vec<u8> {
    [b"leased:".as_slice(), lease.owner()].concat()
}

/// The value of an event's key once it is done.
fn done(lease: &Lease) -> Vec<u8> {
    [DONE, lease.owner()].concat()
}

const DONE: &[u8] = b"done:";

/// A lease that has expired is gone; as long as nobody else has one, it is made anew.
const RENEW: &str = "\
    local value = redis.call('GET', KEYS[1]) \
    if value and value ~= ARGV[1] then return 0 end \
    redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[3]) \
    return 1";

const COMPLETE: &str = "\
    local value = redis.call('GET', KEYS[1]) \
    if value == ARGV[2] then return 1 end \
    if value and value ~= ARGV[1] then return 0 end \
    redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3]) \
    return 1";

const RELEASE: &str = "\
    if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end \
    return redis.call('DEL', KEYS[1])";

impl Store for RedisStore {
    async fn claim(&self, lease: &Lease, term: Duration) -> Result<Claim, StoreError> {
        let mut command = redis::cmd("SET");
        command.arg(key(lease.key())).arg(leased(lease));
        command.arg("NX").arg("GET").arg("PX").arg(milliseconds(term));
        let before: Option<Vec<u8>> = self.ask(&command).await?;
        match before {
            None => Ok(Claim::New),
            Some(value) if value.starts_with(DONE) => Ok(Claim::Done),
            Some(value) if value == leased(lease) => match self.renew(lease, term).await {
                Ok(()) => Ok(Claim::New),
                Err(LeaseError::Lost) => Ok(Claim::InProgress),
                Err(LeaseError::Store(error)) => Err(error),
            },
            Some(_) => Ok(Claim::InProgress),
        }
    }

    async fn renew(&self, lease: &Lease, term: Duration) -> Result<(), LeaseError> {
        self.held(RENEW, lease, term).await
    }

    async fn complete(&self, lease: &Lease) -> Result<(), LeaseError> {
        self.held(COMPLETE, lease, self.retention).await
    }

    async fn release(&self, lease: &Lease) -> Result<(), LeaseError> {
        self.held(RELEASE, lease, Duration::ZERO).await
    }
}

impl fmt::Debug for RedisStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisStore").field("retention", &self.retention).finish_non_exhaustive()
    }
}

impl RedisStore {
    /// Connects as [`connect`](Self::connect) does, and says what was found.
    pub(crate) async fn check(url: &str) -> crate::Report {
        let mut report = crate::Report::default();
        match Self::connect(url).await {
            Ok(_) => report.passed("server", "can be used"),
            Err(error) => report.failed("server", format!("{:?}", error), None),
        }
        report
    }
}
