//! What an endpoint must accept, and that it answers in time.

use std::time::Duration;

use serde_json::json;
use topper_core::{EventName, Fate, Reply, protocol};
use topper_testkit::{Delivery, EventBuilder, Received, UnreachableKind};

use super::{
    Counts, Patient, Report, Sink, advice,
    finding::{Finding, Grade},
    is_delivered,
};
use crate::{
    delivering::{short, unreachable},
    failure::Failure,
    reformat,
};

const VALID: &str = "a valid event";
const SENT: &str = "order:crypto-onramp:completed, signed with the key";
/// How long to wait for a slow endpoint, to report how slow it is.
const PATIENCE: Duration = Duration::from_secs(15);

fn event() -> EventBuilder {
    EventBuilder::new(EventName::OrderCryptoOnrampCompleted)
}

/// Whether more can be tested; sets whether a valid event is accepted.
pub(super) async fn valid(patient: &mut Patient, report: &mut Report<'_>) -> Result<bool, Failure> {
    let check = VALID;
    report.trying(check);
    let body = event().to_json();
    let received = patient.send_signed(body.clone()).await;
    report.time(&received);
    patient.accepts = is_delivered(&received);
    if patient.accepts {
        let finding = Finding::new(Grade::Passed, check).sent(SENT).received(&received);
        report.add(&finding)?;
        return Ok(true);
    }
    if matches!(&received, Received::Answer(it) if it.body.trim() == Reply::KeyUnproven.code()) {
        report.add(
            &Finding::new(Grade::Failed, check)
                .sent(SENT)
                .received(&received)
                .advice(advice::OTHER_KEY),
        )?;
        return Ok(false);
    }
    // The same reply to a forgery would look like a refusal, and prove nothing.
    if matches!(received.status(), Some(404 | 405)) {
        let finding = Finding::new(Grade::Failed, check).sent(SENT).received(&received);
        report.add(&finding.advice(advice::on_refusal(&received)))?;
        report.skip("all other checks")?;
        return Ok(false);
    }
    let mut finding = Finding::new(Grade::Failed, check)
        .sent(SENT)
        .received(&received)
        .advice(advice::on_refusal(&received));
    if matches!(received, Received::Timeout) {
        let sender = patient.sender.clone().timeout(PATIENCE);
        let sent = sender.send(Delivery::signed(&patient.key, event().to_json())).await;
        if let Some(Received::Answer(answer)) = sent.last().map(|attempt| &attempt.received) {
            let elapsed = short(answer.elapsed);
            finding = finding.came_back(format!(
                "no answer within {} s, but {} after {elapsed}: Topper retries",
                protocol::TIMEOUT.as_secs(),
                answer.status,
            ));
        }
    }
    report.add(&finding)?;
    Ok(!matches!(received, Received::Unreachable(_)))
}

/// The report on an endpoint whose host name has no address.
pub(crate) fn unresolved(kind: UnreachableKind, sink: &mut dyn Sink) -> Result<Counts, Failure> {
    let mut report = Report::new(sink);
    let advice = advice::on_failure(unreachable::on(kind));
    let finding = Finding::new(Grade::Failed, VALID).sent(SENT).advice(advice);
    report.add(&finding.received(&Received::Unreachable(kind.into())))?;
    Ok(report.counts)
}

/// Everything else that must be accepted.
pub(super) async fn all(patient: &Patient, report: &mut Report<'_>) -> Result<(), Failure> {
    let every: Vec<_> = EventName::ALL
        .iter()
        .map(|&name| (name.to_string(), EventBuilder::new(name).to_json()))
        .collect();
    let check = format!("each of the {} events", every.len());
    accepts(patient, report, &check, &every, None).await?;

    let oldest = event()
        .remove("data.id")
        .remove("data.origin.paymentMethod")
        .remove("data.user")
        .remove("data.fees.0.normalized")
        .remove("data.fees.1.normalized")
        .remove("data.destination.ledger");
    let older = [("an event in the form of mid-2023".to_owned(), oldest.to_json())];
    accepts(patient, report, "an older event", &older, Some(advice::OLDER_SHAPE)).await?;

    let unknown = [("an unknown event".to_owned(), EventBuilder::unknown("order:new").to_json())];
    accepts(patient, report, "an unknown event", &unknown, Some(advice::UNKNOWN_EVENT)).await?;

    let open = event()
        .add("brandNew", json!({"a": [1, null]}))
        .add("data.brandNew", "x")
        .set("data.status", "thinking")
        .set("data.origin.paymentMethod.type", "barter")
        .bootstrap_token_id("not-a-uuid");
    let open = [("unknown fields and values".to_owned(), open.to_json())];
    accepts(patient, report, "unknown fields and values", &open, Some(advice::UNKNOWN_FIELDS))
        .await?;

    accepts(patient, report, "JSON written in other ways", &spellings(), Some(advice::RAW_BYTES))
        .await?;

    let letters = [("a body whose base64 has - and _".to_owned(), dashed())];
    accepts(patient, report, "base64url", &letters, Some(advice::BASE64URL)).await
}

/// Bodies that a JSON library would not write like this.
fn spellings() -> [(String, Vec<u8>); 4] {
    let text = |event: EventBuilder| String::from_utf8_lossy(&event.to_json()).into_owned();
    let indented = reformat::pretty(&text(event()), "  ").unwrap_or_default();
    let spaced = format!("{}\n", reformat::spaced(&text(event()), ", ", ": "));
    let escaped = reformat::escaped(&text(event().set("data.widget.name", "Café")));
    // A number and an order of fields that serialising again would change.
    let number = text(event()).replacen('{', "{\"z\":1.0,\"a\":1e2,", 1);
    [("indented", indented), ("spaced", spaced), ("escaped", escaped), ("numbers", number)]
        .map(|(name, text)| (name.to_owned(), text.into_bytes()))
}

fn dashed() -> Vec<u8> {
    // The first three bytes of a group of six bits each: `>` and `?` give `-` and `_` in one of
    // their places.
    event().set("data.widget.name", ">>>???>?>?>~~~???").to_json()
}

async fn accepts(
    patient: &Patient,
    report: &mut Report<'_>,
    check: &str,
    bodies: &[(String, Vec<u8>)],
    own_advice: Option<&str>,
) -> Result<(), Failure> {
    report.trying(check);
    let mut refused = Vec::new();
    for (name, body) in bodies {
        let received = patient.send_signed(body.clone()).await;
        report.time(&received);
        if !is_delivered(&received) {
            refused.push((name.as_str(), received));
        }
    }
    let names: Vec<&str> = bodies.iter().map(|(name, _)| name.as_str()).collect();
    report.add(&match refused.first() {
        None => Finding::new(Grade::Passed, check).sent(names.join(", ")).came_back("accepted"),
        Some((_, first)) => {
            let names: Vec<&str> = refused.iter().map(|(name, _)| *name).collect();
            // The advice of a check is about a reply.
            let own_advice = own_advice.filter(|_| first.status().is_some());
            let advice = own_advice.map_or_else(|| advice::on_refusal(first), str::to_owned);
            Finding::new(Grade::Failed, check).sent(names.join(", ")).received(first).advice(advice)
        }
    })
}

/// A body that is authentic but cannot be read must not be answered like a forgery.
pub(super) async fn signed_but_no_event(
    patient: &Patient,
    report: &mut Report<'_>,
) -> Result<(), Failure> {
    let check = "signed, but not an event";
    report.trying(check);
    let mut worst = Finding::new(Grade::Passed, check);
    for body in [r#"{"hello":"world"}"#, r#"{"id":17,"name":null,"data":"x"}"#, "[]"] {
        let received = patient.send_signed(body).await;
        let grade = match (received.fate(), received.status()) {
            (Fate::Lost, Some(401 | 403)) => Grade::Failed,
            (Fate::Lost, _) => Grade::Warning,
            _ => Grade::Passed,
        };
        if worst.grade == Grade::Passed {
            let sent =
                if grade == Grade::Passed { "JSON that is signed, but not an event" } else { body };
            worst = Finding::new(grade, check).sent(sent).received(&received);
            if grade == Grade::Failed {
                worst = worst.advice(advice::ONE_CATCH);
            } else if grade == Grade::Warning {
                worst = worst.advice(advice::SIGNED_BUT_REFUSED);
            }
        }
    }
    report.add(&worst)
}

/// How long the answers took.
pub(super) fn in_time(report: &mut Report<'_>) -> Result<(), Failure> {
    let limit = protocol::TIMEOUT.as_secs();
    let check = format!("answers within {limit} s");
    let slowest = report.slowest;
    let finding = if slowest < protocol::TIMEOUT / 2 {
        Finding::new(Grade::Passed, &check).came_back(format!("{} at most", short(slowest)))
    } else {
        Finding::new(Grade::Warning, &check)
            .came_back(format!("{} at most", short(slowest)))
            .advice(advice::ANSWER_FIRST)
    };
    report.add(&finding)
}
