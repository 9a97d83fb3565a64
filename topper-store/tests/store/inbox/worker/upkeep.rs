//! What a worker does from time to time. Time passes as soon as every task waits for it.

use std::{sync::atomic::Ordering, time::Duration};

use tokio::time::{pause, sleep};
use topper_core::{Outcome, Webhook};
use topper_store::Inbox;

use super::{Bent, Sender, user};
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
