//! Leases on events that are due.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use tokio::time::sleep;
use topper_store::inbox::{AttemptEnd, EventState, InboxLease, InboxStore};

use super::{
    Backend, Bench, LONG, SHORT, dead, expire, failed, ids, is_lost, owner, parked, rounds, stored,
    take, take_one, taken, user,
};

pub(super) async fn gives_what_is_due_for_longest_first<B: Backend>(bench: &Bench<B>) {
    let store = bench.store().await;
    for id in ["a", "b", "c", "d"] {
        bench.accept(&store, &user(id)).await;
        sleep(Duration::from_millis(5)).await;
    }
    // Due for the second time, after all the others became due.
    let first = take(&store, 1, LONG).await;
    assert_eq!(ids(&first), ["a"]);
    let end = failed(Duration::ZERO);
    store.end(&first.events.first().unwrap().lease, &end).await.unwrap();
    sleep(Duration::from_millis(5)).await;
    bench.accept(&store, &user("e")).await;
    assert_eq!(taken(&store, 3).await, ["b", "c", "d"]);
    assert_eq!(taken(&store, 3).await, ["a", "e"]);
}

pub(super) async fn never_gives_more_than_asked_for<B: Backend>(bench: &Bench<B>) {
    let store = bench.store().await;
    let nothing = take(&store, 10, LONG).await;
    assert!(nothing.events.is_empty() && !nothing.is_more, "{nothing:?}");
    // What is due later hides nothing of this.
    for number in 0..20 {
        bench.accept(&store, &user(&format!("later {number}"))).await;
    }
    for later in take(&store, 20, LONG).await.events {
        store.end(&later.lease, &failed(LONG)).await.unwrap();
    }
    for number in 0..20 {
        bench.accept(&store, &user(&number.to_string())).await;
    }
    for (most, is_more) in [(1, true), (2, true), (16, true), (16, false)] {
        let take = take(&store, most, LONG).await;
        assert_eq!(take.events.len(), if is_more { most } else { 1 });
        // It may say so when there is none, but not the other way round.
        assert!(take.is_more || !is_more, "there is more");
    }
    let nothing = take(&store, 10, LONG).await;
    assert!(nothing.events.is_empty() && !nothing.is_more, "{nothing:?}");
}

pub(super) async fn counts_attempts<B: Backend>(bench: &Bench<B>) {
    let (store, other) = (bench.store().await, bench.store().await);
    bench.accept(&store, &user("id")).await;
    let started = Instant::now();
    for attempt in 1..=5 {
        let store = if attempt % 2 == 0 { &other } else { &store };
        let taken = take_one(store, LONG).await;
        assert_eq!((taken.attempts, taken.tries, taken.was_cut_off), (attempt, attempt, false));
        // The clocks of two machines may differ, but not over the time of a test.
        assert!(taken.age <= started.elapsed() + SHORT, "{:?}", taken.age);
        let event = stored(store, "id").await;
        assert_eq!((event.attempts, event.state), (attempt, EventState::InWork));
        let end = failed(Duration::ZERO);
        store.end(&taken.lease, &end).await.unwrap();
        assert_eq!(stored(store, "id").await.attempts, attempt);
    }
}

pub(super) async fn tells_the_age<B: Backend>(bench: &Bench<B>) {
    let store = bench.store().await;
    bench.accept(&store, &user("id")).await;
    assert!(take_one(&store, SHORT).await.age < SHORT);
    expire().await;
    let age = take_one(&store, LONG).await.age;
    assert!(age >= SHORT && age < SHORT * 10, "{age:?}");
}

pub(super) async fn gives_each_event_once<B: Backend>(bench: &Bench<B>) {
    const EVENTS: usize = 300;
    const TAKERS: usize = 8;
    let mut stores = Vec::new();
    for _ in 0..3 {
        stores.push(Arc::new(bench.store().await));
    }
    for round in 0..rounds() {
        for event in 0..EVENTS {
            let store = stores.get(event % stores.len()).unwrap();
            bench.accept(store, &user(&format!("{round}-{event}"))).await;
        }
        let times = Arc::new(Mutex::new(HashMap::<String, usize>::new()));
        let takers: Vec<_> = (0..TAKERS)
            .map(|taker| {
                let store = Arc::clone(stores.get(taker % stores.len()).unwrap());
                let times = Arc::clone(&times);
                tokio::spawn(async move {
                    while times.lock().unwrap().len() < EVENTS {
                        for taken in take(&*store, 1 + taker, LONG).await.events {
                            let id = taken.lease.key().id().to_owned();
                            *times.lock().unwrap().entry(id).or_default() += 1;
                            // Every other one ends while the others take.
                            if taken.lease.row() % 2 == 0 {
                                store.end(&taken.lease, &AttemptEnd::Done).await.unwrap();
                            }
                        }
                    }
                })
            })
            .collect();
        for taker in takers {
            taker.await.unwrap();
        }
        let times = times.lock().unwrap();
        assert_eq!(times.values().copied().max(), Some(1), "an event was taken twice");
    }
}

pub(super) async fn gives_an_event_again_after_a_crash<B: Backend>(bench: &Bench<B>) {
    let (store, other) = (bench.store().await, bench.store().await);
    bench.accept(&store, &user("id")).await;
    let crashed = take_one(&store, SHORT).await;
    assert!(!crashed.was_cut_off);
    assert!(taken(&other, 10).await.is_empty(), "it is given twice");
    expire().await;
    assert_eq!(stored(&other, "id").await.state, EventState::Pending);
    assert!(other.is_due().await.unwrap());
    let again = take_one(&other, SHORT).await;
    assert!(again.was_cut_off, "the attempt before was never ended");
    assert_eq!((again.attempts, again.tries), (2, 2));
    expire().await;
    let again = take_one(&store, LONG).await;
    assert!(again.was_cut_off);
    // An attempt that ended is not one that was cut off.
    let end = failed(Duration::ZERO);
    store.end(&again.lease, &end).await.unwrap();
    assert!(!take_one(&other, LONG).await.was_cut_off);
}

pub(super) async fn holds_for_its_term<B: Backend>(bench: &Bench<B>) {
    let (store, other) = (bench.store().await, bench.store().await);
    let term = Duration::from_secs(2);
    bench.accept(&store, &user("id")).await;
    let started = Instant::now();
    take_one(&store, term).await;
    let mut tries = 0;
    while take(&other, 10, LONG).await.events.is_empty() {
        tries += 1;
        sleep(Duration::from_millis(20)).await;
    }
    let elapsed = started.elapsed();
    assert!(tries > 0 && elapsed >= term - Duration::from_millis(2), "it held for {elapsed:?}");
}

pub(super) async fn holds_longer_when_renewed<B: Backend>(bench: &Bench<B>) {
    let (store, other) = (bench.store().await, bench.store().await);
    bench.accept(&store, &user("id")).await;
    let held = take_one(&store, SHORT).await;
    for _ in 0..6 {
        sleep(SHORT / 2).await;
        store.renew(&held.lease, SHORT).await.unwrap();
        assert!(taken(&other, 10).await.is_empty(), "a renewed lease was given to another");
    }
    // A term from the renewal on, not more.
    expire().await;
    assert!(take_one(&other, LONG).await.was_cut_off);
}

pub(super) async fn is_renewed_alone<B: Backend>(bench: &Bench<B>) {
    let (store, other) = (bench.store().await, bench.store().await);
    for id in ["a", "b", "c"] {
        bench.accept(&store, &user(id)).await;
    }
    let held = take(&store, 10, SHORT).await;
    assert_eq!(ids(&held), ["a", "b", "c"]);
    store.renew(&held.events.get(1).unwrap().lease, LONG).await.unwrap();
    expire().await;
    assert_eq!(taken(&other, 10).await, ["a", "c"]);
}

pub(super) async fn is_lost_alone<B: Backend>(bench: &Bench<B>) {
    let (store, other) = (bench.store().await, bench.store().await);
    for id in ["lost", "done", "held"] {
        bench.accept(&store, &user(id)).await;
    }
    let stale = take(&store, 10, SHORT).await.events;
    let [lost, done, held] = stale.as_slice() else { panic!("{stale:?}") };
    store.end(&done.lease, &AttemptEnd::Done).await.unwrap();
    store.renew(&held.lease, LONG).await.unwrap();
    expire().await;
    let owner = take_one(&other, LONG).await;
    is_lost(store.end(&lost.lease, &AttemptEnd::Done).await);
    store.end(&done.lease, &AttemptEnd::Done).await.unwrap();
    other.end(&owner.lease, &AttemptEnd::Done).await.unwrap();
    is_lost(store.end(&lost.lease, &AttemptEnd::Done).await);
    store.end(&held.lease, &AttemptEnd::Done).await.unwrap();
}

pub(super) async fn is_lost_to_who_takes_over<B: Backend>(bench: &Bench<B>) {
    let (store, other) = (bench.store().await, bench.store().await);
    bench.accept(&store, &user("id")).await;
    let stale = take_one(&store, SHORT).await;
    expire().await;
    let owner = take_one(&other, LONG).await;
    let ends = [
        AttemptEnd::Done,
        failed(Duration::ZERO),
        AttemptEnd::GivenBack { retry_in: Duration::ZERO },
        parked(Some("1.0.0")),
        dead(),
    ];
    is_lost(store.renew(&stale.lease, LONG).await);
    for end in &ends {
        is_lost(store.end(&stale.lease, end).await);
    }
    let event = stored(&store, "id").await;
    assert_eq!((event.state, event.attempts), (EventState::InWork, 2));
    assert_eq!(event.last_error, None);
    other.renew(&owner.lease, LONG).await.unwrap();
    other.end(&owner.lease, &AttemptEnd::Done).await.unwrap();
    is_lost(store.renew(&stale.lease, LONG).await);
    for end in &ends {
        is_lost(store.end(&stale.lease, end).await);
    }
    assert_eq!(stored(&store, "id").await.state, EventState::Done);
}

pub(super) async fn ends_after_it_has_expired<B: Backend>(bench: &Bench<B>) {
    let (store, other) = (bench.store().await, bench.store().await);
    bench.accept(&store, &user("id")).await;
    let late = take_one(&store, SHORT).await;
    expire().await;
    store.end(&late.lease, &AttemptEnd::Done).await.unwrap();
    assert_eq!(stored(&other, "id").await.state, EventState::Done);
    assert!(!other.is_due().await.unwrap());
    assert!(taken(&other, 10).await.is_empty());
}

pub(super) async fn ends_as_done_twice<B: Backend>(bench: &Bench<B>) {
    let (store, other) = (bench.store().await, bench.store().await);
    bench.accept(&store, &user("id")).await;
    let held = take_one(&store, LONG).await;
    store.end(&held.lease, &AttemptEnd::Done).await.unwrap();
    let done_at = stored(&store, "id").await.done_at;
    assert!(done_at.is_some());
    // The answer to the first one may have got lost.
    store.end(&held.lease, &AttemptEnd::Done).await.unwrap();
    other.end(&held.lease, &AttemptEnd::Done).await.unwrap();
    let event = stored(&store, "id").await;
    assert_eq!((event.state, event.done_at), (EventState::Done, done_at));
    // It is over in any other sense.
    is_lost(store.renew(&held.lease, LONG).await);
    is_lost(store.end(&held.lease, &AttemptEnd::GivenBack { retry_in: Duration::ZERO }).await);
    assert_eq!(stored(&store, "id").await.state, EventState::Done);
    assert!(taken(&store, 10).await.is_empty());
}

pub(super) async fn is_gone_once_it_has_ended<B: Backend>(bench: &Bench<B>) {
    let (store, other) = (bench.store().await, bench.store().await);
    for (id, end) in [
        ("failed", failed(LONG)),
        ("back", AttemptEnd::GivenBack { retry_in: LONG }),
        ("parked", parked(None)),
        ("dead", dead()),
    ] {
        bench.accept(&store, &user(id)).await;
        let held = take_one(&store, LONG).await;
        store.end(&held.lease, &end).await.unwrap();
        let state = stored(&store, id).await.state;
        is_lost(store.renew(&held.lease, LONG).await);
        is_lost(store.end(&held.lease, &AttemptEnd::Done).await);
        is_lost(other.end(&held.lease, &AttemptEnd::Done).await);
        let stranger = InboxLease::new(held.lease.key().clone(), held.lease.row(), owner());
        is_lost(other.end(&stranger, &AttemptEnd::Done).await);
        assert_eq!(stored(&store, id).await.state, state, "{id}");
    }
}

pub(super) async fn tells_whether_something_is_due<B: Backend>(bench: &Bench<B>) {
    let (store, other) = (bench.store().await, bench.store().await);
    assert!(!store.is_due().await.unwrap());
    bench.accept(&store, &user("id")).await;
    assert!(store.is_due().await.unwrap() && other.is_due().await.unwrap());
    let held = take_one(&store, SHORT).await;
    assert!(!store.is_due().await.unwrap() && !other.is_due().await.unwrap());
    expire().await;
    assert!(store.is_due().await.unwrap() && other.is_due().await.unwrap());
    let end = failed(SHORT);
    store.end(&held.lease, &end).await.unwrap();
    assert!(!other.is_due().await.unwrap());
    expire().await;
    assert!(other.is_due().await.unwrap());
    let held = take_one(&store, LONG).await;
    store.end(&held.lease, &AttemptEnd::Done).await.unwrap();
    assert!(!store.is_due().await.unwrap() && !other.is_due().await.unwrap());
}
