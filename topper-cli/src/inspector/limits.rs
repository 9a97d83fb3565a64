//! How much may happen at the same time.

use std::sync::Arc;

use hyper::StatusCode;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::response::{Refusal, Result};

/// The most deliveries that are replayed at a time.
const MOST_REPLAYS: usize = 8;

/// The most pages that are open at a time.
const MOST_STREAMS: usize = 32;

/// What may be done only so often at a time. A place is free again when its permit is dropped.
pub(super) struct Limits {
    replays: Arc<Semaphore>,
    sending: Arc<Semaphore>,
    doctor: Arc<Semaphore>,
    streams: Arc<Semaphore>,
}

impl Default for Limits {
    fn default() -> Self {
        let of = |most| Arc::new(Semaphore::new(most));
        Self { replays: of(MOST_REPLAYS), sending: of(1), doctor: of(1), streams: of(MOST_STREAMS) }
    }
}

impl Limits {
    pub(super) fn replay(&self) -> Result<OwnedSemaphorePermit> {
        take(&self.replays).ok_or_else(|| {
            let error = format!("{MOST_REPLAYS} deliveries are being replayed; try again");
            Refusal::new(StatusCode::SERVICE_UNAVAILABLE, error)
        })
    }

    pub(super) fn send(&self) -> Result<OwnedSemaphorePermit> {
        let error = "events are being sent already; wait until they are sent, or stop that";
        take(&self.sending).ok_or_else(|| Refusal::conflict(error))
    }

    pub(super) fn stream(&self) -> Result<OwnedSemaphorePermit> {
        take(&self.streams).ok_or_else(|| {
            let error = format!("{MOST_STREAMS} pages are open; close one of them");
            Refusal::new(StatusCode::SERVICE_UNAVAILABLE, error)
        })
    }

    pub(super) fn doctor(&self) -> Result<OwnedSemaphorePermit> {
        let error = "an endpoint is being tested already; wait for the result, or stop that test";
        take(&self.doctor).ok_or_else(|| Refusal::conflict(error))
    }
}

fn take(places: &Arc<Semaphore>) -> Option<OwnedSemaphorePermit> {
    Arc::clone(places).try_acquire_owned().ok()
}
