//! Attempts that fail.

use std::time::{Duration, Instant};

use tokio::time::sleep;
use topper_core::EventName;
use topper_store::inbox::{Acceptance, AttemptEnd, EventState, InboxStore, NewEvent, OrderPlace};
use topper_testkit::EventBuilder;

use super::{
    Backend, Bench, EventKey, LONG, SHORT, dead, ended, expire, failed, of_order, order, parked,
    stored, take, take_one, taken, user,
};

pub(super) async fn is_due_again_in_time<B: Backend>(bench: &Bench<B>) {
    let (store, other) = (bench.store().await, bench.store().await);
    let wait = Duration::from_secs(2);
    bench.accept(&store, &user("id")).await;
    for end in [failed(wait), AttemptEnd::GivenBack { retry_in: wait }] {
        let held = take_one(&store, LONG).await;
        let started = Instant::now();
        store.end(&held.lease, &end).await.unwrap();
        let event = stored(&store, "id").await;
        assert_eq!(event.state, EventState::Pending);
        let due_at = event.due_at.unwrap();
        assert!(due_at >= event.received_at + wait, "it waits too short");
        let mut tries = 0;
        let held = loop {
            let mut take = take(&other, 10, LONG).await;
            if let Some(taken) = take.events.pop() {
                break taken;
            }
            tries += 1;
            sleep(Duration::from_millis(20)).await;
        };
        let elapsed = started.elapsed();
        assert!(tries > 0 && elapsed >= wait - Duration::from_millis(2), "it took {elapsed:?}");
        assert!(elapsed < wait * 3, "it took {elapsed:?}");
        store.end(&held.lease, &failed(Duration::ZERO)).await.unwrap();
    }
}

pub(super) async fn keeps_the_last_error<B: Backend>(bench: &Bench<B>) {
    let (store, other) = (bench.store().await, bench.store().await);
    let longest = "it's \u{1F980} \"é\" \\ ".repeat(100).chars().take(500).collect::<String>();
    bench.accept(&store, &user("id")).await;
    let mut failed_at = None;
    for error in ["the ledger is closed", longest.as_str()] {
        let held = take_one(&store, LONG).await;
        let end = AttemptEnd::Failed { error: error.to_owned(), retry_in: Duration::ZERO };
        store.end(&held.lease, &end).await.unwrap();
        let event = stored(&other, "id").await;
        assert_eq!(event.last_error.as_deref(), Some(error));
        assert!(event.failed_at > failed_at && event.failed_at >= Some(event.received_at));
        assert_eq!(event.done_at, None);
        failed_at = event.failed_at;
        sleep(Duration::from_millis(5)).await;
    }
    // What is given back did not fail, and what is done in the end did.
    for end in [AttemptEnd::GivenBack { retry_in: Duration::ZERO }, AttemptEnd::Done] {
        let held = take_one(&store, LONG).await;
        store.end(&held.lease, &end).await.unwrap();
        let event = stored(&other, "id").await;
        assert_eq!((event.last_error.as_deref(), event.failed_at), (Some(&*longest), failed_at));
    }
    for (id, end) in [("parked", parked(None)), ("dead", dead())] {
        ended(bench, &store, id, &end).await;
        let event = stored(&other, id).await;
        assert!(event.last_error.is_some_and(|error| error.starts_with("it ")), "{id}");
        assert!(event.failed_at.is_some());
    }
}

pub(super) async fn does_not_count_what_is_given_back<B: Backend>(bench: &Bench<B>) {
    let store = bench.store().await;
    bench.accept(&store, &user("id")).await;
    let back = AttemptEnd::GivenBack { retry_in: Duration::ZERO };
    for attempts in 1..=3 {
        for _ in 0..3 {
            let held = take_one(&store, LONG).await;
            assert_eq!((held.attempts, held.tries), (attempts, attempts));
            store.end(&held.lease, &back).await.unwrap();
            assert_eq!(stored(&store, "id").await.attempts, attempts - 1);
        }
        let held = take_one(&store, LONG).await;
        assert_eq!((held.attempts, held.was_cut_off), (attempts, false));
        store.end(&held.lease, &failed(Duration::ZERO)).await.unwrap();
    }
}

pub(super) async fn leaves_what_is_parked_or_dead<B: Backend>(bench: &Bench<B>) {
    let (store, other) = (bench.store().await, bench.store().await);
    for (id, end, state) in [
        ("parked", parked(Some("1.0.0")), EventState::Parked),
        ("changed", parked(None), EventState::Parked),
        ("dead", dead(), EventState::Dead),
    ] {
        ended(bench, &store, id, &end).await;
        let event = stored(&other, id).await;
        assert_eq!((event.state, event.due_at, event.attempts), (state, None, 1));
    }
    for _ in 0..2 {
        for store in [&store, &other] {
            assert!(!store.is_due().await.unwrap());
            let take = take(store, 10, LONG).await;
            assert!(take.events.is_empty() && !take.is_more, "{take:?}");
        }
        expire().await;
    }
}

pub(super) async fn offers_parked_events_to_other_readers<B: Backend>(bench: &Bench<B>) {
    let (store, other) = (bench.store().await, bench.store().await);
    for (id, end) in [
        ("a", parked(Some("1.0.0"))),
        ("dead", dead()),
        ("b", parked(Some("1.1.0"))),
        ("changed", parked(None)),
        ("done", AttemptEnd::Done),
        ("c", parked(Some("1.0.0"))),
    ] {
        ended(bench, &store, id, &end).await;
    }
    bench.accept(&store, &user("pending")).await;
    for (reader, expected) in
        [("1.0.0", &["b"][..]), ("1.1.0", &["a", "c"]), ("1", &["a", "b", "c"])]
    {
        let events = other.parked(reader, 0, 10).await.unwrap();
        let ids: Vec<&str> = events.iter().map(|event| event.key.id()).collect();
        assert_eq!(ids, expected, "to {reader}");
        for event in &events {
            let webhook = bench.webhook(&user(event.key.id()));
            assert_eq!((event.state, event.name.as_str()), (EventState::Parked, webhook.name()));
            assert!(!event.body.is_empty(), "the reader needs the body");
        }
    }
    let mut after = 0;
    for id in ["a", "b", "c"] {
        let events = store.parked("2.0.0", after, 1).await.unwrap();
        assert_eq!(events.len(), 1);
        let event = events.first().unwrap();
        assert_eq!(event.key.id(), id);
        after = event.row;
    }
    assert!(store.parked("2.0.0", after, 1).await.unwrap().is_empty());
}

pub(super) async fn unparks_once<B: Backend>(bench: &Bench<B>) {
    let (store, other) = (bench.store().await, bench.store().await);
    bench.accept(&store, &order("the-order", "later", 2)).await;
    let later = take_one(&store, LONG).await;
    // A version that knows no more of it than its id.
    let unreadable = EventBuilder::new(EventName::OrderCryptoOnrampCommitted).remove("data.origin");
    bench.accept(&store, &unreadable.id("id")).await;
    let held = take_one(&store, LONG).await;
    assert_eq!(held.lease.key().id(), "id");
    store.end(&held.lease, &parked(Some("1.0.0"))).await.unwrap();
    assert_eq!(stored(&store, "id").await.order_id, None);
    expire().await;

    // Another version reads which order it is about.
    let readable = bench.webhook(&order("the-order", "id", 1));
    let place = OrderPlace::of(readable.event().unwrap()).unwrap();
    let key = EventKey::new("default", "id");
    assert!(other.unpark(&key, Some(&place)).await.unwrap());
    for store in [&store, &other] {
        assert!(!store.unpark(&key, Some(&place)).await.unwrap(), "it is not parked any more");
        assert!(!store.unpark(&EventKey::new("default", "unknown"), None).await.unwrap());
        assert!(!store.unpark(&EventKey::new("sandbox", "id"), None).await.unwrap());
    }
    let event = stored(&store, "id").await;
    assert_eq!((event.state, event.order_id.as_deref()), (EventState::Pending, Some("the-order")));
    assert!(store.parked("2.0.0", 0, 10).await.unwrap().is_empty());

    // So it waits for that order, and goes first in it.
    bench.accept(&store, &order("the-order", "latest", 3)).await;
    assert!(taken(&store, 10).await.is_empty());
    store.end(&later.lease, &AttemptEnd::Done).await.unwrap();
    let held = take_one(&store, LONG).await;
    assert_eq!((held.lease.key().id(), held.was_cut_off), ("id", false));
    assert_eq!((held.attempts, held.tries), (2, 1), "its tries begin again");
    assert!(held.age < SHORT * 3 / 2, "its age begins again: {:?}", held.age);
}

pub(super) async fn unparks_that_event_alone<B: Backend>(bench: &Bench<B>) {
    let store = bench.store().await;
    for label in ["default", "sandbox"] {
        for id in ["a", "b", "c"] {
            let event = NewEvent::from(&bench.signer.webhook_of(label, &user(id)));
            assert_eq!(store.accept(&event).await.unwrap(), Acceptance::Accepted);
            let held = take_one(&store, LONG).await;
            store.end(&held.lease, &parked(Some("1.0.0"))).await.unwrap();
        }
    }
    let key = EventKey::new("sandbox", "b");
    assert!(store.unpark(&key, None).await.unwrap());
    let held = take_one(&store, LONG).await;
    assert_eq!(*held.lease.key(), key);
    let left = store.parked("2.0.0", 0, 10).await.unwrap();
    let left: Vec<_> = left.iter().map(|event| (event.key.label(), event.key.id())).collect();
    let others =
        [("default", "a"), ("default", "b"), ("default", "c"), ("sandbox", "a"), ("sandbox", "c")];
    assert_eq!(left, others);
    // What is in work or dead stays so.
    assert!(!store.unpark(&key, None).await.unwrap());
    store.end(&held.lease, &dead()).await.unwrap();
    assert!(!store.unpark(&key, None).await.unwrap());
    assert!(take(&store, 10, LONG).await.events.is_empty());
}

pub(super) async fn unparks_into_its_place<B: Backend>(bench: &Bench<B>) {
    let store = bench.store().await;
    let committed = EventName::OrderCryptoOnrampCommitted;
    let charged = EventName::OrderCryptoOnrampCharged;
    let unreadable = EventBuilder::new(committed).remove("data.origin");
    for id in ["by time", "by rank"] {
        bench.accept(&store, &unreadable.clone().id(id)).await;
        let held = take_one(&store, LONG).await;
        store.end(&held.lease, &parked(Some("1.0.0"))).await.unwrap();
    }
    for event in [
        of_order(charged, "the-order", "first", 1),
        of_order(committed, "the-order", "third", 3),
        of_order(charged, "the-order", "last", 4),
    ] {
        bench.accept(&store, &event).await;
    }
    for (id, second) in [("by time", 2), ("by rank", 3)] {
        let readable = bench.webhook(&of_order(charged, "the-order", id, second));
        let place = OrderPlace::of(readable.event().unwrap()).unwrap();
        assert!(store.unpark(&EventKey::new("default", id), Some(&place)).await.unwrap());
    }
    for id in ["first", "by time", "third", "by rank", "last"] {
        let held = take_one(&store, LONG).await;
        assert_eq!(held.lease.key().id(), id);
        store.end(&held.lease, &AttemptEnd::Done).await.unwrap();
    }
}
