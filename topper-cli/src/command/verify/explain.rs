//! Why a signature does not match.

use serde_json::Value;
use topper_core::KeySet;

use super::{
    body, raw, token,
    variant::{Change, Variant},
};

const OTHER_KEY: &str = "In Topper, each URL has its own key: this delivery was signed for another \
                         URL, or the wrong key is configured.";
const KEY_ID: Change = Change {
    holds: "if `kid` is ignored",
    advice: "The key is right, but the token names another key id than the JWK: the `kid` of the JWK \
             was changed.",
};
const PAYLOAD: Change = Change {
    holds: "for the payload inside the token, which is not this body",
    advice: "This body belongs to another delivery, or it was changed.",
};

/// All others that are not changes of the body or the token, for the test that collects texts.
#[cfg(test)]
pub(super) fn texts() -> [(String, String); 3] {
    [
        ("with the key of other.jwk", OTHER_KEY),
        (KEY_ID.holds, KEY_ID.advice),
        (PAYLOAD.holds, PAYLOAD.advice),
    ]
    .map(|(holds, advice)| (holds.to_owned(), advice.to_owned()))
}

/// An endpoint by its key.
pub(super) struct Endpoint {
    pub(super) name: String,
    pub(super) keys: KeySet,
    /// The text of the JWK or JWK Set.
    pub(super) json: String,
}

/// What makes the signature match.
pub(super) struct Finding {
    /// Each continues "The signature matches".
    pub(super) changes: Vec<String>,
    pub(super) advice: Vec<String>,
}

impl Finding {
    fn new(changes: &[Change]) -> Self {
        let mut finding = Self { changes: Vec::new(), advice: Vec::new() };
        for change in changes {
            finding.add(change.holds.to_owned(), change.advice);
        }
        finding
    }

    fn add(&mut self, holds: String, advice: &str) {
        self.changes.push(holds);
        if !self.advice.iter().any(|given| given == advice) {
            self.advice.push(advice.to_owned());
        }
    }
}

/// The fewest changes that make it match; the first endpoint is the one it should match for.
pub(super) fn explain(endpoints: &[Endpoint], token: &[u8], body: &[u8]) -> Option<Finding> {
    let tokens = token::variants(token);
    let bodies = body::variants(body);
    let mut pairs: Vec<(&Variant, &Variant)> =
        tokens.iter().flat_map(|token| bodies.iter().map(move |body| (token, body))).collect();
    pairs.sort_by_key(|(token, body)| {
        // Of two ways that are as short, the one that leaves the JSON as it is.
        let rewritten = body.changes.iter().filter(|change| change.advice == body::RAW).count();
        (token.changes.len() + body.changes.len(), rewritten)
    });
    let own = endpoints.first()?;
    let without_key_id = KeySet::parse(&without_key_id(&own.json)).ok();
    for (token, body) in &pairs {
        let changes = || Finding::new(&[&token.changes[..], &body.changes[..]].concat());
        let holds = |keys: &KeySet| keys.verify(&token.bytes, &body.bytes).is_ok();
        if holds(&own.keys) {
            return Some(changes());
        }
        if let Some(other) = endpoints.iter().skip(1).find(|other| holds(&other.keys)) {
            let mut finding = changes();
            finding.add(format!("with the key of {}", other.name), OTHER_KEY);
            return Some(finding);
        }
        if without_key_id.as_ref().is_some_and(holds) {
            let mut finding = changes();
            finding.add(KEY_ID.holds.to_owned(), KEY_ID.advice);
            return Some(finding);
        }
    }
    if let Some(payload) = token::payload(token) {
        let detached = tokens.iter().find(|token| own.keys.verify(&token.bytes, &payload).is_ok());
        if let Some(token) = detached {
            let mut finding = Finding::new(&token.changes);
            finding.add(PAYLOAD.holds.to_owned(), PAYLOAD.advice);
            return Some(finding);
        }
    }
    pairs.iter().find_map(|(token, body)| {
        let change = raw::find(&own.json, &token.bytes, &body.bytes)?;
        Some(Finding::new(&[&token.changes[..], &body.changes[..], &[change]].concat()))
    })
}

fn without_key_id(json: &str) -> String {
    let mut value: Value = serde_json::from_str(json).unwrap_or_default();
    if let Some(keys) = value.get_mut("keys").and_then(Value::as_array_mut) {
        for key in keys.iter_mut().filter_map(Value::as_object_mut) {
            key.remove("kid");
        }
    }
    if let Some(key) = value.as_object_mut() {
        key.remove("kid");
    }
    value.to_string()
}
