//! `Once` with the store in memory: repeats of an event at the same time.

use std::sync::{
    Arc, OnceLock,
    atomic::{AtomicUsize, Ordering},
};

use shuttle::{future::block_on, thread::yield_now};
use tokio::{
    spawn,
    time::{pause, resume},
};
use topper_core::{EventName, Outcome, Reply, Retry, Verifier, Webhook};
use topper_testkit::{Delivery, EventBuilder, TestKey};

use super::outcomes;
use crate::{MemoryStore, Once};

const ORDER: &str = "7d4bd0b1-1f64-4b11-a1c6-a7a3b93cd0ad";

/// Two events of an order, the same for all runs, because signing takes longer than a run.
pub(super) fn webhooks() -> &'static [Webhook; 2] {
    static WEBHOOKS: OnceLock<[Webhook; 2]> = OnceLock::new();
    WEBHOOKS.get_or_init(|| {
        let key = TestKey::generate();
        let verifier = Verifier::new(&key.public_jwk()).unwrap();
        [EventName::OrderCryptoOnrampCommitted, EventName::OrderCryptoOnrampCompleted].map(|name| {
            let event = EventBuilder::new(name).order_id(ORDER).to_json();
            Delivery::signed(&key, event).verify(&verifier).unwrap()
        })
    })
}

/// How often a handler ran and succeeded, and what went wrong: a panic of a handler would be caught.
#[derive(Default)]
pub(super) struct Runs {
    running: AtomicUsize,
    wrong: OnceLock<&'static str>,
    begun: AtomicUsize,
    succeeded: AtomicUsize,
}

impl Runs {
    /// A handler of which no other may run at the same time.
    pub(super) fn run(&self) {
        self.must(self.running.fetch_add(1, Ordering::SeqCst) == 0, "two handlers at once");
        yield_now();
        self.running.fetch_sub(1, Ordering::SeqCst);
    }

    /// One that fails so many times first, and may succeed once.
    pub(super) fn handle(&self, failures: usize) -> Result<Outcome, Retry> {
        self.run();
        if self.begun.fetch_add(1, Ordering::SeqCst) < failures {
            return Err(Retry::because("the first run fails"));
        }
        self.must(self.succeeded.fetch_add(1, Ordering::SeqCst) == 0, "processed twice");
        Ok(Outcome::Processed)
    }

    pub(super) fn must(&self, holds: bool, wrong: &'static str) {
        if !holds {
            let _ = self.wrong.set(wrong);
        }
    }

    /// Fails if anything went wrong.
    pub(super) fn succeeded(&self) -> usize {
        assert_eq!(self.wrong.get(), None);
        self.succeeded.load(Ordering::SeqCst)
    }
}

async fn deliver(once: Once<MemoryStore>, runs: Arc<Runs>) -> Reply {
    let (counted, [webhook, _]) = (Arc::clone(&runs), webhooks());
    let reply = once.run(webhook.clone(), move |_| async move { counted.handle(1) }).await;
    assert!(reply.is_retried() || runs.succeeded() == 1, "{} before it was done", reply.code());
    reply
}

fn is_idle(once: &Once<MemoryStore>, runs: &Runs) -> bool {
    once.running() == 0 && runs.running.load(Ordering::SeqCst) == 0
}

pub(super) fn an_event_is_processed_once() {
    resume();
    outcomes::counted();
    block_on(async {
        let (once, runs) = (Once::new(MemoryStore::new()), Arc::new(Runs::default()));
        let deliveries = [0; 3].map(|_| spawn(deliver(once.clone(), Arc::clone(&runs))));
        for delivery in deliveries {
            delivery.await.unwrap();
        }
        once.drain().await;
        assert!(is_idle(&once, &runs), "a handler runs after draining");
        assert_eq!(outcomes::counted(), 3, "each delivery has one line with its outcome");
        // In time there is an answer to each, which the store stays with.
        pause();
        while deliver(once.clone(), Arc::clone(&runs)).await.is_retried() {
            assert!(runs.begun.load(Ordering::SeqCst) < 3, "a lease was not given back");
        }
        assert_eq!(deliver(once, Arc::clone(&runs)).await, Reply::Duplicate);
        assert_eq!(runs.succeeded(), 1);
    });
}
