//! Forgetting bodies.

use std::time::Duration;

use tokio::time::sleep;
use topper_store::inbox::{Acceptance, AttemptEnd, Change, EventFilter, EventState, InboxStore};

use super::{
    Backend, Bench, EventKey, LONG, SHORT, dead, ended, failed, parked, stored, take, take_one,
    user,
};

async fn ids<S: InboxStore>(store: &S) -> Vec<String> {
    let events = store.list(&EventFilter::default(), 0, 100).await.unwrap();
    events.iter().map(|event| event.key.id().to_owned()).collect()
}

async fn bury<S: InboxStore>(store: &S, id: &str) {
    let filter = EventFilter { id: Some(id.to_owned()), ..EventFilter::default() };
    assert_eq!(store.change(&filter, Change::Bury, 0, 10).await.unwrap().count, 1);
}

pub(super) async fn deletes_what_has_been_done_for_long<B: Backend>(bench: &Bench<B>) {
    let (store, other) = (bench.store().await, bench.store().await);
    for (id, end) in [
        ("done", AttemptEnd::Done),
        ("buried", dead()),
        ("parked", parked(Some("1.0.0"))),
        ("changed", parked(None)),
        ("dead", dead()),
        ("waits", failed(LONG)),
        ("retried", AttemptEnd::Done),
    ] {
        ended(bench, &store, id, &end).await;
    }
    bury(&store, "buried").await;
    sleep(SHORT * 5).await;
    let retried = EventFilter {
        id: Some("retried".to_owned()),
        state: Some(EventState::Done),
        ..EventFilter::default()
    };
    assert_eq!(store.change(&retried, Change::Retry, 0, 10).await.unwrap().count, 1);
    bench.accept(&store, &user("in-work")).await;
    assert_eq!(take(&store, 10, LONG).await.events.len(), 2);
    ended(bench, &store, "new", &AttemptEnd::Done).await;
    ended(bench, &store, "buried-new", &dead()).await;
    bury(&store, "buried-new").await;
    bench.accept(&store, &user("due")).await;

    assert_eq!(other.purge(LONG, 100).await.unwrap(), 0);
    assert_eq!(other.purge(Duration::MAX, 100).await.unwrap(), 0);
    assert_eq!(ids(&store).await.len(), 11);
    // The old ones have been done for five terms, and the new ones for less than four.
    assert_eq!(other.purge(SHORT * 4, 100).await.unwrap(), 2);
    let left =
        ["parked", "changed", "dead", "waits", "retried", "in-work", "new", "buried-new", "due"];
    assert_eq!(ids(&store).await, left);
    for id in left {
        // By its mark.
        stored(&store, id).await;
    }
    assert_eq!(other.purge(SHORT * 4, 100).await.unwrap(), 0);
    sleep(Duration::from_millis(5)).await;
    assert_eq!(store.purge(Duration::ZERO, 100).await.unwrap(), 2);
    assert_eq!(ids(&store).await.len(), 7);
}

pub(super) async fn deletes_in_portions<B: Backend>(bench: &Bench<B>) {
    let store = bench.store().await;
    for number in 0..25 {
        ended(bench, &store, &number.to_string(), &AttemptEnd::Done).await;
    }
    sleep(Duration::from_millis(5)).await;
    for portion in [10, 10, 5, 0] {
        assert_eq!(store.purge(Duration::ZERO, 10).await.unwrap(), portion);
    }
    assert!(ids(&store).await.is_empty());
}

pub(super) async fn remembers_what_it_deleted<B: Backend>(bench: &Bench<B>) {
    let (store, other) = (bench.store().await, bench.store().await);
    ended(bench, &store, "done", &AttemptEnd::Done).await;
    ended(bench, &store, "buried", &dead()).await;
    bury(&store, "buried").await;
    sleep(Duration::from_millis(5)).await;
    assert_eq!(store.purge(Duration::ZERO, 10).await.unwrap(), 2);
    for store in [&store, &other] {
        for id in ["done", "buried"] {
            let again = bench.new_event(&user(id));
            assert_eq!(store.accept(&again).await.unwrap(), Acceptance::Duplicate, "{id}");
        }
        assert!(take(store, 10, LONG).await.events.is_empty());
    }
    for (label, id, is_marked) in [
        ("default", "done", true),
        ("default", "buried", true),
        ("default", "unknown", false),
        ("sandbox", "done", false),
    ] {
        assert_eq!(other.is_marked(&EventKey::new(label, id)).await.unwrap(), is_marked, "{id}");
    }
    assert!(ids(&store).await.is_empty());
    // Rows are not given twice.
    bench.accept(&store, &user("next")).await;
    let held = take_one(&other, LONG).await;
    assert_eq!(held.lease.row(), stored(&store, "next").await.row);
}
