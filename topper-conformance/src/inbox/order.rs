//! The events of one order, one at a time.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex},
    time::Duration,
};

use tokio::time::sleep;
use topper_core::EventName;
use topper_store::inbox::{Acceptance, AttemptEnd, InboxStore, NewEvent};

use super::{
    Backend, Bench, LONG, SHORT, dead, end_one, expire, failed, ids, is_lost, of_order, order,
    rounds, stored, take, take_one, taken, user,
};

pub(super) async fn gives_one_event_at_a_time<B: Backend>(bench: &Bench<B>) {
    let (store, other) = (bench.store().await, bench.store().await);
    for (id, second) in [("first", 1), ("second", 2), ("third", 3)] {
        bench.accept(&store, &order("the-order", id, second)).await;
    }
    for id in ["first", "second", "third"] {
        let held = take_one(&store, LONG).await;
        assert_eq!(held.lease.key().id(), id);
        for store in [&store, &other] {
            let rest = take(store, 10, LONG).await;
            assert!(rest.events.is_empty(), "{rest:?} at the same time as {id}");
            assert!(rest.is_more || id == "third", "others of the order are due");
        }
        other.end(&held.lease, &AttemptEnd::Done).await.unwrap();
    }
    assert!(taken(&other, 10).await.is_empty());
}

pub(super) async fn gives_the_earliest_first<B: Backend>(bench: &Bench<B>) {
    let (store, other) = (bench.store().await, bench.store().await);
    let named = |name, id, second| of_order(name, "the-order", id, second);
    let committed = EventName::OrderCryptoOnrampCommitted;
    let charged = EventName::OrderCryptoOnrampCharged;
    // The time first, then the rank, then which was received first.
    let events = [
        named(charged, "7", 30),
        named(charged, "5", 20),
        named(charged, "6", 20),
        named(committed, "4", 20),
        named(charged, "2", 10),
        named(charged, "3", 10),
        named(committed, "1", 10),
        // Whatever the offset that it is written with.
        named(charged, "0", 0).updated_at("2026-03-02T11:00:05.120+02:00"),
    ];
    for event in &events {
        bench.accept(&store, event).await;
    }
    for number in 0..8 {
        let store = if number % 2 == 0 { &store } else { &other };
        let held = take_one(store, LONG).await;
        assert_eq!(held.lease.key().id(), number.to_string());
        store.end(&held.lease, &AttemptEnd::Done).await.unwrap();
    }
}

pub(super) async fn lets_others_pass_one_that_waits<B: Backend>(bench: &Bench<B>) {
    let (store, other) = (bench.store().await, bench.store().await);
    for (id, second) in [("first", 1), ("second", 2), ("third", 3)] {
        bench.accept(&store, &order("the-order", id, second)).await;
    }
    let first = take_one(&store, LONG).await;
    assert_eq!(first.lease.key().id(), "first");
    let end = failed(SHORT);
    store.end(&first.lease, &end).await.unwrap();
    let second = take_one(&other, LONG).await;
    assert_eq!(second.lease.key().id(), "second");
    expire().await;
    // It is due again, but not at the same time as another of its order.
    assert!(taken(&store, 10).await.is_empty());
    other.end(&second.lease, &AttemptEnd::Done).await.unwrap();
    // Both are due now, and it is the earlier one.
    let first = take_one(&store, LONG).await;
    assert_eq!(first.lease.key().id(), "first");
    store.end(&first.lease, &dead()).await.unwrap();
    let third = take_one(&store, LONG).await;
    assert_eq!(third.lease.key().id(), "third");
    store.end(&third.lease, &AttemptEnd::Done).await.unwrap();
    bench.accept(&store, &order("the-order", "fourth", 4)).await;
    assert_eq!(taken(&store, 10).await, ["fourth"]);
}

pub(super) async fn tries_what_failed_in_order<B: Backend>(bench: &Bench<B>) {
    let (store, other) = (bench.store().await, bench.store().await);
    let due_at = async |id| stored(&store, id).await.due_at.unwrap();
    let fails = async |id, retry_in| end_one(&other, id, &failed(retry_in)).await;
    // Another order, and one that is no order.
    bench.accept(&store, &order("another", "another", 1)).await;
    fails("another", LONG).await;
    bench.accept(&store, &user("user")).await;
    fails("user", LONG).await;
    bench.accept(&store, &order("the-order", "second", 2)).await;
    fails("second", LONG).await;
    bench.accept(&store, &order("the-order", "first", 1)).await;
    // Longer than the one after it.
    fails("first", 2 * LONG).await;
    assert_eq!(due_at("first").await, due_at("second").await);
    bench.accept(&store, &order("the-order", "third", 3)).await;
    fails("third", SHORT).await;
    // Those before it are tried with it.
    let soon = due_at("third").await;
    assert_eq!((due_at("first").await, due_at("second").await), (soon, soon));
    assert!(due_at("another").await > soon && due_at("user").await > soon);

    expire().await;
    fails("first", LONG).await;
    // It is in no one's way.
    let second = take_one(&store, LONG).await;
    assert_eq!(second.lease.key().id(), "second");
    store.end(&second.lease, &AttemptEnd::Done).await.unwrap();
    let third = take_one(&store, LONG).await;
    assert_eq!(third.lease.key().id(), "third");
    store.end(&third.lease, &AttemptEnd::Done).await.unwrap();
    assert!(taken(&store, 10).await.is_empty());
    assert!(due_at("first").await > soon);
}

pub(super) async fn frees_an_order_after_a_crash<B: Backend>(bench: &Bench<B>) {
    let (store, other) = (bench.store().await, bench.store().await);
    bench.accept(&store, &order("the-order", "later", 2)).await;
    let crashed = take_one(&store, SHORT).await;
    bench.accept(&store, &order("the-order", "earlier", 1)).await;
    bench.accept(&store, &order("the-order", "latest", 3)).await;
    assert!(taken(&other, 10).await.is_empty());
    expire().await;
    for id in ["earlier", "later", "latest"] {
        let held = take_one(&other, LONG).await;
        assert_eq!(held.lease.key().id(), id);
        assert_eq!(held.was_cut_off, id == "later");
        other.end(&held.lease, &AttemptEnd::Done).await.unwrap();
    }
    is_lost(store.end(&crashed.lease, &AttemptEnd::Done).await);
}

pub(super) async fn does_not_confuse_orders<B: Backend>(bench: &Bench<B>) {
    let store = bench.store().await;
    let names = ["o", "O", "o ", "o\0", "\u{f6}", "order", "orde", "1", "01"];
    for (number, order_id) in names.iter().enumerate() {
        bench.accept(&store, &order(order_id, &format!("a{number}"), 1)).await;
        bench.accept(&store, &order(order_id, &format!("b{number}"), 2)).await;
    }
    for label in ["sandbox", "Default"] {
        let event = bench.signer.webhook_of(label, &order("o", "a", 1));
        let acceptance = store.accept(&NewEvent::from(&event)).await.unwrap();
        assert_eq!(acceptance, Acceptance::Accepted);
    }
    for number in 0..3 {
        bench.accept(&store, &user(&format!("user-{number}"))).await;
    }
    // One of each order, and all that are about none.
    let take = take(&store, 100, LONG).await;
    assert_eq!(take.events.len(), names.len() + 2 + 3, "{:?}", ids(&take));
    assert!(take.events.iter().all(|taken| !taken.lease.key().id().starts_with('b')));
}

pub(super) async fn hides_no_other_order<B: Backend>(bench: &Bench<B>) {
    let store = bench.store().await;
    // In work for long, with hundreds of others that have been due for longer than what comes after.
    bench.accept(&store, &order("busy", "first", 0)).await;
    let first = take_one(&store, LONG).await;
    for number in 1..=400 {
        bench.accept(&store, &order("busy", &number.to_string(), number)).await;
    }
    for number in 0..20 {
        bench.accept(&store, &order(&format!("order-{number}"), &format!("o{number}"), 0)).await;
        bench.accept(&store, &user(&format!("u{number}"))).await;
    }
    let mut others = Vec::new();
    while others.len() < 40 {
        let take = take(&store, 3, LONG).await;
        assert!(!take.events.is_empty(), "{} others are hidden", 40 - others.len());
        assert!(take.is_more);
        others.extend(ids(&take));
    }
    assert!(others.iter().all(|id| id.starts_with(['o', 'u'])), "{others:?}");
    assert!(take(&store, 3, LONG).await.events.is_empty());
    store.end(&first.lease, &AttemptEnd::Done).await.unwrap();
    assert_eq!(taken(&store, 3).await, ["1"]);
}

/// What takers did, as they saw it.
#[derive(Default)]
struct Seen {
    /// The orders that are in work.
    in_work: HashSet<String>,
    done: HashMap<String, Vec<u32>>,
    count: usize,
}

pub(super) async fn holds_in_a_race<B: Backend>(bench: &Bench<B>) {
    const ORDERS: usize = 200;
    const EACH: usize = 5;
    const TAKERS: usize = 8;
    let mut stores = Vec::new();
    for _ in 0..3 {
        stores.push(Arc::new(bench.store().await));
    }
    for round in 0..rounds() {
        // 389 and 1000 have no common factor: every event once, far from its neighbours.
        for event in (0..ORDERS * EACH).map(|number| number * 389 % (ORDERS * EACH)) {
            let (of, place) = (event / EACH, event % EACH);
            let event = order(
                &format!("{round}-{of}"),
                &format!("{round}-{of}-{place}"),
                u32::try_from(place).unwrap(),
            );
            bench.accept(stores.get(of % stores.len()).unwrap(), &event).await;
        }
        let seen = Arc::new(Mutex::new(Seen::default()));
        let takers: Vec<_> = (0..TAKERS)
            .map(|taker| {
                let store = Arc::clone(stores.get(taker % stores.len()).unwrap());
                let seen = Arc::clone(&seen);
                tokio::spawn(async move {
                    while seen.lock().unwrap().count < ORDERS * EACH {
                        // Some take one at a time, some many.
                        let take = take(&*store, 1 << (taker % 4 * 2), LONG).await;
                        if take.events.is_empty() {
                            sleep(Duration::from_millis(2)).await;
                        }
                        for taken in &take.events {
                            seen.lock().unwrap().begins(taken.lease.key().id());
                        }
                        for taken in &take.events {
                            tokio::task::yield_now().await;
                            seen.lock().unwrap().ends(taken.lease.key().id());
                            store.end(&taken.lease, &AttemptEnd::Done).await.unwrap();
                        }
                    }
                })
            })
            .collect();
        for taker in takers {
            taker.await.unwrap();
        }
        let seen = seen.lock().unwrap();
        assert_eq!(seen.done.len(), ORDERS);
        for (order, places) in &seen.done {
            assert_eq!(*places, [0, 1, 2, 3, 4], "the order {order} was processed in this order");
        }
    }
}

impl Seen {
    fn begins(&mut self, id: &str) {
        let (order, _) = id.rsplit_once('-').unwrap();
        let is_alone = self.in_work.insert(order.to_owned());
        assert!(is_alone, "{id} was taken while another event of its order was in work");
    }

    fn ends(&mut self, id: &str) {
        let (order, place) = id.rsplit_once('-').unwrap();
        self.in_work.remove(order);
        self.done.entry(order.to_owned()).or_default().push(place.parse().unwrap());
        self.count += 1;
    }
}
