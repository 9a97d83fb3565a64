//! The inboxes, on real files and real servers.

mod kill;
mod memory;
mod order;
mod postgres;
mod sqlite;
mod worker;

use std::{
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use tokio::time::sleep;
use topper_core::{EventName, Outcome, Verifier, Webhook};
use topper_store::inbox::{Handler, InboxLease, InboxStore, NewEvent, Taken, Worker};
use topper_testkit::{Delivery, EventBuilder, TestKey};

const LONG: Duration = Duration::from_secs(600);

/// Makes events that are signed and verified.
#[derive(Clone)]
struct Sender {
    key: Arc<TestKey>,
    verifier: Verifier,
}

impl Sender {
    fn new() -> Self {
        let key = TestKey::generate();
        let verifier = Verifier::new(&key.public_jwk()).unwrap();
        Self { key: Arc::new(key), verifier }
    }

    fn sign(&self, event: &EventBuilder) -> Webhook {
        Delivery::signed(&self.key, event.to_json()).verify(&self.verifier).unwrap()
    }

    /// One of an order of its own.
    fn webhook(&self, id: &str) -> Webhook {
        self.sign(&event(id).order_id(id))
    }

    fn event(&self, id: &str) -> NewEvent {
        NewEvent::from(&self.webhook(id))
    }
}

fn event(id: &str) -> EventBuilder {
    EventBuilder::new(EventName::OrderCryptoOnrampCompleted).id(id)
}

const OWNER: [u8; 16] = [7; 16];

async fn take<S: InboxStore>(store: &S, most: usize) -> Vec<Taken> {
    store.take(&OWNER, most, LONG).await.unwrap().events
}

async fn take_one<S: InboxStore>(store: &S) -> InboxLease {
    let mut taken = take(store, 1).await;
    assert_eq!(taken.len(), 1);
    taken.remove(0).lease
}

/// The ids of events that a handler ran for, in that order.
#[derive(Clone, Default)]
struct Runs(Arc<Mutex<Vec<String>>>);

impl Runs {
    fn all(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }

    /// Waits until there are so many.
    async fn are(&self, count: usize, within: Duration) -> Duration {
        let started = Instant::now();
        while self.all().len() < count {
            let waited = started.elapsed();
            assert!(waited < within, "{} of {count} after {waited:?}", self.all().len());
            sleep(Duration::from_millis(1)).await;
        }
        started.elapsed()
    }

    /// A worker that does nothing but run.
    fn worker<S: InboxStore>(
        &self,
        inbox: &topper_store::Inbox<S>,
    ) -> Worker<S, Handler<impl Fn(Webhook) -> std::future::Ready<Done> + Send + Sync + 'static>>
    {
        let runs = self.clone();
        inbox.work(move |webhook: Webhook| {
            runs.0.lock().unwrap().push(webhook.id().to_owned());
            std::future::ready(Ok(Outcome::Processed))
        })
    }
}

type Done = Result<Outcome, topper_core::Retry>;
