//! The answer is what the handler returns, or that it failed; and it is logged once.

use std::time::Duration;

use tokio::{io::AsyncWriteExt as _, net::TcpStream, time::sleep};
use topper_core::{EventName, Outcome, Reply};
use topper_testkit::{Act, Delivery, EventBuilder};

use super::{
    log::{self, Line},
    probe::Behavior,
    receiver::{Bench, FIRST, Receiver},
};

fn send(delivery: &Delivery) -> Vec<Act> {
    vec![Act::Send(delivery.to_http1(FIRST))]
}

pub(super) async fn answers_with_its_outcome(bench: &Bench) {
    let receiver = bench.receiver().await;
    for &outcome in Outcome::ALL {
        receiver.probe().behave(Behavior::Says(outcome));
        let delivery = receiver.completed();
        receiver.answers(send(&delivery), &[outcome.into()]).await;
        receiver.handled(&delivery.body);
    }
}

pub(super) async fn answers_in_place_of_a_handler(bench: &Bench) {
    let receiver = bench.receiver().await;
    for reply in [Reply::Accepted, Reply::Duplicate, Reply::Retry] {
        receiver.probe().behave(Behavior::Answers(reply));
        let delivery = receiver.completed();
        receiver.answers(send(&delivery), &[reply]).await;
        receiver.handled(&delivery.body);
        assert_eq!(receiver.probe().started(), 0, "the handler ran");
    }
}

pub(super) async fn answers_its_failure_so_that_it_is_retried(bench: &Bench) {
    is_retried(bench, Behavior::Fails("database is down"), Reply::Retry).await;
}

pub(super) async fn answers_its_panic_so_that_it_is_retried(bench: &Bench) {
    is_retried(bench, Behavior::Panics, Reply::Panicked).await;
}

pub(super) async fn answers_a_known_event_that_cannot_be_read_so_that_it_is_retried(bench: &Bench) {
    let receiver = bench.receiver().await;
    let event = EventBuilder::new(EventName::OrderCryptoOnrampCompleted).remove("data.destination");
    let delivery = receiver.signed(event.to_json());
    receiver.probe().behave(Behavior::Reads);
    receiver.answers(send(&delivery), &[Reply::Retry]).await;
    receiver.handled(&delivery.body);
}

async fn is_retried(bench: &Bench, behavior: Behavior, reply: Reply) {
    let receiver = bench.receiver().await;
    let delivery = receiver.completed();
    for _ in 0..3 {
        receiver.probe().behave(behavior);
        receiver.answers(send(&delivery), &[reply]).await;
        receiver.handled(&delivery.body);
    }
    receiver.probe().behave(Behavior::Says(Outcome::Duplicate));
    receiver.answers(send(&delivery), &[Reply::Duplicate]).await;
}

pub(super) async fn goes_on_when_the_connection_drops(bench: &Bench) {
    let receiver = bench.receiver().await;
    receiver.probe().behave(Behavior::Takes(Duration::from_millis(600)));
    let delivery = receiver.completed();
    let mut socket = TcpStream::connect(receiver.address()).await.unwrap();
    socket.write_all(&delivery.to_http1(FIRST)).await.unwrap();
    while receiver.probe().started() == 0 {
        sleep(Duration::from_millis(5)).await;
    }
    drop(socket);
    let lines = lines(&delivery).await;
    assert_eq!(lines.len(), 1, "{lines:?}");
    receiver.handled(&delivery.body);
}

pub(super) async fn has_one_line_in_the_log_with_its_outcome(bench: &Bench) {
    let receiver = bench.receiver().await;
    for &outcome in Outcome::ALL {
        receiver.probe().behave(Behavior::Says(outcome));
        let delivery = receiver.completed();
        receiver.answers(send(&delivery), &[outcome.into()]).await;
        is_logged(&receiver, &delivery, "INFO", outcome.code(), None).await;
    }
    for (behavior, code, cause) in [
        (Behavior::Fails("the ledger is closed"), "retry", "the ledger is closed"),
        (Behavior::Panics, "panicked", "the handler panicked"),
    ] {
        receiver.probe().behave(behavior);
        let delivery = receiver.completed();
        receiver.converse(send(&delivery), 1).await;
        is_logged(&receiver, &delivery, "ERROR", code, Some(cause)).await;
    }
}

/// One line says how the delivery ended, and which webhook and event it is about.
async fn is_logged(
    receiver: &Receiver<'_>,
    delivery: &Delivery,
    level: &str,
    outcome: &str,
    cause: Option<&str>,
) {
    let lines = lines(delivery).await;
    let [line] = lines.as_slice() else { panic!("not one line with an outcome: {lines:?}") };
    assert_eq!(line.level, level, "{line:?}");
    assert_eq!(line.field("outcome"), outcome, "{line:?}");
    assert_eq!(line.field("webhook"), receiver.verifier().label(), "{line:?}");
    assert_eq!(line.field("event.name"), "order:crypto-onramp:completed", "{line:?}");
    assert_eq!(line.field("kid"), receiver.first.key.key_id(), "{line:?}");
    assert_eq!(line.field("error"), cause.unwrap_or_default(), "{line:?}");
}

/// The lines with an outcome of the event of a delivery, once there is one.
async fn lines(delivery: &Delivery) -> Vec<Line> {
    let event: serde_json::Value = serde_json::from_slice(&delivery.body).unwrap();
    let id = event.get("id").and_then(serde_json::Value::as_str).unwrap();
    let find = || {
        let mut lines = log::lines();
        lines.retain(|line| line.field("event.id") == id && !line.field("outcome").is_empty());
        lines
    };
    while find().is_empty() {
        sleep(Duration::from_millis(10)).await;
    }
    // One that came too many would come about now.
    sleep(Duration::from_millis(50)).await;
    find()
}
