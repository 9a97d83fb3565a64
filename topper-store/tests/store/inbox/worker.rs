//! The worker's rules: when it tries again, when it gives up, and what it logs.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::time::{sleep, timeout};
use topper_core::{EventName, Outcome, Reply, Retry, Verifier, Webhook};
use topper_store::{
    Inbox, MemoryInbox,
    inbox::{AttemptEnd, Change, EventFilter, EventState, InboxStore, StoredEvent},
};
use topper_testkit::{Delivery, EventBuilder, TestKey};

use crate::log;

mod bent;
mod changed;
mod lost;
#[cfg(feature = "metrics")]
mod metrics;
mod outcome;
mod upkeep;

use bent::Bent;

const DAY: Duration = Duration::from_secs(24 * 3600);

/// Signs events for a webhook called `sandbox`.
struct Sender {
    key: TestKey,
    verifier: Verifier,
}

impl Sender {
    fn new() -> Self {
        let key = TestKey::generate();
        let verifier =
            Verifier::builder().public_key(&key.public_jwk()).label("sandbox").build().unwrap();
        Self { key, verifier }
    }

    fn webhook(&self, event: &EventBuilder) -> Webhook {
        Delivery::signed(&self.key, event.to_json()).verify(&self.verifier).unwrap()
    }

    async fn accept<S: InboxStore>(&self, inbox: &Inbox<S>, event: &EventBuilder) {
        assert_eq!(inbox.accept(&self.webhook(event)).await, Reply::Accepted);
    }
}

fn user(id: &str) -> EventBuilder {
    EventBuilder::new(EventName::UserCreated).id(id)
}

async fn stored(store: &impl InboxStore, id: &str) -> StoredEvent {
    let filter = EventFilter { id: Some(id.to_owned()), ..EventFilter::default() };
    store.list(&filter, 0, 1).await.unwrap().remove(0)
}

async fn reaches(store: &impl InboxStore, id: &str, state: EventState) {
    let reached = timeout(Duration::from_secs(30), async {
        while stored(store, id).await.state != state {
            sleep(Duration::from_millis(2)).await;
        }
    });
    assert!(reached.await.is_ok(), "{id} is never {state}: {:?}", stored(store, id).await);
}

/// Takes an event and never ends it, so often.
async fn crash(store: &MemoryInbox, times: u8) {
    for time in 1..=times {
        let take = store.take(&[time; 16], 1, Duration::from_millis(5)).await.unwrap();
        assert_eq!(take.events.len(), 1);
        sleep(Duration::from_millis(10)).await;
    }
}

fn is_about(time: Duration, seconds: u32) -> bool {
    let ratio = time.as_secs_f64() / f64::from(seconds);
    (0.79..=1.21).contains(&ratio)
}

#[test]
fn an_event_is_tried_for_three_days_with_longer_and_longer_pauses_and_then_is_dead() {
    log::run(async |lines: log::Lines| {
        // An hour takes 36 ms.
        let store = Bent::new().squeezed(100_000);
        let inbox = Inbox::new(store.clone());
        let runs = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&runs);
        let worker = inbox.work(move |_| {
            count.fetch_add(1, Ordering::SeqCst);
            async { Err("the ledger is closed".into()) }
        });
        let worker = worker.start();
        Sender::new().accept(&inbox, &user("id")).await;
        reaches(&store, "id", EventState::Dead).await;
        let mut ends = store.ends();
        let dead = AttemptEnd::Dead { error: "the ledger is closed".to_owned() };
        assert_eq!(ends.pop(), Some(("id".to_owned(), dead)));
        for (doublings, (_, end)) in ends.iter().enumerate() {
            let seconds = 3600.min(1 << doublings.min(12));
            match end {
                AttemptEnd::Failed { retry_in, .. } if is_about(*retry_in, seconds) => {}
                end => panic!("{end:?} instead of about {seconds} s"),
            }
        }
        let Some((_, AttemptEnd::Failed { retry_in, .. })) = ends.last() else {
            panic!("{ends:?}")
        };
        let waited = store.waited("id");
        assert!(waited >= 3 * DAY && waited - *retry_in < 3 * DAY, "{waited:?}");
        assert_eq!(runs.load(Ordering::SeqCst), ends.len() + 1);
        assert_eq!(lines.with("inbox_outcome=\"failed\"").len(), ends.len());
        assert_eq!(lines.with("inbox_outcome=\"dead\"").len(), 1);
        worker.drain().await;
    });
}

#[test]
fn a_handler_that_is_mended_after_two_days_processes_every_event_in_order() {
    const ORDERS: usize = 4;
    const EVENTS: usize = ORDERS * 3;
    log::run(async |lines: log::Lines| {
        let store = Bent::new().squeezed(50_000);
        let inbox = Inbox::new(store.clone());
        let broken = inbox.work(|_| async { Err("the ledger is closed".into()) }).start();
        let sender = Sender::new();
        let mut ids = Vec::new();
        for event in (0..EVENTS).map(|number| number * 5 % EVENTS) {
            let (order, place) = (event / 3, event % 3);
            ids.push(format!("{order}-{place}"));
            let event = EventBuilder::new(EventName::OrderCryptoOnrampCharged)
                .id(ids.last().unwrap())
                .order_id(&order.to_string())
                .updated_at(&format!("2026-03-02T09:1{place}:27.120Z"));
            sender.accept(&inbox, &event).await;
        }
        while ids.iter().all(|id| store.waited(id) < 2 * DAY) {
            sleep(Duration::from_millis(1)).await;
        }
        broken.drain().await;
        assert!(lines.with("inbox_outcome=\"dead\"").is_empty());
        // Where the machine is slow, the first of an order are due again before the others' turn.
        assert!(ids.iter().all(|id| store.waited(id) > Duration::ZERO), "one has not failed");
        // What waits is due within an hour and a fifth.
        while store.stats().await.unwrap().due < EVENTS as u64 {
            sleep(Duration::from_millis(5)).await;
        }

        let done = Arc::new(Mutex::new(vec![Vec::new(); ORDERS]));
        let notes = Arc::clone(&done);
        let mended = inbox.work(move |webhook: Webhook| {
            let notes = Arc::clone(&notes);
            async move {
                let (order, place) = webhook.id().split_once('-').unwrap();
                notes.lock().unwrap()[order.parse::<usize>()?].push(place.parse::<usize>()?);
                Ok(Outcome::Processed)
            }
        });
        let mended = mended.start();
        for id in &ids {
            reaches(&store, id, EventState::Done).await;
        }
        mended.drain().await;
        assert_eq!(*done.lock().unwrap(), vec![vec![0, 1, 2]; ORDERS]);
    });
}

#[test]
fn an_event_whose_worker_crashed_is_run_again() {
    log::run(async |lines: log::Lines| {
        for crashes in 1..=2 {
            let store = Bent::new();
            let inbox = Inbox::new(store.clone());
            Sender::new().accept(&inbox, &user("id")).await;
            crash(&store.store, crashes).await;
            let worker = inbox.work(|_| async { Ok(Outcome::Processed) }).start();
            reaches(&store, "id", EventState::Done).await;
            assert_eq!(store.ends(), [("id".to_owned(), AttemptEnd::Done)]);
            worker.drain().await;
        }
        assert!(lines.with("ERROR").is_empty(), "{:?}", lines.with("ERROR"));
    });
}

#[test]
fn an_event_whose_worker_crashed_often_waits_before_it_is_run_again() {
    log::run(async |lines: log::Lines| {
        let store = Bent::new().squeezed(100);
        let inbox = Inbox::new(store.clone());
        let sender = Sender::new();
        sender.accept(&inbox, &user("id")).await;
        crash(&store.store, 3).await;
        let states = Arc::new(Mutex::new(Vec::new()));
        let (notes, seen) = (Arc::clone(&states), store.clone());
        let worker = inbox.work(move |webhook: Webhook| {
            notes.lock().unwrap().push((webhook.id().to_owned(), seen.ends().len()));
            async { Ok(Outcome::Processed) }
        });
        let worker = worker.start();
        reaches(&store, "id", EventState::Done).await;
        // It ran once, after it was given back for about eight seconds.
        assert_eq!(*states.lock().unwrap(), [("id".to_owned(), 1)]);
        let ends = store.ends();
        let [(_, AttemptEnd::GivenBack { retry_in }), (_, AttemptEnd::Done)] = &*ends else {
            panic!("{ends:?}");
        };
        assert!(is_about(*retry_in, 8), "{retry_in:?}");
        // Three that crashed, and the one that was done.
        assert_eq!(stored(&store, "id").await.attempts, 4);
        let failed = lines.with("inbox_outcome=\"failed\"");
        assert_eq!(failed.len(), 1, "{failed:?}");
        assert!(failed[0].contains("the worker stopped before"), "{failed:?}");
        assert_eq!(lines.with("inbox_outcome=\"processed\"").len(), 1);
        worker.drain().await;
    });
}

#[test]
fn an_event_is_tried_once_however_old_it_is_and_not_again() {
    log::run(async |lines: log::Lines| {
        let store = Bent::new().bending(|taken| taken.age += 30 * DAY);
        let inbox = Inbox::new(store.clone());
        let sender = Sender::new();
        sender.accept(&inbox, &user("fails")).await;
        sender.accept(&inbox, &user("succeeds")).await;
        let worker = inbox.work(async |webhook: Webhook| match webhook.id() {
            "succeeds" => Ok(Outcome::Processed),
            _ => Err("the ledger is closed".into()),
        });
        let worker = worker.start();
        reaches(&store, "fails", EventState::Dead).await;
        reaches(&store, "succeeds", EventState::Done).await;
        assert_eq!(stored(&store, "fails").await.attempts, 1);
        assert_eq!(lines.with("inbox_outcome=\"dead\"").len(), 1);
        worker.drain().await;
    });
}

#[test]
fn an_event_that_crashes_its_worker_is_dead_in_the_end_too() {
    log::run(async |lines: log::Lines| {
        let store = Bent::new().bending(|taken| taken.age += 3 * DAY);
        let inbox = Inbox::new(store.clone());
        Sender::new().accept(&inbox, &user("id")).await;
        crash(&store.store, 1).await;
        let worker = inbox.work(|_| async { Ok(Outcome::Processed) }).start();
        reaches(&store, "id", EventState::Dead).await;
        let error = stored(&store, "id").await.last_error.unwrap();
        assert!(error.starts_with("the worker stopped before"), "{error}");
        assert_eq!(lines.with("inbox_outcome=\"dead\"").len(), 1);
        assert_eq!(lines.with("inbox_outcome=").len(), 1);
        // Retried by hand it has time again, as many days as before.
        worker.drain().await;
        let inbox = Inbox::new(store.store.clone());
        let worker = inbox.work(|_| async { Ok(Outcome::Processed) }).start();
        store.change(&EventFilter::default(), Change::Retry, 0, 1).await.unwrap();
        reaches(&store, "id", EventState::Done).await;
        worker.drain().await;
    });
}

#[test]
fn no_more_handlers_run_at_once_than_the_concurrency_says() {
    log::run(async |_| {
        let inbox = Inbox::new(MemoryInbox::new());
        let (running, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let (now, peak) = (Arc::clone(&running), Arc::clone(&most));
        let worker = inbox.work(move |_| {
            let now = Arc::clone(&now);
            peak.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            async move {
                sleep(Duration::from_millis(20)).await;
                now.fetch_sub(1, Ordering::SeqCst);
                Ok::<_, Retry>(Outcome::Processed)
            }
        });
        let sender = Sender::new();
        for number in 0..40 {
            sender.accept(&inbox, &user(&number.to_string())).await;
        }
        let worker = worker.concurrency(3).start();
        for number in 0..40 {
            reaches(inbox.store(), &number.to_string(), EventState::Done).await;
        }
        worker.drain().await;
        assert_eq!(most.load(Ordering::SeqCst), 3);
    });
}
