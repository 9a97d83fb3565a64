//! A worker that was started.

use std::sync::Arc;

use tokio::{
    sync::{Mutex, watch},
    task::JoinHandle,
};

/// A started worker. Clones control the same worker.
#[derive(Clone, Debug)]
pub struct RunningWorker {
    pub(super) running: watch::Sender<usize>,
    pub(super) is_draining: watch::Sender<bool>,
    pub(super) taking: Arc<Mutex<Option<JoinHandle<()>>>>,
}

impl RunningWorker {
    /// Returns how many events it is processing.
    pub fn running(&self) -> usize {
        *self.running.borrow()
    }

    /// Stops taking events, and waits until the running handlers are done. Call it at shutdown,
    /// with the time that is left as a `tokio::time::timeout`. What is cut off is processed again
    /// when its lease has expired.
    pub async fn drain(&self) {
        self.is_draining.send_replace(true);
        let mut taking = self.taking.lock().await;
        if let Some(taking) = taking.as_mut() {
            // It ends at once. A runtime that has ended has ended it, too.
            drop(taking.await);
        }
        *taking = None;
        drop(taking);
        // The sender is there, so there is no error.
        drop(self.running.subscribe().wait_for(|running| *running == 0).await);
    }
}
