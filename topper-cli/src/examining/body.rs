//! Large bodies and slow ones.

use std::time::Duration;

use topper_core::{
    EventName, Fate, Reply,
    protocol::{self, SIGNATURE_HEADER},
};
use topper_testkit::{Act, Delivery, EventBuilder, Received, converse, exchange};

use super::{
    Patient, Report, advice,
    finding::{Finding, Grade, told},
    is_delivered,
};
use crate::failure::Failure;

const KIB: usize = 1024;
const SENT: &str = "a valid event, padded with an unknown field";

pub(super) async fn all(patient: &Patient, report: &mut Report<'_>) -> Result<(), Failure> {
    for (check, size, grade) in [
        ("a body of 64 KiB", 64 * KIB, Grade::Failed),
        ("a body of 240 KiB", 240 * KIB, Grade::Warning),
    ] {
        report.trying(check);
        let received = patient.send_signed(event_of(size)).await;
        report.time(&received);
        report.add(&accepted(check, grade, &received))?;
    }
    if let Some((address, path)) = &patient.raw {
        report.trying("a body in chunks, without a length");
        let delivery = Delivery::signed(&patient.key, event_of(2 * KIB));
        let answer = exchange(*address, delivery.to_http1_chunked(path, 700)).await;
        let finding = raw("a body in chunks, without a length", Grade::Failed, answer);
        report.add(&finding)?;

        report.trying("a slow body");
        let finding = slow(patient, *address, path).await;
        report.add(&finding)?;

        report.trying("a body that stalls");
        let finding = stalled(patient, *address, path).await;
        report.add(&finding)?;
    } else {
        report.skip("slow bodies, and bodies in chunks (only over http)")?;
    }
    report.trying("a forgery of 8 MiB");
    let finding = huge(patient).await;
    report.add(&finding)
}

/// A valid event of about so many bytes.
fn event_of(size: usize) -> Vec<u8> {
    EventBuilder::new(EventName::OrderCryptoOnrampCompleted)
        .add("data.brandNew", "x".repeat(size))
        .to_json()
}

fn accepted(check: &str, otherwise: Grade, received: &Received) -> Finding {
    if is_delivered(received) {
        return Finding::new(Grade::Passed, check).sent(SENT).received(received);
    }
    Finding::new(otherwise, check)
        .sent(SENT)
        .received(received)
        .advice(advice::on_refusal(received))
}

/// The same for an exchange byte by byte.
fn raw(check: &str, otherwise: Grade, answer: std::io::Result<topper_testkit::Answer>) -> Finding {
    let received = match answer {
        Ok(answer) => Received::Answer(answer),
        Err(error) if error.kind() == std::io::ErrorKind::TimedOut => Received::Timeout,
        Err(error) => Received::Unreachable(error.into()),
    };
    accepted(check, otherwise, &received)
}

async fn slow(patient: &Patient, address: std::net::SocketAddr, path: &str) -> Finding {
    let check = "a body that takes 0.8 s";
    let delivery = Delivery::signed(&patient.key, event_of(KIB));
    let mut acts = vec![Act::Send(head(&delivery, path))];
    for part in delivery.body.chunks(delivery.body.len().div_ceil(4).max(1)) {
        acts.push(Act::Pause(Duration::from_millis(200)));
        acts.push(Act::Send(part.to_vec()));
    }
    let answer = converse(address, acts, 1).await;
    let answer = answer.and_then(|mut it| it.pop().ok_or_else(|| std::io::Error::other("none")));
    raw(check, Grade::Failed, answer)
}

async fn stalled(patient: &Patient, address: std::net::SocketAddr, path: &str) -> Finding {
    let check = "a body that stalls";
    let delivery = Delivery::signed(&patient.key, event_of(KIB));
    let half = delivery.body.get(..delivery.body.len() / 2).unwrap_or_default().to_vec();
    let acts = vec![Act::Send(head(&delivery, path)), Act::Send(half)];
    let answers = converse(address, acts, 1).await.unwrap_or_default();
    let finding = |grade| {
        Finding::new(grade, check).sent("the first half of a valid event, and then nothing")
    };
    let Some(answer) = answers.into_iter().next() else {
        return finding(Grade::Passed).came_back("no answer: Topper retries");
    };
    let received = Received::Answer(answer);
    match received.fate() {
        Fate::Retried => finding(Grade::Passed).received(&received),
        fate => finding(Grade::Failed).received(&received).advice(if fate == Fate::Lost {
            advice::STALLED_IS_408
        } else {
            advice::INCOMPLETE_ACCEPTED
        }),
    }
}

fn head(delivery: &Delivery, path: &str) -> Vec<u8> {
    let length = delivery.body.len();
    delivery.head(path, &format!("connection: close\r\ncontent-length: {length}"))
}

/// Anyone can send this.
async fn huge(patient: &Patient) -> Finding {
    let check = "a forgery of 8 MiB";
    let forgery = Delivery::unsigned(vec![b' '; 8 * KIB * KIB])
        .header(SIGNATURE_HEADER, patient.key.sign(b"another body"));
    let received = patient.send(forgery).await;
    let next = patient.send_signed(event_of(KIB)).await;
    let finding =
        |grade| Finding::new(grade, check).sent("8 MiB with a wrong signature, then a valid event");
    if is_delivered(&received) {
        return finding(Grade::Failed).received(&received).advice(advice::CHECK_SIGNATURE);
    }
    if !is_delivered(&next) {
        return finding(Grade::Failed)
            .came_back(format!("the event after it: {}", told(&next)))
            .advice(advice::LIMIT_BODY);
    }
    match received {
        Received::Timeout => finding(Grade::Warning)
            .came_back(format!("no answer within {} s", protocol::TIMEOUT.as_secs()))
            .advice(advice::LIMIT_BODY_EARLY),
        Received::Answer(answer) => finding(Grade::Passed)
            .came_back(format!("{}, and the next event is accepted", answer.status)),
        _ => finding(Grade::Passed)
            .came_back(format!("connection closed, as good as {}", Reply::BodyTooLarge.status())),
    }
}
