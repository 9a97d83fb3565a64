//! Everything about one delivery.

use std::sync::Arc;

use serde_json::{Value, json};
use topper_core::{Fate, KeySet};

use super::{
    Inspector, hidden,
    kept::Kept,
    response::{Answer, Refusal, Result, json as answer},
    row::row,
};
use crate::explaining::Endpoint;

mod answered;
mod body;
mod decoded;
pub(super) mod headers;
mod signature;

/// The most attempts of one event that are listed.
const MOST_ATTEMPTS: usize = 100;

/// The delivery of a number in a path.
pub(super) fn find(inspector: &Inspector, number: &str) -> Result<(u64, Arc<Kept>)> {
    let number = number
        .parse()
        .map_err(|_| Refusal::bad("name the delivery by its number, such as /api/deliveries/17"))?;
    inspector.deliveries().get(number).map(|kept| (number, kept)).ok_or_else(|| {
        Refusal::not_found("there is no delivery of this number, or it is too old to be kept")
    })
}

pub(super) async fn detail(inspector: &Arc<Inspector>, number: &str) -> Result {
    let (number, kept) = find(inspector, number)?;
    let attempts = attempts(inspector, number, &kept);
    let endpoints = endpoints(inspector);
    // What a hostile body costs is bounded, but not little: one at a time.
    inspector.alone(move || of(number, &kept, &attempts, &endpoints)).await
}

fn of(number: u64, kept: &Kept, attempts: &[Value], endpoints: &[Endpoint]) -> Answer {
    answer(&json!({
        "row": row(number, kept),
        "path": hidden::path(&kept.path),
        "signature": signature::of(kept, endpoints),
        "headers": headers::of(&kept.delivery),
        "body": body::of(&kept.delivery.body),
        "decoded": decoded::of(&kept.delivery.body),
        "attempts": attempts,
        "fate": {"text": fate(kept)},
        "answer": answered::of(kept),
    }))
}

/// The deliveries of the same event, the oldest first.
fn attempts(inspector: &Inspector, number: u64, kept: &Kept) -> Vec<Value> {
    let deliveries = inspector.deliveries();
    let is_same = |other: &Kept| match &kept.facts.id {
        Some(id) => other.facts.id.as_ref() == Some(id),
        None => false,
    };
    let same: Vec<(u64, &Arc<Kept>)> =
        deliveries.all().filter(|(other, it)| *other == number || is_same(it)).collect();
    let place = same.iter().position(|(other, _)| *other == number).unwrap_or(0);
    let first = place.saturating_sub(MOST_ATTEMPTS / 2);
    same.iter().skip(first).take(MOST_ATTEMPTS).map(|(number, kept)| row(*number, kept)).collect()
}

/// The keys that the delivery should match, and the one that this page signs with.
fn endpoints(inspector: &Inspector) -> Vec<Endpoint> {
    let keys = inspector.verifier.keys();
    let jwks: Vec<&str> = keys.iter().map(|key| key.jwk()).collect();
    let json = format!("{{\"keys\":[{}]}}", jwks.join(","));
    let mut endpoints = vec![Endpoint { name: "the listener".to_owned(), keys, json }];
    let json = inspector.key.public_jwk();
    if let Ok(keys) = KeySet::parse(&json) {
        endpoints.push(Endpoint { name: "this page".to_owned(), keys, json });
    }
    endpoints
}

fn fate(kept: &Kept) -> &'static str {
    let has_answer = kept.answered.as_ref().is_some_and(|it| it.status.is_some());
    match kept.fate() {
        Some(Fate::Delivered) => "Delivered: Topper does not send it again.",
        Some(Fate::Retried) if has_answer => "Retried: Topper sends it again after this status.",
        Some(Fate::Retried) => "Retried: Topper got no answer in time, and sends it again.",
        Some(Fate::Lost) => "Lost: Topper does not send it again after this status.",
        None => "Unknown: the answer to this delivery is not known.",
    }
}
