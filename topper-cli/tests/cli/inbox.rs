//! `topper inbox`, on real files and next to real workers.

use std::time::Duration;

use serde_json::Value;
use tokio::task::JoinSet;
use topper_core::{EventName, KeySet, Reply, Verifier, Webhook};
use topper_store::{
    EventKey, Inbox,
    inbox::{AttemptEnd, InboxStore as _, Taken},
};
use topper_testkit::{Delivery, EventBuilder, TestKey};

use crate::{Home, program::Output};

mod change;
mod export;
mod look;
mod order;
mod place;
pub(crate) mod postgres;
mod purge;
mod terminal;

const ORDER: &str = "7d4bd0b1-1f64-4b11-a1c6-a7a3b93cd0ad";
const MINUTE: Duration = Duration::from_secs(60);

/// A receiver's inbox.
pub(crate) struct Receiver {
    pub(crate) home: Home,
    pub(crate) url: String,
    pub(crate) inbox: Inbox,
    pub(crate) key: TestKey,
}

impl Receiver {
    /// With an inbox in a file of its own.
    pub(crate) async fn new() -> Self {
        let home = Home::new();
        let url = format!("sqlite://{}", home.path("topper.db").display());
        Self::at(home, url).await
    }

    pub(crate) async fn at(home: Home, url: String) -> Self {
        let inbox = Inbox::open(&url).await.unwrap();
        Self { home, url, inbox, key: TestKey::generate() }
    }

    /// A delivery, verified for the webhook with a label.
    fn verified(&self, label: &str, event: &EventBuilder) -> Webhook {
        Delivery::signed(&self.key, event.to_json()).verify(&self.verifier(label)).unwrap()
    }

    fn verifier(&self, label: &str) -> Verifier {
        let keys = KeySet::parse(&self.key.public_jwk()).unwrap();
        Verifier::builder().keys(keys).label(label).build().unwrap()
    }

    pub(crate) async fn accept_for(&self, label: &str, event: &EventBuilder) {
        assert_eq!(self.inbox.accept(&self.verified(label, event)).await, Reply::Accepted);
    }

    pub(crate) async fn accept(&self, event: &EventBuilder) {
        self.accept_for("default", event).await;
    }

    /// Accepts so many events with the ids 0, 1, 2 and so on, each of an order of its own.
    pub(crate) async fn accept_many(&self, count: usize) {
        let (verifier, event) = (self.verifier("default"), completed(""));
        for first in (0..count).step_by(64) {
            let mut accepting = JoinSet::new();
            for number in first..count.min(first + 64) {
                let event = event.clone().id(&number.to_string());
                let event = event.order_id(&format!("order-{number}"));
                let delivery = Delivery::signed(&self.key, event.to_json());
                let (webhook, inbox) = (delivery.verify(&verifier).unwrap(), self.inbox.clone());
                accepting.spawn(async move { inbox.accept(&webhook).await });
            }
            assert!(accepting.join_all().await.iter().all(|reply| *reply == Reply::Accepted));
        }
    }

    /// Takes what is due, up to so many.
    pub(crate) async fn take(&self, most: usize) -> Vec<Taken> {
        self.inbox.store().take(&[7; 16], most, MINUTE).await.unwrap().events
    }

    /// Takes the one event that is due, and ends the attempt so.
    pub(crate) async fn end(&self, end: AttemptEnd) {
        let taken = self.take(1).await;
        self.inbox.store().end(&taken[0].lease, &end).await.unwrap();
    }

    pub(crate) async fn topper(&self, arguments: &[&str]) -> Output {
        let store = ["inbox", "--store", &self.url];
        self.home.topper(&[&store, arguments].concat()).await
    }

    /// Runs it with --json, expecting it to end well.
    pub(crate) async fn objects(&self, arguments: &[&str]) -> Vec<Value> {
        let output = self.topper(&[arguments, &["--json"]].concat()).await;
        assert_eq!(output.code, Some(0), "{output:?}");
        output.objects()
    }

    /// The ids that a list has.
    pub(crate) async fn ids(&self, arguments: &[&str]) -> Vec<String> {
        let objects = self.objects(&[&["list"], arguments].concat()).await;
        objects.iter().map(|object| object["id"].as_str().unwrap().to_owned()).collect()
    }
}

/// A finished purchase with an id.
pub(crate) fn completed(id: &str) -> EventBuilder {
    EventBuilder::new(EventName::OrderCryptoOnrampCompleted).id(id)
}

pub(crate) fn failed(error: &str) -> AttemptEnd {
    AttemptEnd::Failed { error: error.to_owned(), retry_in: 60 * MINUTE }
}

pub(crate) fn dead(error: &str) -> AttemptEnd {
    AttemptEnd::Dead { error: error.to_owned() }
}

fn parked(error: &str) -> AttemptEnd {
    AttemptEnd::Parked { error: error.to_owned(), reader: Some("0.0.1") }
}

/// An inbox in a file with an event in each state.
pub(crate) async fn one_of_each() -> Receiver {
    let receiver = Receiver::new().await;
    accept_one_of_each(&receiver).await;
    receiver
}

/// Brings an event into each state: its id says which.
pub(crate) async fn accept_one_of_each(receiver: &Receiver) {
    for (id, end) in [
        ("done", AttemptEnd::Done),
        ("parked", parked("`data.amount` is missing")),
        ("dead", dead("the database is down: connection refused")),
        ("waiting", failed("the bank does not answer")),
        ("buried", dead("")),
    ] {
        receiver.accept(&completed(id).order_id(id)).await;
        receiver.end(end).await;
    }
    let output = receiver.topper(&["bury", "buried", "--yes"]).await;
    assert_eq!((output.code, &*output.stdout), (Some(0), "1 event buried\n"), "{output:?}");
    receiver.accept(&completed("in-work").order_id("in-work")).await;
    assert_eq!(receiver.take(1).await.len(), 1);
    receiver.accept(&completed("due").order_id(ORDER)).await;
}

fn key(id: &str) -> EventKey {
    EventKey::new("default", id)
}
