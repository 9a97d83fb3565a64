//! Tests what every store of an inbox must do.
//!
//! [`inbox_conformance!`](crate::inbox_conformance!) makes a separate test of every [case](CASES);
//! you cannot leave one out. The [crate's front page](crate) has an example.

#![expect(clippy::panic, clippy::unwrap_used, reason = "a case fails as a test does, by panicking")]

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use topper_core::{EventName, Webhook};
use topper_store::{
    EventKey, LeaseError,
    inbox::{Acceptance, AttemptEnd, EventFilter, InboxStore, NewEvent, StoredEvent, Take, Taken},
};
use topper_testkit::EventBuilder;

use crate::suite::{LONG, SHORT, Signer, block_on, expire, rounds};

mod accept;
mod change;
mod fail;
mod handler;
mod list;
mod order;
mod purge;
mod see;
mod take;
mod wait;
mod worker;

pub use crate::suite::Case;
pub use list::CASES;

/// The inbox under test.
pub trait Backend: Sized + Send + Sync + 'static {
    /// The store's type.
    type Store: InboxStore;

    /// Creates an empty inbox, which lasts until this is dropped. `None` skips the test, for
    /// example when its server is not running.
    fn empty() -> impl Future<Output = Option<Self>>;

    /// Opens another connection to that inbox, as each receiver and each worker does.
    fn connect(&self) -> impl Future<Output = Self::Store>;
}

/// Runs the case with a name; the tests of [`inbox_conformance!`](crate::inbox_conformance!) call
/// it.
///
/// # Panics
///
/// When there is no such case, or the inbox does not do what it must.
pub fn run<B: Backend>(name: &str) {
    block_on(name, async {
        if let Some(backend) = B::empty().await {
            list::run(name, &Bench::new(backend)).await;
        }
    });
}

/// Makes a test of every [case](crate::inbox::CASES) for the store of an
/// [inbox](crate::inbox::Backend), in a module `inbox_conformance`.
#[macro_export]
macro_rules! inbox_conformance {
    ($backend:ty) => {
        $crate::__inbox_cases! { [$crate::__suite_tests] [inbox inbox_conformance $backend] }
    };
}

/// An inbox, and events for it.
struct Bench<B> {
    backend: B,
    signer: Signer,
}

impl<B: Backend> Bench<B> {
    fn new(backend: B) -> Self {
        Self { backend, signer: Signer::new() }
    }

    async fn store(&self) -> B::Store {
        self.backend.connect().await
    }

    fn webhook(&self, event: &EventBuilder) -> Webhook {
        self.signer.webhook(event)
    }

    fn new_event(&self, event: &EventBuilder) -> NewEvent {
        NewEvent::from(&self.webhook(event))
    }

    /// Stores an event that is new.
    async fn accept(&self, store: &B::Store, event: &EventBuilder) {
        let acceptance = store.accept(&self.new_event(event)).await.unwrap();
        assert_eq!(acceptance, Acceptance::Accepted, "{event:?}");
    }
}

/// An event that is about no order.
fn user(id: &str) -> EventBuilder {
    EventBuilder::new(EventName::UserCreated).id(id)
}

/// An event of an order, updated that many seconds after the order began.
fn order(order_id: &str, id: &str, second: u32) -> EventBuilder {
    of_order(EventName::OrderCryptoOnrampCharged, order_id, id, second)
}

/// The same, with a name.
fn of_order(name: EventName, order_id: &str, id: &str, second: u32) -> EventBuilder {
    let (minute, second) = (second / 60, second % 60);
    EventBuilder::new(name)
        .id(id)
        .order_id(order_id)
        .updated_at(&format!("2026-03-02T09:{minute:02}:{second:02}.120Z"))
}

/// A failure after which the event is due in a time.
fn failed(retry_in: Duration) -> AttemptEnd {
    AttemptEnd::Failed { error: "it failed".to_owned(), retry_in }
}

fn dead() -> AttemptEnd {
    AttemptEnd::Dead { error: "it failed".to_owned() }
}

fn parked(reader: Option<&'static str>) -> AttemptEnd {
    AttemptEnd::Parked { error: "it cannot be read".to_owned(), reader }
}

/// Accepts an event, takes it, which must be the only one that is due, and ends that.
async fn ended<B: Backend>(bench: &Bench<B>, store: &B::Store, id: &str, end: &AttemptEnd) {
    bench.accept(store, &user(id)).await;
    end_one(store, id, end).await;
}

/// Takes one event, which must be this one, and ends its attempt.
async fn end_one<S: InboxStore>(store: &S, id: &str, end: &AttemptEnd) {
    let taken = take_one(store, LONG).await;
    assert_eq!(taken.lease.key().id(), id);
    store.end(&taken.lease, end).await.unwrap();
}

/// The token of another owner.
fn owner() -> [u8; 16] {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    u128::from(NEXT.fetch_add(1, Ordering::Relaxed)).to_be_bytes()
}

async fn take<S: InboxStore>(store: &S, most: usize, term: Duration) -> Take {
    let take = store.take(&owner(), most, term).await.unwrap();
    assert!(take.events.len() <= most, "{} were taken, and {most} asked for", take.events.len());
    take
}

/// Takes the one event that is due.
async fn take_one<S: InboxStore>(store: &S, term: Duration) -> Taken {
    let mut take = take(store, 10, term).await;
    assert_eq!(take.events.len(), 1, "{take:?}");
    take.events.remove(0)
}

/// Takes for ten minutes, and says which.
async fn taken<S: InboxStore>(store: &S, most: usize) -> Vec<String> {
    ids(&take(store, most, LONG).await)
}

fn ids(take: &Take) -> Vec<String> {
    take.events.iter().map(|taken| taken.lease.key().id().to_owned()).collect()
}

/// What is stored of an event.
async fn stored<S: InboxStore>(store: &S, id: &str) -> StoredEvent {
    let filter = EventFilter { id: Some(id.to_owned()), ..EventFilter::default() };
    let mut events = store.list(&filter, 0, 10).await.unwrap();
    assert_eq!(events.len(), 1, "events with the id {id:?}");
    events.remove(0)
}

fn is_lost(result: Result<(), LeaseError>) {
    assert!(matches!(result, Err(LeaseError::Lost)), "{result:?}");
}
