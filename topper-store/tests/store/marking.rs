//! Marking an event as done while the store fails. Time passes as soon as every task waits for it.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use tokio::time::{pause, sleep};
use topper_core::{Outcome, Reply};
use topper_store::{Claim, Lease, LeaseError, MemoryStore, Once, Store, StoreError};

use crate::log::{self, Lines, webhook};

const TRIES_AGAIN: &str = "store failed after the handler ran, trying again";
const GIVES_UP: &str = "the store could not mark the event as done";

/// A store that can be down.
#[derive(Clone, Default)]
struct Fragile {
    store: MemoryStore,
    is_down: Arc<AtomicBool>,
}

impl Fragile {
    fn reach(&self) -> Result<&MemoryStore, StoreError> {
        if self.is_down.load(Ordering::SeqCst) { Err("it is down".into()) } else { Ok(&self.store) }
    }
}

impl Store for Fragile {
    async fn claim(&self, lease: &Lease, term: Duration) -> Result<Claim, StoreError> {
        self.reach()?.claim(lease, term).await
    }

    async fn renew(&self, lease: &Lease, term: Duration) -> Result<(), LeaseError> {
        self.reach()?.renew(lease, term).await
    }

    async fn complete(&self, lease: &Lease) -> Result<(), LeaseError> {
        self.reach()?.complete(lease).await
    }

    async fn release(&self, lease: &Lease, failure: Option<&str>) -> Result<(), LeaseError> {
        self.reach()?.release(lease, failure).await
    }
}

/// Processes an event, whose store is down from then on.
async fn process_and_go_down(store: &Fragile) -> Once<Fragile> {
    pause();
    let once = Once::new(store.clone()).longest(Duration::from_secs(60));
    let is_down = Arc::clone(&store.is_down);
    let process = move |_| {
        is_down.store(true, Ordering::SeqCst);
        async { Ok(Outcome::Processed) }
    };
    assert_eq!(once.run(webhook("id"), process).await, Reply::Retry);
    once
}

#[test]
fn is_tried_until_the_store_is_there_again_and_said_once() {
    log::run(async |lines: Lines| {
        let store = Fragile::default();
        let once = process_and_go_down(&store).await;
        sleep(Duration::from_secs(50)).await;
        store.is_down.store(false, Ordering::SeqCst);
        once.drain().await;
        assert_eq!(lines.with(TRIES_AGAIN).len(), 1, "{:?}", lines.all());
        assert!(lines.with(GIVES_UP).is_empty(), "{:?}", lines.all());
        let again = |_| async { Ok(Outcome::Processed) };
        assert_eq!(once.run(webhook("id"), again).await, Reply::Duplicate);
    });
}

#[test]
fn is_given_up_after_the_longest_time_and_said_once() {
    log::run(async |lines: Lines| {
        let once = process_and_go_down(&Fragile::default()).await;
        sleep(Duration::from_secs(50)).await;
        assert!(lines.with(GIVES_UP).is_empty(), "{:?}", lines.all());
        sleep(Duration::from_secs(20)).await;
        assert_eq!(lines.with(GIVES_UP).len(), 1, "{:?}", lines.all());
        assert_eq!(once.running(), 0);
    });
}
