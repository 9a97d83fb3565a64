//! A delivery, sent again from the page: as it was, edited and signed, or forged.

use serde::{Deserialize, de::IgnoredAny};
use serde_json::{Value, json};
use topper_core::{Reply, RequestHead, protocol::SIGNATURE_HEADER};
use topper_testkit::{Delivery, Fault, FaultKind};

use super::{
    Inspector,
    attempt::attempt,
    diff,
    kept::cut,
    response::{Answer, Refusal, Result, json as answer},
    target,
};
use crate::saved::of_connection;

/// The bytes of a body from which forgeries are made.
const FORGEABLE: std::ops::RangeInclusive<usize> = 16..=256 * 1024;
/// The most bytes of what was sent that are answered.
const MOST_SHOWN: usize = 256 * 1024;
const MOST_TOKEN: usize = 8 * 1024;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wanted {
    to: String,
    kind: Kind,
    /// With `signed`.
    body: Option<String>,
    /// With `fault`.
    fault: Option<String>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Kind {
    Same,
    Signed,
    Fault,
}

pub(super) fn faults() -> Answer {
    let faults: Vec<Value> = Fault::all()
        .map(|fault| {
            let (name, kind) = (fault.name(), code(fault.kind()));
            json!({"name": name, "kind": kind, "expected": expected(fault.reply())})
        })
        .collect();
    answer(&json!({"faults": faults}))
}

fn code(kind: FaultKind) -> &'static str {
    match kind {
        FaultKind::Unsigned => "unsigned",
        FaultKind::ChangedBody => "changed_body",
        FaultKind::RewrittenBody => "rewritten_body",
        FaultKind::OtherKey => "other_key",
        FaultKind::Hmac => "hmac",
        FaultKind::BrokenSignature => "broken_signature",
        FaultKind::OddToken => "odd_token",
    }
}

fn expected(reply: Reply) -> Value {
    json!({"status": reply.status(), "code": reply.code()})
}

pub(super) async fn replay(inspector: &Inspector, number: u64, wanted: Wanted) -> Result {
    let kept = inspector
        .deliveries()
        .get(number)
        .ok_or_else(|| Refusal::not_found("this delivery is no longer kept"))?;
    let _permit = inspector.limits.replay()?;
    let (delivery, expected) = made(inspector, &kept.delivery, &wanted)?;
    let sender = target::sender(inspector, &wanted.to).await?;
    let texts = diff::texts(&kept.delivery.body, &delivery.body);
    let sent = shown(&delivery);
    let [old, new] = &texts;
    let under_way = inspector.replaying.begin(number, delivery.clone());
    let attempts = sender.send(delivery).await;
    drop(under_way);
    Ok(answer(&json!({
        "sent": sent,
        "attempt": attempts.last().map(attempt),
        "expected": expected,
        "diff": diff::lines(old, new),
    })))
}

/// The delivery to send, and the reply that it must get if it is a forgery.
fn made(
    inspector: &Inspector,
    original: &Delivery,
    wanted: &Wanted,
) -> Result<(Delivery, Option<Value>)> {
    let mut same = original.clone();
    same.headers.retain(|(name, _)| !of_connection(name));
    match wanted.kind {
        Kind::Same => Ok((same, None)),
        Kind::Signed => {
            let body = wanted.body.as_deref();
            let body = body.ok_or_else(|| Refusal::bad("`body` is missing: the edited text"))?;
            let token = inspector.key.sign(body.as_bytes());
            Ok((same.with_body(body).with_signature(token), None))
        }
        Kind::Fault => {
            let fault = wanted.fault.as_deref().and_then(Fault::named).ok_or_else(|| {
                Refusal::bad("`fault` is not the name of a fault; GET /api/faults lists them")
            })?;
            let body = &original.body;
            if !FORGEABLE.contains(&body.len()) || !is_json(body) {
                let (least, most) = (FORGEABLE.start(), FORGEABLE.end() / 1024);
                let error = format!(
                    "a forgery is made from a delivery whose body is JSON of {least} bytes to {most} \
                     KiB; choose another delivery"
                );
                return Err(Refusal::bad(error));
            }
            Ok((fault.forge(&inspector.key, body), Some(expected(fault.reply()))))
        }
    }
}

fn is_json(body: &[u8]) -> bool {
    serde_json::from_slice::<IgnoredAny>(body).is_ok()
}

fn shown(delivery: &Delivery) -> Value {
    let text = |bytes: &[u8], most| {
        let mut text = String::from_utf8_lossy(bytes).into_owned();
        cut(&mut text, most);
        text
    };
    let is_text = std::str::from_utf8(&delivery.body).is_ok();
    let tokens: Vec<String> = RequestHead::header(delivery, SIGNATURE_HEADER)
        .map(|value| text(value, MOST_TOKEN))
        .collect();
    json!({
        "body": is_text.then(|| text(&delivery.body, MOST_SHOWN)),
        "signature": (!tokens.is_empty()).then(|| tokens.join(", ")),
    })
}
