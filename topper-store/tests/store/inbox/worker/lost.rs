//! A store that fails for a while, leases that are lost, and shutting down.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::{sync::Semaphore, time::sleep};
use topper_core::{Outcome, Reply};
use topper_store::{
    Inbox,
    inbox::{AttemptEnd, EventState, InboxStore},
};

use super::{Bent, Sender, reaches, stored, user};
use crate::log;

#[test]
fn a_store_that_fails_for_a_while_loses_nothing_and_is_logged_once() {
    log::run(async |lines: log::Lines| {
        let store = Bent::new();
        let inbox = Inbox::new(store.clone());
        let (runs, may_end) = (Arc::new(AtomicUsize::new(0)), Arc::new(Semaphore::new(0)));
        let (count, gate) = (Arc::clone(&runs), Arc::clone(&may_end));
        let worker = inbox.work(move |_| {
            count.fetch_add(1, Ordering::SeqCst);
            let gate = Arc::clone(&gate);
            async move {
                gate.acquire().await?.forget();
                Ok(Outcome::Processed)
            }
        });
        let worker = worker.concurrency(2).start();
        let sender = Sender::new();
        for number in 0..6 {
            sender.accept(&inbox, &user(&number.to_string())).await;
        }
        while runs.load(Ordering::SeqCst) < 2 {
            sleep(Duration::from_millis(2)).await;
        }
        // It fails while handlers run, when they end, and when more is to be taken.
        store.set_down(true);
        may_end.add_permits(100);
        let late = sender.webhook(&user("late"));
        assert_eq!(inbox.accept(&late).await, Reply::Retry);
        sleep(Duration::from_millis(1500)).await;
        assert_eq!(runs.load(Ordering::SeqCst), 2);
        assert!(store.ends().is_empty());
        store.set_down(false);
        assert_eq!(inbox.accept(&late).await, Reply::Accepted);
        for id in ["0", "1", "2", "3", "4", "5", "late"] {
            reaches(&store, id, EventState::Done).await;
            assert_eq!(stored(&store, id).await.attempts, 1);
        }
        worker.drain().await;
        assert_eq!(runs.load(Ordering::SeqCst), 7, "each event ran once");
        assert_eq!(lines.with("inbox_outcome=\"processed\"").len(), 7);
        // One line an event that had run, and none each time that it is tried again.
        assert_eq!(lines.with("failed after the handler ran").len(), 2);
        assert_eq!(lines.with("Topper sends the event again").len(), 1);
    });
}

#[test]
fn an_idle_worker_logs_once_that_its_store_fails_and_once_that_it_works_again() {
    log::run(async |lines: log::Lines| {
        let store = Bent::new();
        let inbox = Inbox::new(store.clone());
        store.set_down(true);
        let worker = inbox.work(|_| async { Ok(Outcome::Processed) }).start();
        sleep(Duration::from_millis(1500)).await;
        let failing = lines.with("the inbox's store failed");
        assert_eq!(failing.len(), 1, "{failing:?}");
        assert!(failing[0].contains("ERROR") && failing[0].contains("it is down"), "{failing:?}");
        assert!(lines.with("is working again").is_empty());
        store.set_down(false);
        Sender::new().accept(&inbox, &user("id")).await;
        reaches(&store, "id", EventState::Done).await;
        assert_eq!(lines.with("is working again").len(), 1);
        assert_eq!(lines.with("the inbox's store failed").len(), 1);
        worker.drain().await;
    });
}

#[test]
fn a_lease_that_another_worker_took_over_is_logged_once_and_marks_nothing() {
    log::run(async |lines: log::Lines| {
        let store = Bent::new();
        let inbox = Inbox::new(store.clone());
        Sender::new().accept(&inbox, &user("id")).await;
        let may_end = Arc::new(Semaphore::new(0));
        let gate = Arc::clone(&may_end);
        let worker = inbox.work(move |_| {
            let gate = Arc::clone(&gate);
            async move {
                gate.acquire().await?.forget();
                Ok(Outcome::Processed)
            }
        });
        let worker = worker.lease_term(Duration::from_secs(1)).start();
        reaches(&store, "id", EventState::InWork).await;
        store.set_down(true);
        // The lease cannot be renewed, and another worker, which reaches the store, takes over.
        let other = loop {
            let take = store.store.take(&[7; 16], 1, Duration::from_secs(600)).await.unwrap();
            match take.events.into_iter().next() {
                Some(taken) => break taken,
                None => sleep(Duration::from_millis(20)).await,
            }
        };
        assert!(!lines.with("lease could not be renewed").is_empty());
        store.set_down(false);
        // Until it has asked to renew again.
        sleep(Duration::from_millis(800)).await;
        assert_eq!(lines.with("lease is lost").len(), 1);
        may_end.add_permits(1);
        worker.drain().await;
        assert_eq!(lines.with("lease is lost").len(), 1, "{:?}", lines.with("lease is lost"));
        assert!(lines.with("inbox_outcome=").is_empty());
        assert_eq!(stored(&store, "id").await.state, EventState::InWork);
        store.end(&other.lease, &AttemptEnd::Done).await.unwrap();
    });
}

#[test]
fn a_handler_that_runs_too_long_is_logged_and_still_marks_its_event() {
    log::run(async |lines: log::Lines| {
        let store = Bent::new();
        let inbox = Inbox::new(store.clone());
        Sender::new().accept(&inbox, &user("id")).await;
        let worker = inbox.work(|_| async {
            sleep(Duration::from_millis(1300)).await;
            Ok(Outcome::Processed)
        });
        let term = Duration::from_secs(1);
        let worker = worker.lease_term(term).longest(Duration::from_millis(100)).start();
        reaches(&store, "id", EventState::InWork).await;
        worker.drain().await;
        assert_eq!(stored(&store, "id").await.state, EventState::Done);
        assert_eq!(lines.with("handler is still running").len(), 1);
        assert_eq!(lines.with("inbox_outcome=\"processed\"").len(), 1);
    });
}

#[test]
fn what_was_taken_when_the_worker_is_drained_is_given_back_at_once() {
    log::run(async |lines: log::Lines| {
        let store = Bent::new();
        let inbox = Inbox::new(store.clone());
        let sender = Sender::new();
        for number in 0..5 {
            sender.accept(&inbox, &user(&number.to_string())).await;
        }
        // The store's answer is on its way while the worker is drained.
        let all = store.permits.available_permits();
        store.permits.forget_permits(all);
        let worker = inbox.work(|_| async { Ok(Outcome::Processed) }).start();
        reaches(&store, "0", EventState::InWork).await;
        let draining = {
            let worker = worker.clone();
            tokio::spawn(async move { worker.drain().await })
        };
        sleep(Duration::from_millis(50)).await;
        store.permits.add_permits(10);
        draining.await.unwrap();
        assert_eq!(store.ends().len(), 5);
        for number in 0..5 {
            let event = stored(&store, &number.to_string()).await;
            assert_eq!((event.state, event.attempts), (EventState::Pending, 0));
        }
        assert!(lines.with("inbox_outcome=").is_empty(), "{:?}", lines.with("inbox_outcome="));
        assert!(store.is_due().await.unwrap());
        assert_eq!(worker.running(), 0);
    });
}
