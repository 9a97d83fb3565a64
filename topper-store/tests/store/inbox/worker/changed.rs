//! Stored events that are not what was accepted, that could not be read, or that are old.

use std::time::Duration;

use tokio::time::sleep;
use topper_core::{EventName, Outcome, Reply};
use topper_store::{
    EventKey, Inbox, MemoryInbox,
    inbox::{AttemptEnd, EventFilter, EventState, InboxLease, InboxStore, Taken},
};
use topper_testkit::{EventBuilder, TestKey};

use super::{Bent, Sender, reaches, stored, user};
use crate::log;

fn is_parked(bend: impl Fn(&mut Taken) + Send + Sync + 'static) {
    log::run(async |lines: log::Lines| {
        let store = Bent::new().bending(bend);
        let inbox = Inbox::new(store.clone());
        Sender::new().accept(&inbox, &user("the-id")).await;
        let worker = inbox.work(|_| async { Ok(Outcome::Processed) }).start();
        reaches(&store, "the-id", EventState::Parked).await;
        worker.drain().await;
        let ends = store.ends();
        let [(_, AttemptEnd::Parked { error, reader: None })] = &*ends else { panic!("{ends:?}") };
        let parked = lines.with("inbox_outcome=\"parked\"");
        assert_eq!(parked.len(), 1, "{parked:?}");
        for part in
            ["ERROR", "webhook=\"sandbox\"", "the-id", "differs from what was accepted", error]
        {
            assert!(parked.iter().all(|line| line.contains(part)), "{part} is not in {parked:?}");
        }
        assert!(lines.with("inbox_outcome=\"processed\"").is_empty(), "the handler ran");
        // Nor does any version take it up.
        assert!(store.parked("another", 0, 10).await.unwrap().is_empty());
    });
}

#[test]
fn an_event_whose_stored_body_was_changed_is_parked_and_not_run() {
    is_parked(|taken| taken.body[10] ^= 1);
}

#[test]
fn an_event_whose_stored_body_was_truncated_is_parked_and_not_run() {
    is_parked(|taken| taken.body.truncate(taken.body.len() / 2));
    is_parked(|taken| taken.body.clear());
}

#[test]
fn an_event_whose_stored_signature_was_changed_is_parked_and_not_run() {
    is_parked(|taken| taken.signature.clear());
    is_parked(|taken| taken.signature = taken.signature.replacen("..", ".x.", 1));
}

#[test]
fn an_event_whose_stored_key_was_changed_is_parked_and_not_run() {
    is_parked(|taken| taken.public_key.clear());
    let other = TestKey::generate();
    is_parked(move |taken| taken.public_key = other.public_jwk());
}

#[test]
fn an_event_that_is_stored_under_the_id_of_another_is_parked_and_not_run() {
    let sender = Sender::new();
    let other = sender.webhook(&user("another-id"));
    is_parked(move |taken| {
        taken.body = other.body().to_vec();
        taken.signature = other.signature().to_owned();
        taken.public_key = other.key().jwk().to_owned();
    });
}

#[test]
fn an_event_that_was_accepted_under_a_key_that_is_retired_is_run() {
    log::run(async |_| {
        let store = MemoryInbox::new();
        let inbox = Inbox::new(store.clone());
        // Each sender has a key of its own, which nobody else knows any more.
        for number in 0..100 {
            Sender::new().accept(&inbox, &user(&number.to_string())).await;
        }
        let worker = inbox.work(|_| async { Ok(Outcome::Processed) }).start();
        for number in 0..100 {
            reaches(&store, &number.to_string(), EventState::Done).await;
        }
        worker.drain().await;
    });
}

#[test]
fn a_parked_event_is_taken_up_by_a_version_that_can_read_it() {
    log::run(async |lines: log::Lines| {
        let store = MemoryInbox::new();
        let inbox = Inbox::new(store.clone());
        let sender = Sender::new();
        let order = EventBuilder::new(EventName::OrderCryptoOnrampCompleted).order_id("the-order");
        let unreadable = order.clone().id("unreadable").remove("data.destination");
        for event in [order.id("readable"), unreadable, user("changed")] {
            sender.accept(&inbox, &event).await;
        }
        for taken in store.take(&[1; 16], 10, Duration::from_secs(60)).await.unwrap().events {
            // As an older version would, which reads neither.
            let reader = (taken.lease.key().id() != "changed").then_some("0.0.0");
            let end = AttemptEnd::Parked { error: "it cannot be read".to_owned(), reader };
            store.end(&taken.lease, &end).await.unwrap();
        }
        let worker = inbox.work(|webhook| async move {
            webhook.event()?;
            Ok(Outcome::Processed)
        });
        let worker = worker.start();
        reaches(&store, "readable", EventState::Done).await;
        assert_eq!(stored(&store, "readable").await.order_id.as_deref(), Some("the-order"));
        sleep(Duration::from_millis(200)).await;
        for id in ["unreadable", "changed"] {
            let event = stored(&store, id).await;
            assert_eq!((event.state, event.attempts), (EventState::Parked, 1), "{id}");
        }
        assert_eq!(lines.with("inbox_outcome=").len(), 1);
        worker.drain().await;
    });
}

#[test]
fn bodies_are_purged_when_they_have_been_done_for_as_long_as_they_are_kept() {
    log::run(async |_| {
        let store = MemoryInbox::new();
        let inbox = Inbox::new(store.clone());
        let sender = Sender::new();
        // More than a portion.
        for number in 0..450 {
            sender.accept(&inbox, &user(&number.to_string())).await;
        }
        let owner = [1; 16];
        for taken in store.take(&owner, 450, Duration::from_secs(60)).await.unwrap().events {
            store.end(&taken.lease, &AttemptEnd::Done).await.unwrap();
        }
        let kept = inbox.work(|_| async { Ok(Outcome::Processed) }).start();
        sleep(Duration::from_millis(300)).await;
        kept.drain().await;
        assert_eq!(store.list(&EventFilter::default(), 0, 1000).await.unwrap().len(), 450);
        let purging = inbox.work(|_| async { Ok(Outcome::Processed) });
        let purging = purging.keep_for(Duration::from_millis(1)).start();
        while !store.list(&EventFilter::default(), 0, 1000).await.unwrap().is_empty() {
            sleep(Duration::from_millis(10)).await;
        }
        purging.drain().await;
        assert_eq!(inbox.accept(&sender.webhook(&user("7"))).await, Reply::Duplicate);
        let lease = InboxLease::new(EventKey::new("sandbox", "7"), 8, owner);
        assert!(store.end(&lease, &AttemptEnd::Done).await.is_err());
    });
}
