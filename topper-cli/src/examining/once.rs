//! What an endpoint does with an event that it has processed, or is processing.

use hyper::Uri;
use topper_core::{EventName, Fate, Reply};
use topper_testkit::{Batch, Delivery, EventBuilder, Received, exchange};

use super::{
    Patient, Report, advice,
    finding::{Finding, Grade, told},
    is_delivered, resolve,
};
use crate::failure::Failure;

/// How many of the same event are sent at the same moment.
const COPIES: usize = 8;

pub(super) async fn all(patient: &Patient, report: &mut Report<'_>) -> Result<(), Failure> {
    report.trying("the same event again");
    let finding = again(patient).await;
    report.add(&finding)?;
    report.trying("the same event at the same moment");
    let finding = at_once(patient).await;
    report.add(&finding)
}

fn event() -> (String, Vec<u8>) {
    let event = EventBuilder::new(EventName::OrderCryptoOnrampCompleted);
    let id = event.value().get("id").and_then(|id| id.as_str()).unwrap_or_default().to_owned();
    (id, event.to_json())
}

async fn again(patient: &Patient) -> Finding {
    let check = "the same event again";
    let (id, body) = event();
    let first = patient.send_signed(body.clone()).await;
    let second = patient.send_signed(body).await;
    let finding =
        |grade| {
            Finding::new(grade, check)
                .sent("one event, and again after the reply")
                .came_back(format!("{}, then {}", told(&first), told(&second)))
        };
    if !is_delivered(&first) {
        return finding(Grade::Failed).advice(advice::on_refusal(&first));
    }
    match second.fate() {
        Fate::Retried if second.status().is_none() => {
            return finding(Grade::Failed).advice(advice::on_refusal(&second));
        }
        Fate::Retried => {
            return finding(Grade::Failed).advice(advice::on_retried_duplicate());
        }
        Fate::Lost => {
            return finding(Grade::Failed).advice(advice::DONE_IS_200);
        }
        Fate::Delivered => (),
    }
    match evidence(patient, &id, &[&first, &second]).await {
        Evidence::Once => finding(Grade::Passed).came_back("recognised"),
        Evidence::Twice(seen) => {
            finding(Grade::Failed).came_back(seen).advice(advice::PROCESSED_TWICE)
        }
        Evidence::None => finding(Grade::Warning).advice(advice::UNDECIDED),
    }
}

async fn at_once(patient: &Patient) -> Finding {
    let check = "the same event at the same moment";
    let (id, body) = event();
    let delivery = Delivery::signed(&patient.key, body.clone());
    let batch = Batch::new([delivery]).repeated(COPIES).parallel(COPIES);
    let sent = patient.sender.send_all(batch).await;
    let received: Vec<&Received> =
        sent.iter().filter_map(|sent| Some(&sent.last()?.received)).collect();
    let delivered = received.iter().filter(|received| is_delivered(received)).count();
    let lost = received.iter().find(|received| received.fate() == Fate::Lost);
    let finding = |grade| {
        Finding::new(grade, check)
            .sent(format!("one event, {COPIES} times at once"))
            .came_back(format!("{delivered} of {COPIES} accepted"))
    };
    if let Some(lost) = lost {
        return finding(Grade::Failed).received(lost).advice(advice::IN_PROGRESS_IS_409);
    }
    // Topper would send those that were not accepted again, too.
    let last = patient.send_signed(body).await;
    if !is_delivered(&last) {
        return finding(Grade::Failed)
            .came_back(format!("afterwards {}", told(&last)))
            .advice(advice::DONE_IS_200);
    }
    match evidence(patient, &id, &received).await {
        Evidence::Once => finding(Grade::Passed).came_back("processed once"),
        Evidence::Twice(seen) => {
            finding(Grade::Failed).came_back(seen).advice(advice::PROCESSED_TWICE)
        }
        // Only one was accepted: that proves it.
        Evidence::None if delivered == 1 => {
            finding(Grade::Passed).came_back("processed once, the others wait")
        }
        Evidence::None => finding(Grade::Warning).advice(advice::UNDECIDED),
    }
}

enum Evidence {
    Once,
    Twice(String),
    None,
}

async fn evidence(patient: &Patient, id: &str, received: &[&Received]) -> Evidence {
    if let Some(url) = &patient.runs_url {
        return match runs(url, id).await {
            Some(1) => Evidence::Once,
            Some(runs) => {
                Evidence::Twice(format!("the endpoint says it processed it {runs} times"))
            }
            None => Evidence::None,
        };
    }
    let bodies: Vec<&str> = received
        .iter()
        .filter_map(|received| match received {
            Received::Answer(answer) if is_delivered(received) => Some(answer.body.trim()),
            _ => None,
        })
        .collect();
    // A second time it would have been `duplicate`.
    for first in [Reply::Processed, Reply::Accepted].map(Reply::code) {
        let times = bodies.iter().filter(|&&body| body == first).count();
        if times > 1 {
            return Evidence::Twice(format!("`{first}` {times} times"));
        }
    }
    // One is unlike all others: that was the one that did the work.
    let alone = bodies
        .iter()
        .filter(|&&body| bodies.iter().filter(|&&other| other == body).count() == 1)
        .count();
    let others_agree = bodies.len() > 1 && alone == if bodies.len() == 2 { 2 } else { 1 };
    if others_agree { Evidence::Once } else { Evidence::None }
}

/// How often the endpoint says that it processed an event.
async fn runs(url: &str, id: &str) -> Option<u64> {
    let uri: Uri = url.replace("{id}", id).parse().ok()?;
    if uri.scheme_str() != Some("http") {
        return None;
    }
    let address = resolve(&uri).await.ok()?.first().copied()?;
    let path = uri.path_and_query()?;
    let host = uri.authority()?;
    let request = format!("GET {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n");
    exchange(address, request).await.ok()?.body.trim().parse().ok()
}
