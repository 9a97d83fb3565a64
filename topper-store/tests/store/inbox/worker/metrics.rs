//! What is counted and measured of an inbox and its worker.

use std::time::Duration;

use ::metrics::{NoopRecorder, with_local_recorder};
use tokio::time::{sleep, timeout};
use topper_core::{EventName, Outcome, Reply, Webhook};
use topper_store::{Inbox, inbox::EventState};
use topper_testkit::EventBuilder;

use super::{Bent, Sender, reaches, user};
use crate::metrics::{self, Recorded};

const GAUGES: [&str; 4] = [
    "topper_inbox_pending{}",
    "topper_inbox_oldest_seconds{}",
    "topper_inbox_dead{}",
    "topper_inbox_parked{}",
];

fn attempts(outcome: &str) -> String {
    format!("topper_inbox_attempts_total{{outcome={outcome},webhook=sandbox}}")
}

#[test]
fn each_delivery_and_each_attempt_is_counted_once() {
    metrics::run(async |recorded: Recorded| {
        let inbox = Inbox::new(Bent::new());
        let sender = Sender::new();
        for (id, reply) in [("done", Reply::Accepted), ("done", Reply::Duplicate)] {
            assert_eq!(inbox.accept(&sender.webhook(&user(id))).await, reply);
            recorded.assert_moved(&[
                (&format!("topper_deliveries_total{{reply={reply},webhook=sandbox}}"), 1.0),
                ("topper_delivery_duration_seconds{webhook=sandbox}", 1.0),
                ("topper_store_duration_seconds{operation=accept,webhook=sandbox}", 1.0),
            ]);
        }
        for id in ["ignored", "dead"] {
            sender.accept(&inbox, &user(id)).await;
        }
        let broken = EventBuilder::new(EventName::UserCreated).id("parked").remove("data.user");
        sender.accept(&inbox, &broken).await;
        recorded.all();
        let worker = inbox.work(async |webhook: Webhook| {
            webhook.event()?;
            match webhook.id() {
                "ignored" => Ok(Outcome::Ignored),
                "dead" => Err("the ledger is closed".into()),
                _ => Ok(Outcome::Processed),
            }
        });
        let worker = worker.give_up_after(Duration::ZERO).start();
        for (id, state) in [
            ("done", EventState::Done),
            ("ignored", EventState::Done),
            ("dead", EventState::Dead),
            ("parked", EventState::Parked),
        ] {
            reaches(inbox.store(), id, state).await;
        }
        worker.drain().await;
        let moved = recorded.moved();
        for outcome in ["processed", "ignored", "dead", "parked"] {
            assert_eq!(moved.get(&attempts(outcome)), Some(&1.0), "{outcome}: {moved:?}");
        }
        for outcome in ["duplicate", "failed", "lost"] {
            assert_eq!(moved.get(&attempts(outcome)), None, "{outcome}: {moved:?}");
        }
        let ends = "topper_store_duration_seconds{operation=end,webhook=sandbox}";
        assert_eq!(moved.get(ends), Some(&4.0), "{moved:?}");
        assert!(!moved.keys().any(|series| series.contains("errors")), "{moved:?}");
    });
}

#[test]
fn a_worker_has_what_an_alarm_needs_from_its_start_and_its_first_event() {
    metrics::run(async |recorded: Recorded| {
        let inbox = Inbox::new(Bent::new());
        let worker = inbox.work(async |_| Ok(Outcome::Processed)).start();
        let all = recorded.all();
        for operation in ["take", "is_due", "parked", "unpark", "purge", "stats"] {
            let series = format!("topper_store_errors_total{{operation={operation},webhook=}}");
            assert_eq!(all.get(&series), Some(&0.0), "{series}: {all:?}");
        }
        // As in a program of its own, whose verifier is elsewhere.
        let sender = with_local_recorder(&NoopRecorder, Sender::new);
        assert!(!recorded.all().contains_key(&attempts("dead")));
        sender.accept(&inbox, &user("id")).await;
        reaches(inbox.store(), "id", EventState::Done).await;
        worker.drain().await;
        let all = recorded.all();
        assert_eq!(all.get(&attempts("dead")), Some(&0.0), "{all:?}");
        assert_eq!(all.get(&attempts("processed")), Some(&1.0), "{all:?}");
    });
}

#[test]
fn the_gauges_say_what_an_inbox_holds_and_stay_when_its_store_fails() {
    metrics::run(async |recorded: Recorded| {
        let store = Bent::new();
        let inbox = Inbox::new(store.clone());
        let sender = Sender::new();
        for id in ["one", "two"] {
            sender.accept(&inbox, &user(id)).await;
        }
        let worker = inbox.work(async |_| Err("the ledger is closed".into()));
        // Each event is tried once more, after a second.
        let worker = worker.measure_every(Duration::ZERO).start();
        let measured = timeout(Duration::from_secs(20), async {
            loop {
                let all = recorded.all();
                if all.get("topper_inbox_pending{}") == Some(&2.0) {
                    break all;
                }
                sleep(Duration::from_millis(20)).await;
            }
        });
        let all = measured.await.unwrap();
        assert!(all.get("topper_inbox_oldest_seconds{}").is_some_and(|age| *age < 20.0), "{all:?}");
        assert_eq!(all.get("topper_inbox_dead{}"), Some(&0.0), "{all:?}");
        // A snapshot resets gauges: what is 0 afterwards was not set again.
        store.set_down(true);
        let errors = "topper_store_errors_total{operation=stats,webhook=}";
        let failed = timeout(Duration::from_secs(20), async {
            while recorded.all().get(errors) != Some(&1.0) {
                sleep(Duration::from_millis(20)).await;
            }
        });
        failed.await.unwrap();
        sleep(Duration::from_millis(1200)).await;
        let all = recorded.all();
        for gauge in GAUGES {
            assert_eq!(all.get(gauge), Some(&0.0), "{gauge} was set: {all:?}");
        }
        worker.drain().await;
    });
}
