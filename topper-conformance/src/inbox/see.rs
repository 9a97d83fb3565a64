//! What an operator sees.

use std::time::{Duration, Instant, SystemTime};

use tokio::time::sleep;
use topper_core::EventName;
use topper_store::inbox::{
    AttemptEnd, Change, EventFilter, EventState, InboxStats, InboxStore, NewEvent, StoredEvent,
};

use super::{
    Backend, Bench, LONG, SHORT, dead, ended, expire, failed, of_order, order, parked, stored,
    take_one, user,
};

pub(super) async fn counts_events_by_state<B: Backend>(bench: &Bench<B>) {
    let (store, other) = (bench.store().await, bench.store().await);
    assert_eq!(store.stats().await.unwrap(), InboxStats::default());
    let day = today();
    for (id, end) in [
        ("done-1", AttemptEnd::Done),
        ("done-2", AttemptEnd::Done),
        ("done-3", AttemptEnd::Done),
        ("parked-1", parked(Some("1.0.0"))),
        ("parked-2", parked(None)),
        ("dead", dead()),
        ("buried", dead()),
    ] {
        ended(bench, &store, id, &end).await;
    }
    let buried = EventFilter { id: Some("buried".to_owned()), ..EventFilter::default() };
    assert_eq!(store.change(&buried, Change::Bury, 0, 10).await.unwrap().count, 1);
    // The time of this one comes, and it is not due.
    bench.accept(&store, &user("done-4")).await;
    store.end(&take_one(&store, SHORT).await.lease, &AttemptEnd::Done).await.unwrap();
    sleep(Duration::from_millis(50)).await;
    let opened = Instant::now();
    ended(bench, &store, "waits", &failed(LONG)).await;
    bench.accept(&store, &user("cut-off")).await;
    take_one(&store, SHORT).await;
    expire().await;
    // Of one order: both are due, but only one can be in work.
    bench.accept(&store, &order("the-order", "due-1", 1)).await;
    bench.accept(&store, &order("the-order", "due-2", 2)).await;
    let stats = other.stats().await.unwrap();
    assert_eq!((stats.pending, stats.due, stats.in_work), (4, 3, 0), "{stats:?}");
    assert_eq!((stats.parked, stats.dead), (2, 1), "{stats:?}");
    // At midnight the count begins again.
    assert!(stats.done_today == 4 || day != today(), "{stats:?}");
    let oldest = stats.oldest.unwrap();
    // Only those that are open count. Stores round to milliseconds.
    let longest = opened.elapsed() + Duration::from_millis(10);
    assert!(oldest >= SHORT && oldest < longest, "{oldest:?}, at most {longest:?}");

    // Two are taken: the one whose lease has expired, and one of the order.
    assert_eq!(super::taken(&store, 10).await.len(), 2);
    let stats = other.stats().await.unwrap();
    assert_eq!((stats.pending, stats.due, stats.in_work), (2, 1, 2), "{stats:?}");
}

fn today() -> u64 {
    let time = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
    time.as_secs() / (24 * 3600)
}

pub(super) async fn lists_what_passes_a_filter<B: Backend>(bench: &Bench<B>) {
    let (store, other) = (bench.store().await, bench.store().await);
    for (id, end) in [
        ("done", AttemptEnd::Done),
        ("parked", parked(None)),
        ("dead", dead()),
        ("waits", failed(LONG)),
        ("buried", AttemptEnd::GivenBack { retry_in: LONG }),
    ] {
        ended(bench, &store, id, &end).await;
    }
    let buried = EventFilter { id: Some("buried".to_owned()), ..EventFilter::default() };
    assert_eq!(store.change(&buried, Change::Bury, 0, 10).await.unwrap().count, 1);
    bench.accept(&store, &user("cut-off")).await;
    take_one(&store, SHORT).await;
    expire().await;
    bench.accept(&store, &order("the-order", "in-work", 1)).await;
    let held = super::take(&store, 10, LONG).await;
    let cut_off = held.events.iter().find(|taken| taken.was_cut_off).unwrap();
    store.end(&cut_off.lease, &failed(LONG)).await.unwrap();
    sleep(Duration::from_millis(5)).await;
    let completed = EventName::OrderCryptoOnrampCompleted;
    bench.accept(&store, &of_order(completed, "the-order", "due", 2)).await;
    let elsewhere = bench.signer.webhook_of("sandbox", &order("the-order", "done", 1));
    store.accept(&NewEvent::from(&elsewhere)).await.unwrap();

    let all = EventFilter::default();
    let text = |text: &str| Some(text.to_owned());
    let of_state = |state| EventFilter { state: Some(state), ..EventFilter::default() };
    let since = Some(stored(&other, "in-work").await.received_at);
    let cases: Vec<(EventFilter, &[&str])> = vec![
        (
            all.clone(),
            &["done", "parked", "dead", "waits", "buried", "cut-off", "in-work", "due", "done"],
        ),
        (EventFilter { label: text("sandbox"), ..all.clone() }, &["done"]),
        (EventFilter { label: text("Sandbox"), ..all.clone() }, &[]),
        (EventFilter { id: text("done"), ..all.clone() }, &["done", "done"]),
        (EventFilter { id: text("don"), ..all.clone() }, &[]),
        (EventFilter { label: text("default"), id: text("done"), ..all.clone() }, &["done"]),
        (EventFilter { label: text("sandbox"), id: text("done"), ..all.clone() }, &["done"]),
        (EventFilter { label: text("sandbox"), id: text("parked"), ..all.clone() }, &[]),
        (of_state(EventState::Pending), &["waits", "cut-off", "due", "done"]),
        (of_state(EventState::InWork), &["in-work"]),
        (of_state(EventState::Parked), &["parked"]),
        (of_state(EventState::Dead), &["dead"]),
        (of_state(EventState::Done), &["done"]),
        (of_state(EventState::Buried), &["buried"]),
        (EventFilter { name: text(completed.as_str()), ..all.clone() }, &["due"]),
        (EventFilter { name: text("order:%"), ..all.clone() }, &[]),
        (EventFilter { order_id: text("the-order"), ..all.clone() }, &["in-work", "due", "done"]),
        (EventFilter { since, ..all.clone() }, &["in-work", "due", "done"]),
        (
            EventFilter { until: since, ..all.clone() },
            &["done", "parked", "dead", "waits", "buried", "cut-off"],
        ),
        (EventFilter { has_failed: true, ..all.clone() }, &["parked", "dead", "waits", "cut-off"]),
        (
            EventFilter {
                label: text("default"),
                order_id: text("the-order"),
                state: Some(EventState::Pending),
                since,
                ..all.clone()
            },
            &["due"],
        ),
        (EventFilter { has_failed: true, state: Some(EventState::Done), ..all }, &[]),
    ];
    for (filter, expected) in cases {
        let events = other.list(&filter, 0, 100).await.unwrap();
        let ids: Vec<&str> = events.iter().map(|event| event.key.id()).collect();
        assert_eq!(ids, expected, "{filter:?}");
        let EventFilter { label, state, .. } = &filter;
        assert!(events.iter().all(|event| state.is_none_or(|state| event.state == state)));
        let of_label =
            |event: &StoredEvent| label.as_deref().is_none_or(|label| event.key.label() == label);
        assert!(events.iter().all(of_label), "{filter:?}");
    }
}

pub(super) async fn lists_an_expired_lease_as_pending<B: Backend>(bench: &Bench<B>) {
    let (store, other) = (bench.store().await, bench.store().await);
    bench.accept(&store, &user("held")).await;
    take_one(&store, LONG).await;
    bench.accept(&store, &user("expired")).await;
    take_one(&store, SHORT).await;
    expire().await;
    for (state, id) in [(EventState::Pending, "expired"), (EventState::InWork, "held")] {
        let filter = EventFilter { state: Some(state), ..EventFilter::default() };
        let events = other.list(&filter, 0, 10).await.unwrap();
        let found: Vec<_> = events.iter().map(|event| (event.key.id(), event.state)).collect();
        assert_eq!(found, [(id, state)]);
    }
}

pub(super) async fn lists_in_portions<B: Backend>(bench: &Bench<B>) {
    let store = bench.store().await;
    for number in 0..25 {
        let id = number.to_string();
        let event = if number % 2 == 0 { user(&id) } else { order("o", &id, 0) };
        bench.accept(&store, &event).await;
    }
    let filter = EventFilter { order_id: Some("o".to_owned()), ..EventFilter::default() };
    for (filter, expected) in [
        (EventFilter::default(), (0..25).collect::<Vec<u32>>()),
        (filter, (0..25).filter(|number| number % 2 == 1).collect()),
    ] {
        let (mut after, mut listed) = (0, Vec::new());
        loop {
            let events = store.list(&filter, after, 4).await.unwrap();
            assert!(events.len() <= 4 && events.is_sorted_by(|a, b| a.row < b.row));
            let Some(last) = events.last() else { break };
            assert!(last.row > after);
            after = last.row;
            listed.extend(events.iter().map(|event| event.key.id().parse::<u32>().unwrap()));
        }
        assert_eq!(listed, expected);
    }
    assert!(store.list(&EventFilter::default(), i64::MAX, 4).await.unwrap().is_empty());
}
