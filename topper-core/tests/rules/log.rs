//! What is logged of a delivery whose event a store counts, or whose handler is late.

use std::time::Duration;

use topper_core::{
    Reply, Webhook,
    internal::{
        Tries, answered, dead, ended_late, failed_later, over_budget, parked, processed_later,
        runtime_ended,
    },
    protocol::{MAX_RETRIES, RETRY_WINDOW},
};
use topper_testkit::{Delivery, TestKey};

use crate::{event, handler::logged, proven};

const SOON: &str = "Topper stops sending it soon";
const BUDGET: Duration = Duration::from_secs(3);

/// The one line that is logged of a delivery.
fn line(log: impl FnOnce(&Webhook)) -> String {
    let key = TestKey::generate();
    let webhook = Delivery::signed(&key, event()).verify(&proven(&key)).unwrap();
    let text = logged(|| log(&webhook));
    assert_eq!(text.lines().count(), 1, "{text}");
    text
}

fn tries(attempt: u32, since: Duration) -> Option<Tries> {
    Some(Tries { attempt, since })
}

/// The last tries after which Topper sends an event for long enough, and those after which it does not.
fn early_and_late() -> ([Option<Tries>; 3], [Option<Tries>; 2]) {
    let half_an_hour = Duration::from_secs(30 * 60);
    let nearly = RETRY_WINDOW - half_an_hour;
    let second = Duration::from_secs(1);
    let early = [None, tries(MAX_RETRIES - 1, Duration::ZERO), tries(1, nearly - second)];
    let moment = Duration::from_millis(1);
    (early, [tries(MAX_RETRIES, moment), tries(1, nearly + moment)])
}

#[test]
fn warns_at_error_when_topper_is_about_to_give_up() {
    let (early, late) = early_and_late();
    for tries in early {
        let line = line(|webhook| answered(webhook, Reply::Retry, Some("reason"), tries));
        assert!(line.contains("ERROR") && !line.contains(SOON), "{line}");
        // Without a store, this may have been the last time.
        assert_eq!(line.contains("unless this was the last time"), tries.is_none(), "{line}");
    }
    for (tries, since) in late.into_iter().zip(["since=0ns", "since=9000s"]) {
        let line = line(|webhook| answered(webhook, Reply::Retry, Some("reason"), tries));
        assert!(line.contains("ERROR") && line.contains(SOON), "{line}");
        assert!(line.contains("error=reason") && line.contains(since), "{line}");
    }
}

#[test]
fn does_not_warn_of_an_event_that_is_done_at_its_last_try() {
    for tries in early_and_late().1 {
        let line = line(|webhook| answered(webhook, Reply::Processed, None, tries));
        assert!(line.contains("INFO") && !line.contains(SOON), "{line}");
        let line = self::line(|webhook| ended_late(webhook, Reply::Processed, None, tries));
        assert!(line.contains("INFO") && !line.contains(SOON), "{line}");
    }
}

#[test]
fn a_handler_over_its_budget_is_a_warning_until_topper_is_about_to_give_up() {
    let (early, late) = early_and_late();
    for tries in early {
        let line = line(|webhook| over_budget(webhook, BUDGET, tries));
        assert!(line.contains("WARN") && !line.contains(SOON), "{line}");
        assert!(line.contains("outcome=\"retry\"") && line.contains("budget=3s"), "{line}");
    }
    for tries in late {
        let line = line(|webhook| over_budget(webhook, BUDGET, tries));
        assert!(line.contains("ERROR") && line.contains(SOON), "{line}");
    }
}

#[test]
fn the_end_of_a_late_handler_says_whether_it_failed() {
    let (early, late) = early_and_late();
    for tries in early {
        let line = line(|webhook| ended_late(webhook, Reply::Retry, Some("reason"), tries));
        assert!(line.contains("ERROR") && line.contains("handler failed late"), "{line}");
        let line = self::line(|webhook| ended_late(webhook, Reply::Retry, None, tries));
        assert!(line.contains("INFO") && line.contains("handler ended late"), "{line}");
    }
    for tries in late {
        let line = line(|webhook| ended_late(webhook, Reply::Retry, Some("reason"), tries));
        assert!(line.contains("ERROR") && line.contains(SOON), "{line}");
    }
}

#[test]
fn a_runtime_that_ends_is_a_failure_that_topper_retries() {
    let line = line(|webhook| assert_eq!(runtime_ended(webhook, None), Reply::Retry));
    assert!(line.contains("ERROR") && line.contains("the runtime has ended"), "{line}");
}

#[test]
fn says_what_became_of_an_event_in_an_inbox() {
    let logged = line(|webhook| processed_later(webhook, "ignored", 2));
    assert!(logged.contains("inbox_outcome=\"ignored\" attempt=2"), "{logged}");
    let logged = line(|webhook| failed_later(webhook, 2, "reason", BUDGET));
    assert!(logged.contains("ERROR") && logged.contains("retry_in=3s"), "{logged}");
    let logged = line(|webhook| dead(webhook, 2, "reason"));
    assert!(logged.contains("ERROR") && logged.contains("inbox_outcome=\"dead\""), "{logged}");
    let logged = line(|webhook| parked(webhook, 2, "reason"));
    assert!(logged.contains("ERROR") && logged.contains("inbox_outcome=\"parked\""), "{logged}");
}

#[test]
fn says_how_many_microseconds_a_delivery_took() {
    let pause = Duration::from_millis(2);
    let line = line(|webhook| {
        std::thread::sleep(pause);
        answered(webhook, Reply::Processed, None, None);
    });
    let elapsed = line.split("elapsed_us=").nth(1).unwrap();
    let elapsed: u128 = elapsed.split_ascii_whitespace().next().unwrap().parse().unwrap();
    assert!((pause.as_micros()..60_000_000).contains(&elapsed), "{line}");
}
