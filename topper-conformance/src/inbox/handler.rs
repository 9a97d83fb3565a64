//! Handlers that fail.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::time::sleep;
use topper_core::{EventName, Outcome, Retry};
use topper_store::inbox::{Change, EventFilter, EventState, InboxStore};
use topper_testkit::EventBuilder;

use super::{
    Backend, Bench, SHORT, stored, user,
    worker::{Diary, accept, inbox, reaches, worker},
};

const TRIED_ONCE: Duration = Duration::ZERO;

pub(super) async fn tries_again_until_the_handler_succeeds<B: Backend>(bench: &Bench<B>) {
    let inbox = inbox(bench).await;
    let diary = Diary::default();
    let worker = worker(&inbox, &diary, |run| match run {
        1 | 2 => Err("the ledger is closed".into()),
        _ => Ok(Outcome::Processed),
    });
    let worker = worker.start();
    accept(bench, &inbox, &user("id")).await;
    reaches(inbox.store(), "id", EventState::Done).await;
    sleep(SHORT).await;
    let event = stored(inbox.store(), "id").await;
    assert_eq!((diary.runs().len(), event.attempts), (3, 3));
    assert_eq!(event.last_error.as_deref(), Some("the ledger is closed"));
    // A fifth more or less, and a worker looks once a second.
    let times = diary.times();
    for (pair, wait) in times.windows(2).zip([1.0, 2.0]) {
        let waited = (*pair.last().unwrap() - *pair.first().unwrap()).as_secs_f64();
        assert!((wait * 0.79..wait * 1.21 + 4.0).contains(&waited), "{waited} instead of {wait}");
    }
    worker.drain().await;
}

pub(super) async fn counts_a_panic_as_a_failure<B: Backend>(bench: &Bench<B>) {
    let inbox = inbox(bench).await;
    let diary = Diary::default();
    let worker = worker(&inbox, &diary, |run| match run {
        1 => panic!("a panic that the case wants"),
        _ => Ok(Outcome::Ignored),
    });
    let worker = worker.start();
    accept(bench, &inbox, &user("id")).await;
    reaches(inbox.store(), "id", EventState::Done).await;
    let event = stored(inbox.store(), "id").await;
    assert_eq!((diary.runs().len(), event.attempts), (2, 2));
    assert_eq!(event.last_error.as_deref(), Some("the handler panicked"));
    worker.drain().await;
}

pub(super) async fn tries_again_what_is_in_progress<B: Backend>(bench: &Bench<B>) {
    let inbox = inbox(bench).await;
    let diary = Diary::default();
    let worker = worker(&inbox, &diary, |run| match run {
        1 => Ok(Outcome::InProgress),
        _ => Ok(Outcome::Duplicate),
    });
    let worker = worker.start();
    accept(bench, &inbox, &user("id")).await;
    reaches(inbox.store(), "id", EventState::Done).await;
    assert_eq!(diary.runs().len(), 2);
    worker.drain().await;
}

pub(super) async fn parks_what_the_handler_cannot_read<B: Backend>(bench: &Bench<B>) {
    let inbox = inbox(bench).await;
    let runs = Arc::new(AtomicUsize::new(0));
    let worker = {
        let runs = Arc::clone(&runs);
        inbox.work(move |webhook| {
            runs.fetch_add(1, Ordering::SeqCst);
            async move { webhook.event().map(|_| Outcome::Processed).map_err(Retry::from) }
        })
    };
    let worker = worker.give_up_after(TRIED_ONCE).start();
    let unreadable = EventBuilder::new(EventName::OrderCryptoOnrampCompleted)
        .id("unreadable")
        .remove("data.destination");
    accept(bench, &inbox, &unreadable).await;
    reaches(inbox.store(), "unreadable", EventState::Parked).await;
    // Others go on.
    accept(bench, &inbox, &user("readable")).await;
    reaches(inbox.store(), "readable", EventState::Done).await;
    sleep(SHORT * 2).await;
    let event = stored(inbox.store(), "unreadable").await;
    assert_eq!((event.state, event.attempts), (EventState::Parked, 1));
    assert!(event.last_error.unwrap().contains("data.destination"), "the error names the field");
    assert_eq!(runs.load(Ordering::SeqCst), 2);
    assert_eq!(inbox.store().stats().await.unwrap().dead, 0);
    // It is for another version, not for this one.
    assert_eq!(inbox.store().parked("another", 0, 10).await.unwrap().len(), 1);
    worker.drain().await;
}

pub(super) async fn gives_up_in_time_and_takes_up_again<B: Backend>(bench: &Bench<B>) {
    let inbox = inbox(bench).await;
    let diary = Diary::default();
    let is_mended = Arc::new(AtomicUsize::new(0));
    let mended = Arc::clone(&is_mended);
    let worker = worker(&inbox, &diary, move |_| match mended.load(Ordering::SeqCst) {
        0 => Err("the ledger is closed".into()),
        _ => Ok(Outcome::Processed),
    });
    let worker = worker.give_up_after(SHORT / 2).start();
    accept(bench, &inbox, &user("id")).await;
    reaches(inbox.store(), "id", EventState::Dead).await;
    // The first attempt came in time, and the second, a second later, not any more.
    let runs = diary.runs().len();
    assert!((1..=2).contains(&runs), "{runs}");
    sleep(SHORT * 3).await;
    assert_eq!(diary.runs().len(), runs, "a dead event is tried");
    is_mended.store(1, Ordering::SeqCst);
    let dead = EventFilter { state: Some(EventState::Dead), ..EventFilter::default() };
    assert_eq!(inbox.store().change(&dead, Change::Retry, 0, 10).await.unwrap().count, 1);
    reaches(inbox.store(), "id", EventState::Done).await;
    assert_eq!(diary.runs().len(), runs + 1);
    worker.drain().await;
}
