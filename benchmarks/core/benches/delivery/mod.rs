//! A delivery, and what its bare verification needs.

use std::net::IpAddr;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::Value;
use topper_core::{EventName, RequestHead, protocol::SIGNATURE_HEADER};
use topper_testkit::{EventBuilder, TestKey};

/// The event that is delivered.
pub(crate) const EVENT: EventName = EventName::OrderCryptoOnrampCompleted;

/// The key of RFC 7515, A.3: always the same, so that all runs have the same instructions.
const KEY: &str = r#"{"kty":"EC","crv":"P-256",
    "x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
    "y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
    "d":"jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI"}"#;

pub(crate) fn key() -> TestKey {
    TestKey::from_jwk(KEY).unwrap()
}

pub(crate) fn event() -> Vec<u8> {
    EventBuilder::new(EVENT).id("00000000-0000-4000-8000-000000000000").to_json()
}

/// Public key, signing input and signature as aws-lc-rs takes them.
pub(crate) fn raw(key: &TestKey, token: &str, body: &[u8]) -> (Vec<u8>, Vec<u8>, Vec<u8>) {
    let jwk: Value = serde_json::from_str(&key.public_jwk()).unwrap();
    let decode = |text: &str| URL_SAFE_NO_PAD.decode(text).unwrap();
    let coordinate = |name| decode(jwk.get(name).and_then(Value::as_str).unwrap());
    let (header, signature) = token.split_once("..").unwrap();
    let signing_input = format!("{header}.{}", URL_SAFE_NO_PAD.encode(body));
    (
        [vec![4], coordinate("x"), coordinate("y")].concat(),
        signing_input.into_bytes(),
        decode(signature),
    )
}

pub(crate) struct Head {
    pub(crate) token: String,
}

impl RequestHead for Head {
    fn peer(&self) -> Option<IpAddr> {
        Some(IpAddr::from([35, 188, 196, 183]))
    }

    fn header<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> {
        (name == SIGNATURE_HEADER).then_some(self.token.as_bytes()).into_iter()
    }
}
