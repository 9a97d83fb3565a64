//! What an operator changes.

use std::time::Duration;

use topper_store::inbox::{
    AttemptEnd, Change, Changed, EventFilter, EventState, InboxStore, Taken,
};

use super::{
    Backend, Bench, LONG, SHORT, dead, ended, expire, failed, is_lost, parked, stored, take,
    take_one, taken, user,
};

const IDS: [&str; 8] = ["done", "parked", "changed", "dead", "waits", "buried", "in-work", "due"];

fn of_id(id: &str) -> EventFilter {
    EventFilter { id: Some(id.to_owned()), ..EventFilter::default() }
}

fn of_state(state: EventState) -> EventFilter {
    EventFilter { state: Some(state), ..EventFilter::default() }
}

/// Counts, changes, and compares.
async fn change<S: InboxStore>(store: &S, filter: &EventFilter, change: Change) -> u64 {
    let count = store.count(filter, change).await.unwrap();
    let changed = store.change(filter, change, 0, 1000).await.unwrap();
    assert_eq!(changed.count, count, "{change:?} {filter:?}");
    assert_eq!(changed.last_row > 0, count > 0, "{changed:?}");
    let left = store.count(filter, change).await.unwrap();
    assert_eq!(left, 0, "{change:?} {filter:?}");
    assert_eq!(store.change(filter, change, 0, 1000).await.unwrap(), Changed::default());
    count
}

/// An event in each state, by its id; the one that is in work.
async fn each_state<B: Backend>(bench: &Bench<B>, store: &B::Store) -> Taken {
    for (id, end) in [
        ("done", AttemptEnd::Done),
        ("parked", parked(Some("1.0.0"))),
        ("changed", parked(None)),
        ("dead", dead()),
        ("waits", failed(LONG)),
        ("buried", dead()),
    ] {
        ended(bench, store, id, &end).await;
    }
    assert_eq!(change(store, &of_id("buried"), Change::Bury).await, 1);
    bench.accept(store, &user("in-work")).await;
    let in_work = take_one(store, LONG).await;
    bench.accept(store, &user("due")).await;
    in_work
}

async fn states<S: InboxStore>(store: &S) -> Vec<(&'static str, EventState)> {
    let mut states = Vec::new();
    for id in IDS {
        states.push((id, stored(store, id).await.state));
    }
    states
}

pub(super) async fn retries_what_waits_is_parked_or_dead<B: Backend>(bench: &Bench<B>) {
    let (store, other) = (bench.store().await, bench.store().await);
    let in_work = each_state(bench, &store).await;
    assert_eq!(change(&other, &EventFilter::default(), Change::Retry).await, 4);
    assert_eq!(
        states(&store).await,
        [
            ("done", EventState::Done),
            ("parked", EventState::Pending),
            ("changed", EventState::Pending),
            ("dead", EventState::Pending),
            ("waits", EventState::Pending),
            ("buried", EventState::Buried),
            ("in-work", EventState::InWork),
            ("due", EventState::Pending),
        ],
    );
    // What was due was not changed, so it has been due for longest.
    let ids = taken(&store, 10).await;
    assert_eq!(ids.first().map(String::as_str), Some("due"));
    assert_eq!(ids.len(), 5, "{ids:?}");
    store.end(&in_work.lease, &AttemptEnd::Done).await.unwrap();
    assert!(stored(&store, "dead").await.last_error.is_some(), "an operator still sees why");
}

pub(super) async fn buries_what_is_not_done_or_in_work<B: Backend>(bench: &Bench<B>) {
    let (store, other) = (bench.store().await, bench.store().await);
    let in_work = each_state(bench, &store).await;
    assert_eq!(change(&other, &EventFilter::default(), Change::Bury).await, 5);
    for (id, state) in states(&store).await {
        let expected = match id {
            "done" => EventState::Done,
            "in-work" => EventState::InWork,
            _ => EventState::Buried,
        };
        assert_eq!(state, expected, "{id}");
        let event = stored(&store, id).await;
        assert_eq!(event.done_at.is_some(), id != "in-work", "{id}");
        assert_eq!(event.due_at.is_some(), id == "in-work", "{id}");
    }
    assert!(take(&other, 10, LONG).await.events.is_empty(), "what is buried is not due");
    assert!(store.parked("2.0.0", 0, 10).await.unwrap().is_empty());
    store.end(&in_work.lease, &AttemptEnd::Done).await.unwrap();
}

pub(super) async fn changes_only_what_passes<B: Backend>(bench: &Bench<B>) {
    let (store, other) = (bench.store().await, bench.store().await);
    each_state(bench, &store).await;
    let before = states(&store).await;
    for filter in [
        of_id("unknown"),
        EventFilter { label: Some("sandbox".to_owned()), ..EventFilter::default() },
        EventFilter { order_id: Some("the-order".to_owned()), ..EventFilter::default() },
        EventFilter { until: Some(std::time::UNIX_EPOCH), ..EventFilter::default() },
        EventFilter { id: Some("dead".to_owned()), ..of_state(EventState::Parked) },
        of_state(EventState::InWork),
    ] {
        assert_eq!(change(&other, &filter, Change::Retry).await, 0, "{filter:?}");
        assert_eq!(change(&other, &filter, Change::Bury).await, 0, "{filter:?}");
    }
    assert_eq!(states(&store).await, before);
    assert_eq!(change(&other, &of_state(EventState::Parked), Change::Retry).await, 2);
    let failed = EventFilter { has_failed: true, ..of_state(EventState::Pending) };
    assert_eq!(change(&other, &failed, Change::Bury).await, 3);
    for ((id, state), (_, was)) in states(&store).await.into_iter().zip(before) {
        let is_changed = ["parked", "changed", "waits"].contains(&id);
        assert_eq!(state, if is_changed { EventState::Buried } else { was }, "{id}");
    }
}

pub(super) async fn retries_what_is_done_when_that_is_named<B: Backend>(bench: &Bench<B>) {
    let (store, other) = (bench.store().await, bench.store().await);
    each_state(bench, &store).await;
    taken(&store, 10).await;
    for (id, state) in [("done", EventState::Done), ("buried", EventState::Buried)] {
        assert_eq!(change(&other, &of_id(id), Change::Retry).await, 0, "its state is not named");
        assert_eq!(change(&other, &of_state(state), Change::Bury).await, 0, "it is over");
        assert_eq!(change(&other, &of_state(state), Change::Retry).await, 1);
        let event = stored(&store, id).await;
        assert_eq!((event.state, event.done_at), (EventState::Pending, None));
        let held = take_one(&store, LONG).await;
        assert_eq!(held.lease.key().id(), id);
        assert_eq!((held.attempts, held.tries, held.was_cut_off), (2, 1, false));
        store.end(&held.lease, &AttemptEnd::Done).await.unwrap();
        assert_eq!(change(&other, &of_state(EventState::Done), Change::Bury).await, 0);
        assert_eq!(stored(&store, id).await.state, EventState::Done);
        // As often as an operator wants.
        let retried = EventFilter { id: Some(id.to_owned()), ..of_state(EventState::Done) };
        assert_eq!(change(&other, &retried, Change::Retry).await, 1);
        take_one(&store, LONG).await;
    }
}

pub(super) async fn gives_new_tries_and_time<B: Backend>(bench: &Bench<B>) {
    let store = bench.store().await;
    bench.accept(&store, &user("id")).await;
    for _ in 0..2 {
        let held = take_one(&store, LONG).await;
        store.end(&held.lease, &failed(Duration::ZERO)).await.unwrap();
    }
    expire().await;
    let held = take_one(&store, LONG).await;
    assert_eq!((held.attempts, held.tries), (3, 3));
    let age = held.age;
    assert!(age >= SHORT, "{age:?}");
    store.end(&held.lease, &dead()).await.unwrap();
    assert_eq!(change(&store, &of_state(EventState::Dead), Change::Retry).await, 1);
    let held = take_one(&store, LONG).await;
    assert_eq!((held.attempts, held.tries), (4, 1), "attempts are counted on, tries again");
    assert!(held.age < age, "{:?}", held.age);
}

pub(super) async fn changes_in_portions<B: Backend>(bench: &Bench<B>) {
    let (store, other) = (bench.store().await, bench.store().await);
    // Of all states that can be changed, mixed.
    let ends = [dead(), failed(LONG), parked(None)];
    for (number, end) in (0..25).zip(ends.iter().cycle()) {
        ended(bench, &store, &number.to_string(), end).await;
    }
    for (filter, change) in [
        (EventFilter::default(), Change::Retry),
        (of_state(EventState::Pending), Change::Bury),
        (of_state(EventState::Buried), Change::Retry),
    ] {
        let rows: Vec<i64> = store
            .list(&EventFilter::default(), 0, 100)
            .await
            .unwrap()
            .iter()
            .map(|event| event.row)
            .collect();
        assert_eq!(store.count(&filter, change).await.unwrap(), 25, "{change:?}");
        let mut after = 0;
        for (count, last) in [(10, 9), (10, 19), (5, 24)] {
            let changed = store.change(&filter, change, after, 10).await.unwrap();
            let last_row = *rows.get(last).unwrap();
            assert_eq!(changed, Changed { count, last_row }, "{change:?} after {after}");
            after = last_row;
        }
        for after in [0, after, i64::MAX] {
            let changed = other.change(&filter, change, after, 10).await.unwrap();
            assert_eq!(changed, Changed::default(), "{change:?} after {after}");
        }
    }
}

pub(super) async fn changes_no_event_twice<B: Backend>(bench: &Bench<B>) {
    let store = bench.store().await;
    for number in 0..12 {
        ended(bench, &store, &number.to_string(), &dead()).await;
    }
    // A worker is at work on what is changed, and fails as before.
    let (filter, mut after, mut counts) = (of_state(EventState::Dead), 0, Vec::new());
    loop {
        let changed = store.change(&filter, Change::Retry, after, 5).await.unwrap();
        counts.push(changed.count);
        if changed.count == 0 {
            break;
        }
        after = changed.last_row;
        for taken in take(&store, 100, LONG).await.events {
            store.end(&taken.lease, &dead()).await.unwrap();
        }
    }
    assert_eq!(counts, [5, 5, 2, 0]);
    for number in 0..12 {
        assert_eq!(stored(&store, &number.to_string()).await.attempts, 2);
    }
}

pub(super) async fn ends_an_expired_lease<B: Backend>(bench: &Bench<B>) {
    let (store, other) = (bench.store().await, bench.store().await);
    bench.accept(&store, &user("id")).await;
    let held = take_one(&store, SHORT).await;
    assert_eq!(change(&other, &of_id("id"), Change::Bury).await, 0, "it is in work");
    expire().await;
    assert_eq!(change(&other, &of_id("id"), Change::Bury).await, 1);
    is_lost(store.renew(&held.lease, LONG).await);
    is_lost(store.end(&held.lease, &AttemptEnd::Done).await);
    is_lost(store.end(&held.lease, &failed(Duration::ZERO)).await);
    assert_eq!(stored(&store, "id").await.state, EventState::Buried);
    assert_eq!(change(&other, &of_state(EventState::Buried), Change::Retry).await, 1);
    is_lost(store.end(&held.lease, &AttemptEnd::Done).await);
    let again = take_one(&store, LONG).await;
    assert!(!again.was_cut_off, "an operator saw that attempt, and began again");
}
