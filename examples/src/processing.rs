//! The work on events, each once.

use std::{env, error::Error};

use topper::{
    Event, OrderStatus, Reply, Retry, Webhook,
    store::{AnyStore, Once},
};

use crate::GRACE;

/// Works on events: each once, unless it is told to verify only.
#[derive(Clone, Debug)]
pub struct Processing {
    once: Option<Once<AnyStore>>,
}

impl Processing {
    /// Remembers events where the environment variable `TOPPER_STORE_URL` says: `sqlite://...`,
    /// `postgres://...` or `redis://...`; `none` is to verify only. Without it in `topper.db`, a SQLite
    /// file in the working directory.
    ///
    /// # Errors
    ///
    /// When there is no such store.
    pub async fn from_env() -> Result<Self, Box<dyn Error>> {
        let url = env::var("TOPPER_STORE_URL").unwrap_or_else(|_| "sqlite://topper.db".to_owned());
        if url == "none" {
            return Ok(Self { once: None });
        }
        let store = AnyStore::connect(&url).await.map_err(|error| {
            let cause = error.source().map(|cause| format!(": {cause}")).unwrap_or_default();
            format!("environment variable TOPPER_STORE_URL: {error}{cause}")
        })?;
        Ok(Self { once: Some(Once::new(store)) })
    }

    /// Works on an event that has not been worked on yet, and says what to answer.
    pub async fn handle(&self, webhook: Webhook) -> Reply {
        match &self.once {
            Some(once) => once.run(&webhook, process).await,
            // In a task of its own: a connection that drops does not stop it half-way, and a panic
            // is answered with 500, which Topper retries, instead of a broken connection.
            None => tokio::spawn(process(webhook)).await.unwrap_or(Ok(Reply::Panicked)).into(),
        }
    }

    /// Waits for the work at hand, once the server has ended.
    pub async fn drain(&self) {
        if let Some(once) = &self.once
            && tokio::time::timeout(GRACE, once.drain()).await.is_err()
        {
            tracing::warn!(running = once.running(), "some events were not finished in time");
        }
    }
}

/// The work on an event. Any error (`?`) is answered with 503, and Topper sends the event again.
async fn process(webhook: Webhook) -> Result<Reply, Retry> {
    match webhook.event() {
        Event::OrderCryptoOnrampCompleted(order) => {
            // Here: credit the order, keyed on `webhook.id()`, in one transaction.
            tracing::info!(
                order = order.id.as_deref(),
                completed = order.status == OrderStatus::Completed,
                "on-ramp order completed",
            );
            Ok(Reply::Processed)
        }
        Event::Unknown(event) => match event.misfit() {
            // A known event that this version cannot read: sent again until an update is deployed.
            Some(misfit) => {
                tracing::error!(%misfit, "an event this program cannot read: update topper");
                Err(misfit.into())
            }
            None => {
                tracing::warn!("an event this program does not know yet");
                Ok(Reply::Ignored)
            }
        },
        _ => Ok(Reply::Ignored),
    }
}
