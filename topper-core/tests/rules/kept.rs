//! Events that are verified again, with the key they were kept with.

use topper_core::{
    Error, EventName, KeySet, Verifier, Webhook, internal::verify_kept, protocol::SIGNATURE_HEADER,
};
use topper_testkit::{Delivery, EventBuilder, TestKey};

use crate::handler::logged;

struct Kept {
    keys: KeySet,
    token: String,
    body: Vec<u8>,
}

fn token(signed: &Delivery) -> String {
    let is_signature = |(name, _): &&(String, Vec<u8>)| name == SIGNATURE_HEADER;
    let (_, value) = signed.headers.iter().find(is_signature).unwrap();
    String::from_utf8(value.clone()).unwrap()
}

/// What an inbox keeps of a delivery.
fn kept(key: &TestKey, body: Vec<u8>) -> Kept {
    let verifier = Verifier::new(&key.public_jwk()).unwrap();
    let signed = Delivery::signed(key, body.clone());
    let (jwk, token) = match signed.verify(&verifier) {
        Ok(webhook) => (webhook.key().jwk().to_owned(), webhook.signature().to_owned()),
        // No envelope: it was never accepted.
        Err(_) => (key.public_jwk(), token(&signed)),
    };
    Kept { keys: KeySet::parse(&jwk).unwrap(), token, body }
}

fn event() -> Vec<u8> {
    EventBuilder::new(EventName::OrderCryptoOnrampCompleted).to_json()
}

impl Kept {
    fn verify(&self) -> Result<Webhook, Error> {
        verify_kept(&self.keys, "production", &self.token, &self.body)
    }
}

#[test]
fn a_kept_event_is_verified_with_the_key_it_was_accepted_under() {
    let kept = kept(&TestKey::generate(), event());
    let webhook = kept.verify().unwrap();
    assert_eq!((webhook.label(), webhook.body()), ("production", &*kept.body));
    assert_eq!(webhook.signature(), kept.token);
    assert_eq!(webhook.name(), "order:crypto-onramp:completed");
}

#[test]
fn a_kept_event_of_which_any_byte_was_changed_is_refused() {
    let mut kept = kept(&TestKey::generate(), event());
    for index in 0..kept.body.len() {
        kept.body[index] ^= 1;
        assert_eq!(kept.verify().unwrap_err(), Error::SignatureInvalid, "byte {index}");
        kept.body[index] ^= 1;
    }
    kept.verify().unwrap();
}

#[test]
fn a_kept_event_that_was_cut_is_refused() {
    let mut kept = kept(&TestKey::generate(), event());
    while kept.body.pop().is_some() {
        assert_eq!(kept.verify().unwrap_err(), Error::SignatureInvalid);
    }
}

#[test]
fn a_kept_event_is_refused_with_another_key() {
    let mut kept = kept(&TestKey::generate(), event());
    kept.keys = KeySet::parse(&TestKey::generate().public_jwk()).unwrap();
    assert!(matches!(kept.verify().unwrap_err(), Error::SignatureInvalid));
}

#[test]
fn a_kept_event_that_is_refused_is_logged_without_an_outcome() {
    let key = TestKey::generate();
    let verifier = Verifier::builder().public_key(&key.public_jwk()).label("sandbox");
    let verifier = verifier.build().unwrap();
    let kept = kept(&key, event());
    // The first is refused by its signature alone, the second with its body.
    for (token, body) in [("x", &*kept.body), (&kept.token, b"{}")] {
        let line = logged(|| assert!(verifier.verify_stored(token, body).is_err()));
        assert!(line.contains("WARN") && line.contains("stored event does not verify"), "{line}");
        assert!(line.contains("webhook=\"sandbox\"") && !line.contains("outcome="), "{line}");
    }
}

#[test]
fn a_kept_signature_that_was_changed_is_refused() {
    let mut kept = kept(&TestKey::generate(), event());
    kept.token.truncate(20);
    assert!(matches!(kept.verify().unwrap_err(), Error::SignatureMalformed(_)));
}

#[test]
fn what_is_no_event_is_refused_though_it_is_signed() {
    let kept = kept(&TestKey::generate(), b"{}".to_vec());
    assert!(matches!(kept.verify().unwrap_err(), Error::EventUnreadable(_)));
}
