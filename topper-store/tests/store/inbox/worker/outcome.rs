//! What is logged of an event: how its delivery was answered, and how each attempt ended.

use std::time::Duration;

use tokio::time::sleep;
use topper_core::{EventName, Outcome, Reply, Webhook};
use topper_store::{
    Inbox, MemoryInbox,
    inbox::{EventState, InboxStore},
};
use topper_testkit::EventBuilder;

use super::{Bent, Sender, reaches, stored, user};
use crate::log::{self, Lines};

/// The one line that has all of this; it also says which event it is about.
fn one(lines: &Lines, parts: &[&str]) -> String {
    let found: Vec<String> = lines
        .all()
        .into_iter()
        .filter(|line| parts.iter().all(|part| line.contains(part)))
        .collect();
    assert_eq!(found.len(), 1, "{parts:?}: {found:#?}");
    for part in ["webhook=\"sandbox\"", "event.name=", "event.id=", "kid=", "thumbprint="] {
        assert!(found.iter().all(|line| line.contains(part)), "{part} is not in {found:?}");
    }
    found.into_iter().next().unwrap()
}

#[test]
fn says_in_one_line_each_that_an_event_was_accepted_and_processed() {
    log::run(async |lines: Lines| {
        let inbox = Inbox::new(MemoryInbox::new());
        let sender = Sender::new();
        sender.accept(&inbox, &user("the-id")).await;
        one(&lines, &["INFO", " outcome=\"accepted\"", "retried=false", "event.id=the-id"]);
        assert_eq!(inbox.accept(&sender.webhook(&user("the-id"))).await, Reply::Duplicate);
        one(&lines, &["INFO", " outcome=\"duplicate\"", "retried=false"]);
        sender.accept(&inbox, &user("ignored")).await;
        let worker = inbox.work(async |webhook: Webhook| match webhook.id() {
            "ignored" => Ok(Outcome::Ignored),
            _ => Ok(Outcome::Processed),
        });
        let worker = worker.start();
        reaches(inbox.store(), "the-id", EventState::Done).await;
        reaches(inbox.store(), "ignored", EventState::Done).await;
        worker.drain().await;
        one(&lines, &["INFO", "inbox_outcome=\"processed\"", "attempt=1", "event.id=the-id"]);
        one(&lines, &["INFO", "inbox_outcome=\"ignored\"", "attempt=1", "event.id=ignored"]);
        assert_eq!(lines.with(" outcome=").len(), 3, "one a delivery");
        assert_eq!(lines.with("inbox_outcome=").len(), 2, "one an attempt");
    });
}

#[test]
fn says_in_one_line_each_why_a_handler_failed_and_when_it_is_tried_again() {
    log::run(async |lines: Lines| {
        let inbox = Inbox::new(MemoryInbox::new());
        Sender::new().accept(&inbox, &user("the-id")).await;
        let runs = std::sync::atomic::AtomicUsize::new(0);
        let worker = inbox.work(move |_| {
            let run = runs.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
            async move {
                match run {
                    0 => Err("the ledger\nis closed".into()),
                    1 => panic!("a panic that the test wants"),
                    _ => Ok(Outcome::Processed),
                }
            }
        });
        let worker = worker.start();
        reaches(inbox.store(), "the-id", EventState::Done).await;
        worker.drain().await;
        let failed = "inbox_outcome=\"failed\"";
        let error = "error=the ledger\\nis closed";
        one(&lines, &["ERROR", failed, "attempt=1", "retry_in=", error, "event.id=the-id"]);
        one(&lines, &["ERROR", failed, "attempt=2", "retry_in=", "error=the handler panicked"]);
        one(&lines, &["INFO", "inbox_outcome=\"processed\"", "attempt=3"]);
        assert_eq!(lines.with("inbox_outcome=").len(), 3);
    });
}

#[test]
fn says_in_one_line_that_an_event_is_dead() {
    log::run(async |lines: Lines| {
        let inbox = Inbox::new(MemoryInbox::new());
        Sender::new().accept(&inbox, &user("the-id")).await;
        let worker = inbox.work(|_| async { Err("the ledger is closed".into()) });
        let worker = worker.give_up_after(Duration::ZERO).start();
        reaches(inbox.store(), "the-id", EventState::Dead).await;
        worker.drain().await;
        let error = "error=the ledger is closed";
        one(&lines, &["ERROR", "inbox_outcome=\"dead\"", "attempt=1", error, "event.id=the-id"]);
        assert_eq!(lines.with("inbox_outcome=").len(), 1);
    });
}

#[test]
fn says_in_one_line_which_field_of_a_parked_event_cannot_be_read() {
    log::run(async |lines: Lines| {
        let inbox = Inbox::new(MemoryInbox::new());
        let unreadable = EventBuilder::new(EventName::OrderCryptoOnrampCompleted)
            .id("the-id")
            .set("data.destination.amount", "a secret");
        Sender::new().accept(&inbox, &unreadable).await;
        let worker = inbox.work(|webhook| async move {
            webhook.event()?;
            Ok(Outcome::Processed)
        });
        let worker = worker.start();
        reaches(inbox.store(), "the-id", EventState::Parked).await;
        sleep(Duration::from_millis(50)).await;
        worker.drain().await;
        let field = "data.destination.amount";
        one(&lines, &["ERROR", "inbox_outcome=\"parked\"", "event.id=the-id", field]);
        assert_eq!(lines.with("inbox_outcome=").len(), 1);
        assert!(lines.with("a secret").is_empty(), "a value is logged");
        let error = stored(inbox.store(), "the-id").await.last_error.unwrap();
        assert!(error.contains(field) && !error.contains("a secret"), "{error}");
    });
}

#[test]
fn a_handler_that_fails_for_another_reason_is_tried_again_though_its_event_cannot_be_read() {
    log::run(async |lines: Lines| {
        let inbox = Inbox::new(MemoryInbox::new());
        let unreadable = EventBuilder::new(EventName::OrderCryptoOnrampCompleted)
            .id("the-id")
            .remove("data.destination");
        Sender::new().accept(&inbox, &unreadable).await;
        let worker = inbox.work(|_| async { Err("the ledger is closed".into()) }).start();
        while lines.with("inbox_outcome=").is_empty() {
            sleep(Duration::from_millis(5)).await;
        }
        worker.drain().await;
        one(&lines, &["ERROR", "inbox_outcome=\"failed\"", "error=the ledger is closed"]);
        assert_eq!(inbox.store().stats().await.unwrap().parked, 0);
    });
}

#[tokio::test]
async fn a_store_may_take_as_long_as_topper_waits_and_no_longer() {
    let inbox = Inbox::new(Bent::new().accepting_in(Duration::from_millis(1800)));
    let sender = Sender::new();
    assert_eq!(inbox.accept(&sender.webhook(&user("in time"))).await, Reply::Accepted);
    let late = sender.webhook(&user("late"));
    sleep(Duration::from_millis(2600)).await;
    assert_eq!(inbox.accept(&late).await, Reply::Retry);
}
