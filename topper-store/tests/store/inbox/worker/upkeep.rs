//! What a worker does from time to time. Time passes as soon as every task waits for it.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use tokio::{
    sync::Semaphore,
    time::{pause, sleep},
};
use topper_core::{Outcome, Webhook};
use topper_store::{
    Inbox,
    inbox::{AttemptEnd, EventState, InboxStore as _},
};

use super::{Bent, Sender, stored, user};
use crate::log;

async fn processes(_: Webhook) -> Result<Outcome, topper_core::Retry> {
    Ok(Outcome::Processed)
}

#[tokio::test(start_paused = true)]
async fn bodies_are_purged_once_an_hour() {
    let inbox = Inbox::new(Bent::new());
    let worker = inbox.work(processes).start();
    for hour in 1..=3 {
        sleep(Duration::from_secs(3500)).await;
        assert_eq!(inbox.store().purges.load(Ordering::SeqCst), hour);
        sleep(Duration::from_secs(100)).await;
    }
    worker.drain().await;
}

#[tokio::test(start_paused = true)]
async fn an_event_that_can_be_read_again_is_processed_at_once() {
    let inbox = Inbox::new(Bent::new());
    let worker = inbox.work(processes).start();
    // It is woken, so that it looks 300 ms after each second.
    sleep(Duration::from_millis(300)).await;
    let sender = Sender::new();
    sender.accept(&inbox, &user("first")).await;
    sleep(Duration::from_secs(30)).await;

    // Another program accepts one, and an older version parks it.
    sender.accept(&Inbox::new(inbox.store().clone()), &user("id")).await;
    let taken = inbox.store().take(&[1; 16], 1, Duration::from_secs(20)).await.unwrap().events;
    let end = AttemptEnd::Parked { error: "unknown".to_owned(), reader: Some("0.0.1") };
    inbox.store().end(&taken.first().unwrap().lease, &end).await.unwrap();
    sleep(Duration::from_millis(29_600)).await;
    assert_eq!(stored(inbox.store(), "id").await.state, EventState::Parked);

    // It looks for parked events each minute.
    sleep(Duration::from_millis(200)).await;
    assert_eq!(stored(inbox.store(), "id").await.state, EventState::Done);
    worker.drain().await;
}

#[tokio::test(start_paused = true)]
async fn it_waits_a_moment_before_it_takes_less_than_half_of_what_it_works_on() {
    let inbox = Inbox::new(Bent::new());
    let sender = Sender::new();
    for id in ["1", "2", "3", "4", "5", "6", "7"] {
        sender.accept(&inbox, &user(id)).await;
    }
    let ends = Arc::new(Semaphore::new(0));
    let handler_ends = Arc::clone(&ends);
    let handler = move |_| {
        let ends = Arc::clone(&handler_ends);
        async move {
            ends.acquire().await?.forget();
            Ok(Outcome::Processed)
        }
    };
    let worker = inbox.work(handler).concurrency(4).start();
    let takes = || inbox.store().takes.lock().unwrap().clone();
    sleep(Duration::from_secs(1)).await;
    assert_eq!(takes(), [4]);

    // Another may end in the next 2 ms.
    ends.add_permits(1);
    sleep(Duration::from_millis(1)).await;
    assert_eq!(takes(), [4]);
    sleep(Duration::from_millis(9)).await;
    assert_eq!(takes(), [4, 1]);

    ends.add_permits(2);
    sleep(Duration::from_millis(1)).await;
    assert_eq!(takes(), [4, 1, 2]);
    ends.add_permits(4);
    worker.drain().await;
}

#[cfg(feature = "metrics")]
#[tokio::test(start_paused = true)]
async fn counting_takes_a_hundredth_of_the_time_at_most() {
    let inbox = Inbox::new(Bent::new().counting_in(Duration::from_secs(1)));
    let worker = inbox.work(processes).start();
    sleep(Duration::from_secs(1000)).await;
    assert_eq!(inbox.store().counts.load(Ordering::SeqCst), 10);
    worker.drain().await;
}

#[test]
fn a_store_that_is_down_for_too_long_after_the_handler_ran_is_logged_as_an_error() {
    log::run(async |lines: log::Lines| {
        pause();
        let inbox = Inbox::new(Bent::new());
        Sender::new().accept(&inbox, &user("id")).await;
        let store = inbox.store().clone();
        let worker = inbox.work(move |webhook| {
            store.set_down(true);
            processes(webhook)
        });
        let worker = worker.longest(Duration::from_secs(60)).start();
        let is_logged = || !lines.with("ERROR topper: handler finished, but").is_empty();
        sleep(Duration::from_secs(50)).await;
        assert!(!is_logged(), "{:?}", lines.all());
        sleep(Duration::from_secs(20)).await;
        assert!(is_logged(), "{:?}", lines.all());
        worker.drain().await;
    });
}
