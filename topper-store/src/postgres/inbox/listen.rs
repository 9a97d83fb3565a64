//! Hears when another program has stored an event.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use sqlx::{
    ConnectOptions as _, Connection as _, Executor, Row as _,
    postgres::{PgListener, PgPoolOptions},
};
use tokio::{
    sync::Notify,
    task::AbortHandle,
    time::{sleep, timeout},
};
use topper_core::internal::WithCauses;

use crate::{
    StoreError,
    postgres::{connector::Connector, error::store_error},
};

const CHANNEL: &str = "topper_inbox";
/// A connection on which nothing was heard for so long is tried.
const SILENCE: Duration = Duration::from_secs(60);
const ANSWER_TIME: Duration = Duration::from_secs(5);
/// How often it is tried whether two connections stay the same.
const LOOKS_FOR_A_POOLER: usize = 3;
/// The time between attempts to connect.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// It is never needed: a worker looks by itself each second. Behind a pooler it may hear nothing.
pub(super) struct Listener {
    connector: Connector,
    heard: Arc<Notify>,
    task: Mutex<Option<AbortHandle>>,
}

impl Listener {
    pub(super) fn new(connector: Connector) -> Self {
        Self { connector, heard: Arc::default(), task: Mutex::new(None) }
    }

    /// Listens from the first call on.
    pub(super) async fn heard(&self) {
        self.start();
        self.heard.notified().await;
    }

    fn start(&self) {
        let mut task = self.task.lock().unwrap_or_else(PoisonError::into_inner);
        // One that has ended has done so with its runtime.
        if task.as_ref().is_none_or(AbortHandle::is_finished) {
            let listening = listen_always(self.connector.clone(), Arc::clone(&self.heard));
            *task = Some(tokio::spawn(listening).abort_handle());
        }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let task = self.task.get_mut().unwrap_or_else(PoisonError::into_inner);
        if let Some(task) = task {
            task.abort();
        }
    }
}

async fn listen_always(connector: Connector, heard: Arc<Notify>) {
    let mut pause = FIRST_PAUSE;
    let mut is_told = false;
    loop {
        match Ear::open(&connector).await {
            Ok(Some(mut ear)) => {
                (pause, is_told) = (FIRST_PAUSE, false);
                // There may be something that no one heard of.
                heard.notify_one();
                while ear.is_alive(&heard).await {}
            }
            Ok(None) => {
                tracing::info!(
                    target: "topper",
                    "connected through a pooler, so PostgreSQL cannot send notifications; workers poll every second",
                );
                return std::future::pending().await;
            }
            Err(error) if !is_told => {
                is_told = true;
                tracing::warn!(
                    target: "topper",
                    error = %WithCauses(&error),
                    "no notifications from PostgreSQL, trying again; workers poll every second",
                );
            }
            Err(_) => {}
        }
        sleep(pause).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

/// A connection that listens.
struct Ear {
    listener: PgListener,
    /// The server's process for it, which another client of a pooler may have next.
    process: i32,
}

impl Ear {
    /// `None` when a pooler is between that gives a connection to another client after each transaction.
    /// To listen would do nothing then, but that other clients are sent what they do not expect.
    async fn open(connector: &Connector) -> Result<Option<Self>, StoreError> {
        let options = connector.writable().await?;
        let pool = PgPoolOptions::new()
            .max_connections(1)
            .acquire_slow_threshold(Duration::MAX)
            .acquire_timeout(ANSWER_TIME)
            .connect_lazy_with(options.clone());
        let opening = async {
            let mut listener = PgListener::connect_with(&pool).await?;
            listener.eager_reconnect(false);
            let mut other = options.connect().await?;
            let (own, others) = (process(&mut listener).await?, process(&mut other).await?);
            for _ in 0..LOOKS_FOR_A_POOLER {
                let is_same =
                    process(&mut listener).await? == own && process(&mut other).await? == others;
                if own == others || !is_same {
                    return Ok(None);
                }
            }
            drop(other.close().await);
            listener.listen(CHANNEL).await?;
            Ok(Some(Self { listener, process: own }))
        };
        let opened = timeout(ANSWER_TIME, opening).await;
        let opened = opened.unwrap_or(Err(sqlx::Error::PoolTimedOut));
        opened.map_err(store_error)
    }

    /// Waits until something is heard, or for a time; `false` when the connection is of no use any more.
    async fn is_alive(&mut self, heard: &Notify) -> bool {
        match timeout(SILENCE, self.listener.try_recv()).await {
            Ok(Ok(Some(_))) => {
                heard.notify_one();
                true
            }
            Ok(Ok(None) | Err(_)) => false,
            Err(_) => {
                let process = timeout(ANSWER_TIME, process(&mut self.listener)).await;
                matches!(process, Ok(Ok(process)) if process == self.process)
            }
        }
    }
}

/// The server's process that a statement runs in.
async fn process(
    connection: impl Executor<'_, Database = sqlx::Postgres>,
) -> Result<i32, sqlx::Error> {
    sqlx::raw_sql("SELECT pg_backend_pid()").fetch_one(connection).await?.try_get(0)
}
