//! Why a signature does not match.

use std::borrow::Cow;

use serde_json::Value;
use topper_core::{KeySet, SignatureError};

mod body;
mod raw;
pub(crate) mod shape;
mod token;
mod variant;
mod work;

use body::Way;
use variant::{Change, Variant};
use work::Work;

const UNEXPLAINED: &str = "\
None of the usual causes explains it: the body was changed, or it was signed with another key. \
Compare your public key with the one that Topper shows for the URL of this webhook.";

const MALFORMED: &str = "\
Topper does not send such a token, whatever the body and the key are. Find out what made or changed \
it, or copy the value of the header again.";

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

/// All explanations, for the test that collects them.
#[cfg(test)]
pub(crate) fn texts() -> Vec<(String, String)> {
    let changes = [token::changes(), body::changes(), raw::changes()].concat();
    let changes = changes.iter().map(|it| (it.holds, it.advice));
    let others = [
        ("with the key of other.jwk", OTHER_KEY),
        (KEY_ID.holds, KEY_ID.advice),
        (PAYLOAD.holds, PAYLOAD.advice),
        ("no cause is found", UNEXPLAINED),
        ("no cause is found, malformed", MALFORMED),
    ];
    changes.chain(others).map(|(holds, advice)| (holds.to_owned(), advice.to_owned())).collect()
}

/// An endpoint by its key.
pub(crate) struct Endpoint {
    pub(crate) name: String,
    pub(crate) keys: KeySet,
    /// The text of the JWK or JWK Set.
    pub(crate) json: String,
}

/// Why a signature does not match, and what to do.
pub(crate) struct Explanation {
    /// With what it matches: each continues "The signature matches".
    pub(crate) holds: Vec<String>,
    pub(crate) advice: Vec<String>,
}

impl Explanation {
    fn new(changes: impl IntoIterator<Item = Change>) -> Self {
        let mut explanation = Self { holds: Vec::new(), advice: Vec::new() };
        for change in changes {
            explanation.add(change.holds.to_owned(), change.advice);
        }
        explanation
    }

    fn add(&mut self, holds: String, advice: &str) {
        self.holds.push(holds);
        if !self.advice.iter().any(|given| given == advice) {
            self.advice.push(advice.to_owned());
        }
    }

    fn and(mut self, holds: impl Into<String>, advice: &str) -> Self {
        self.add(holds.into(), advice);
        self
    }
}

/// The fewest changes that make it match, or what else can be said of the error.
///
/// The first endpoint is the one that the signature should match for.
pub(crate) fn explain(
    endpoints: &[Endpoint],
    token: &[u8],
    body: &[u8],
    error: &SignatureError,
) -> Explanation {
    find(endpoints, token, body).unwrap_or_else(|| {
        let advice = shape::problem(token).unwrap_or_else(|| unexplained(error).to_owned());
        Explanation { holds: Vec::new(), advice: vec![advice] }
    })
}

fn unexplained(error: &SignatureError) -> &'static str {
    match error {
        SignatureError::Malformed(_) => MALFORMED,
        _ => UNEXPLAINED,
    }
}

fn find(endpoints: &[Endpoint], token: &[u8], body: &[u8]) -> Option<Explanation> {
    let own = endpoints.first()?;
    let tokens = token::variants(token);
    let ways = body::ways(body);
    let mut pairs: Vec<Pair> =
        tokens.iter().flat_map(|token| ways.iter().map(move |way| Pair { token, way })).collect();
    // Of two that are as short, the one that leaves the JSON as it is.
    pairs.sort_by_key(|pair| (pair.changes().count(), pair.way.rewritten()));
    let without_key_id = KeySet::parse(&without_key_id(&own.json)).ok();
    let matching = |pair: &Pair, body: &[u8], work: &mut Work| {
        matching(endpoints, without_key_id.as_ref(), pair, body, work)
    };
    first(&pairs, body, matching).or_else(|| of_payload(own, token, &tokens)).or_else(|| {
        first(&pairs, body, |pair, body, work| {
            work.take_check(&pair.token.bytes, body)?;
            let change = raw::find(&own.json, &pair.token.bytes, body)?;
            Some(Explanation::new(pair.changes().chain([change])))
        })
    })
}

/// A token and a body as they may have been.
struct Pair<'a> {
    token: &'a Variant,
    way: &'a Way,
}

impl Pair<'_> {
    fn changes(&self) -> impl Iterator<Item = Change> {
        self.token.changes.iter().copied().chain(self.way.changes())
    }
}

/// The first pair that explains it. Only one body is in memory at a time.
fn first(
    pairs: &[Pair],
    body: &[u8],
    explained: impl Fn(&Pair, &[u8], &mut Work) -> Option<Explanation>,
) -> Option<Explanation> {
    let mut work = Work::on(body);
    pairs.iter().find_map(|pair| {
        let undone: Cow<[u8]> = pair.way.undo(body, &mut work)?;
        explained(pair, &undone, &mut work)
    })
}

fn matching(
    endpoints: &[Endpoint],
    without_key_id: Option<&KeySet>,
    pair: &Pair,
    body: &[u8],
    work: &mut Work,
) -> Option<Explanation> {
    let (own, others) = endpoints.split_first()?;
    let token = &pair.token.bytes;
    let mut holds =
        |keys: &KeySet| work.take_check(token, body).is_some() && keys.verify(token, body).is_ok();
    let explanation = || Explanation::new(pair.changes());
    if holds(&own.keys) {
        return Some(explanation());
    }
    if let Some(other) = others.iter().find(|other| holds(&other.keys)) {
        return Some(explanation().and(format!("with the key of {}", other.name), OTHER_KEY));
    }
    holds(without_key_id?).then(|| explanation().and(KEY_ID.holds, KEY_ID.advice))
}

fn of_payload(own: &Endpoint, token: &[u8], tokens: &[Variant]) -> Option<Explanation> {
    let payload = token::payload(token)?;
    let detached = tokens.iter().find(|token| own.keys.verify(&token.bytes, &payload).is_ok())?;
    Some(Explanation::new(detached.changes.iter().copied()).and(PAYLOAD.holds, PAYLOAD.advice))
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
