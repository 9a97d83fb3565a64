//! Each bridge as a process, between an inbox and a real server: every event gets to the other side once, also
//! when the bridge is killed.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
#![expect(clippy::print_stdout, reason = "a test that is skipped says so")]

mod graphile;
mod jetstream;
mod process;

use topper::{EventName, Reply, Verifier, Webhook, store::Inbox};
use topper_testkit::{Delivery, EventBuilder, TestKey};

/// What accepts events, as a receiver does.
struct Receiver {
    key: TestKey,
    verifier: Verifier,
    inbox: Inbox,
    /// The ids of the events that were accepted.
    ids: Vec<String>,
}

impl Receiver {
    async fn new(url: &str) -> Self {
        let key = TestKey::generate();
        let verifier = Verifier::new(&key.public_jwk()).unwrap();
        Self { key, verifier, inbox: Inbox::open(url).await.unwrap(), ids: Vec::new() }
    }

    /// An event of an order of its own.
    fn event(&self) -> Webhook {
        let event = EventBuilder::new(EventName::OrderCryptoOnrampCompleted).to_json();
        Delivery::signed(&self.key, event).verify(&self.verifier).unwrap()
    }

    async fn accept(&mut self, count: usize) {
        for _ in 0..count {
            let event = self.event();
            assert_eq!(self.inbox.accept(&event).await, Reply::Accepted);
            self.ids.push(event.id().to_owned());
        }
    }

    /// Looks for every event that was accepted, and for each once.
    fn expect_each_once(&self, found: &[String]) {
        let count = |id: &String| found.iter().filter(|found| *found == id).count();
        let wrong: Vec<_> =
            self.ids.iter().map(|id| (id, count(id))).filter(|(_, count)| *count != 1).collect();
        assert!(wrong.is_empty(), "not there once, but so often: {wrong:?}");
        assert_eq!(found.len(), self.ids.len());
    }

    /// Whether all events are done.
    async fn is_empty(&self) -> bool {
        use topper::store::inbox::InboxStore as _;
        let stats = self.inbox.store().stats().await.unwrap();
        assert_eq!((stats.parked, stats.dead), (0, 0));
        stats.oldest.is_none()
    }

    /// What another program gets is what was signed.
    fn verify(&self, signature: &str, body: &[u8]) -> String {
        self.verifier.verify_stored(signature, body).unwrap().id().to_owned()
    }
}
