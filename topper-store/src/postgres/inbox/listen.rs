//! Hears when another program has stored an event.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use sqlx::postgres::{PgListener, PgPoolOptions};
use tokio::{
    sync::Notify,
    task::AbortHandle,
    time::{sleep, timeout},
};
use topper_core::internal::WithCauses;

use crate::{StoreError, postgres::connector::Connector};

const CHANNEL: &str = "topper_inbox";
/// A connection on which nothing was heard for so long is tried.
const SILENCE: Duration = Duration::from_secs(60);
const ANSWER_TIME: Duration = Duration::from_secs(5);
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

    /// Listens from the first time on that somebody wants to hear.
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
        match listen(&connector).await {
            Ok(mut listener) => {
                (pause, is_told) = (FIRST_PAUSE, false);
                // There may be something that nobody heard of.
                heard.notify_one();
                while is_alive(&mut listener, &heard).await {}
            }
            Err(error) if !is_told => {
                is_told = true;
                tracing::warn!(
                    target: "topper",
                    error = %WithCauses(&error),
                    "not told by PostgreSQL of new events, trying again; workers look each second",
                );
            }
            Err(_) => {}
        }
        sleep(pause).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

async fn listen(connector: &Connector) -> Result<PgListener, StoreError> {
    let options = connector.writable().await?;
    let pool = PgPoolOptions::new()
        .max_connections(1)
        .acquire_slow_threshold(Duration::MAX)
        .acquire_timeout(ANSWER_TIME)
        .connect_lazy_with(options);
    let mut listener = PgListener::connect_with(&pool).await.map_err(StoreError::new)?;
    listener.eager_reconnect(false);
    listener.listen(CHANNEL).await.map_err(StoreError::new)?;
    Ok(listener)
}

/// Waits until something is heard, or for a time; `false` when the connection is of no use any more.
async fn is_alive(listener: &mut PgListener, heard: &Notify) -> bool {
    match timeout(SILENCE, listener.try_recv()).await {
        Ok(Ok(Some(_))) => {
            heard.notify_one();
            true
        }
        Ok(Ok(None) | Err(_)) => false,
        Err(_) => {
            let answer = sqlx::raw_sql("SELECT").execute(listener);
            matches!(timeout(ANSWER_TIME, answer).await, Ok(Ok(_)))
        }
    }
}
