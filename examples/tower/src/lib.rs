//! What the receivers share: logging, the store, and the work on an event.

use std::{env, error::Error};

use topper::{
    Event, Outcome, Retry, Webhook,
    store::{AnyStore, Once},
};
use tracing_subscriber::EnvFilter;

/// Logs to the standard output from now on; `RUST_LOG` says what (default: `info`).
pub fn log() {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt().with_env_filter(filter).with_ansi(false).init();
}

/// Each event once, remembered where `TOPPER_STORE_URL` says: `postgres://...` or `redis://...`.
///
/// # Errors
///
/// When the variable is not set, or there is no such store.
pub async fn once() -> Result<Once<AnyStore>, Box<dyn Error + Send + Sync>> {
    let url = env::var("TOPPER_STORE_URL").map_err(
        |_| "environment variable TOPPER_STORE_URL: set it to postgres://... or redis://...",
    )?;
    Ok(Once::new(AnyStore::connect(&url).await?))
}

/// The handler. When it fails, by any error (`?`), Topper sends the event again.
///
/// # Errors
///
/// When the event cannot be read.
pub async fn process(webhook: Webhook) -> Result<Outcome, Retry> {
    match webhook.event()? {
        Event::OrderCryptoOnrampCompleted(order) => {
            // Here: credit the order, keyed on `webhook.id()`, in one transaction.
            tracing::info!(order = order.id.as_deref(), "on-ramp order completed");
            Ok(Outcome::Processed)
        }
        _ => Ok(Outcome::Ignored),
    }
}

/// The guide, whose code is compiled and run as tests.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/guide/tower.md")]
struct Tower;
