//! The work on events, each once.

use std::{env, error::Error};

use topper::{
    Event, Outcome, Retry, Webhook,
    event::OrderStatus,
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
    /// `postgres://...` or `redis://...`, which may be a node of a cluster; `none` is to verify only.
    /// Without it in `topper.db`, a SQLite file in the working directory. Connections are encrypted with
    /// `postgres://...?sslmode=verify-full` and `rediss://...`.
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

    /// What runs a handler once for each event; `None` is to verify only.
    pub fn once(&self) -> Option<&Once<AnyStore>> {
        self.once.as_ref()
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
