//! How a verified event is processed.

use std::{env, error::Error, pin::Pin, time::Duration};

use tokio::time::timeout;
use topper::{
    Event, Outcome, Reply, Retry, Webhook,
    event::OrderStatus,
    store::{AnyStore, Inbox, Once, StoreError, inbox::RunningWorker},
};

/// How long events in work may take once the server has ended.
const GRACE: Duration = Duration::from_secs(5);

/// How a verified event is processed. Clones share one store.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Processing {
    /// It is processed before Topper is answered, once.
    Once(Once<AnyStore>),
    /// It is stored before Topper is answered, and processed afterwards.
    Inbox(Inbox, RunningWorker),
    /// It is processed before Topper is answered, as often as it is delivered.
    Verify,
}

impl Processing {
    /// Reads the environment variables:
    ///
    /// - `TOPPER_PROCESSING`: `once` (the default), `inbox`, or `verify`.
    /// - `TOPPER_STORE_URL`: where events are remembered. `sqlite://...` or `postgres://...`, and for
    ///   `once` also `redis://...`, which may be a node of a cluster. The default is `topper.db`, a
    ///   SQLite file in the working directory. Connections are encrypted with
    ///   `postgres://...?sslmode=verify-full` and `rediss://...`.
    ///
    /// # Errors
    ///
    /// When a variable has an invalid value, or the store cannot be used.
    pub async fn from_env() -> Result<Self, Box<dyn Error>> {
        let url = env::var("TOPPER_STORE_URL").unwrap_or_else(|_| "sqlite://topper.db".to_owned());
        let no_store = |error: StoreError| {
            let cause = error.source().map(|cause| format!(": {cause}")).unwrap_or_default();
            format!("environment variable TOPPER_STORE_URL: {error}{cause}")
        };
        match env::var("TOPPER_PROCESSING").as_deref().unwrap_or("once") {
            "once" => {
                let store = AnyStore::connect(&url).await.map_err(no_store)?;
                Ok(Self::Once(Once::new(store)))
            }
            "inbox" => {
                let inbox = Inbox::open(&url).await.map_err(no_store)?;
                let worker = inbox.work(process).start();
                Ok(Self::Inbox(inbox, worker))
            }
            "verify" => Ok(Self::Verify),
            _ => {
                Err("environment variable TOPPER_PROCESSING: set it to once, inbox or verify"
                    .into())
            }
        }
    }

    /// Receives a verified event, and returns the reply.
    pub async fn receive(&self, webhook: impl Into<Webhook>) -> Reply {
        let webhook = webhook.into();
        match self {
            Self::Once(once) => once.run(webhook, process).await,
            Self::Inbox(inbox, _) => inbox.accept(&webhook).await,
            // In a task of its own, which a dropped connection does not stop.
            Self::Verify => tokio::spawn(webhook.handle(process)).await.unwrap_or(Reply::Retry),
        }
    }

    /// Returns a check for `Server::ready`: whether the store can be written to.
    pub fn check(&self) -> impl Fn() -> Pin<Box<dyn Future<Output = bool> + Send>> + use<> {
        let processing = self.clone();
        move || {
            let processing = processing.clone();
            Box::pin(async move {
                match processing {
                    Self::Once(once) => once.can_write().await.is_ok(),
                    Self::Inbox(inbox, _) => inbox.can_write().await.is_ok(),
                    Self::Verify => true,
                }
            })
        }
    }

    /// Waits for events in work, once the server has ended.
    pub async fn drain(&self) {
        let is_done = match self {
            Self::Once(once) => timeout(GRACE, once.drain()).await.is_ok(),
            Self::Inbox(_, worker) => timeout(GRACE, worker.drain()).await.is_ok(),
            Self::Verify => true,
        };
        if !is_done {
            tracing::warn!("some events were not finished in time");
        }
    }
}

/// The handler. When it fails with any error (`?`), the event is retried, by Topper or by the inbox.
pub async fn process(webhook: Webhook) -> Result<Outcome, Retry> {
    match webhook.event()? {
        Event::OrderCryptoOnrampCompleted(order) => {
            // Here: credit the order, keyed on `webhook.id()`, in one transaction.
            tracing::info!(
                order = order.id.as_deref(),
                completed = order.status == OrderStatus::Completed,
                "on-ramp order completed",
            );
            Ok(Outcome::Processed)
        }
        Event::Unknown(_) => {
            tracing::warn!("an event this program does not know yet");
            Ok(Outcome::Ignored)
        }
        _ => Ok(Outcome::Ignored),
    }
}
