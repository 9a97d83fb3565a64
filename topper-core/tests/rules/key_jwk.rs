//! A configured key is written as a JWK again.

use serde_json::{Value, json};
use topper_core::{Backend, KeySet};
use topper_testkit::TestKey;

use crate::{
    backends,
    key::{jwk, with},
    key_text::taken,
};

/// Checks that a JWK of each key is read as the same key; returns the keys that were read.
pub(crate) fn assert_written_again(keys: &KeySet, backend: Backend) -> KeySet {
    let again = keys.iter().map(|key| {
        let again = KeySet::parse_with(key.jwk(), backend).unwrap();
        let again = again.iter().next().unwrap().clone();
        assert_eq!(
            (again.thumbprint(), again.algorithm(), again.kid()),
            (key.thumbprint(), key.algorithm(), key.kid()),
        );
        assert_eq!(again.jwk(), key.jwk());
        again
    });
    KeySet::from_keys(again).unwrap()
}

fn written(keys: &KeySet) -> Value {
    serde_json::from_str(keys.iter().next().unwrap().jwk()).unwrap()
}

#[test]
fn writes_a_key_as_a_jwk_whatever_form_it_was_configured_in() {
    let key = TestKey::generate();
    let token = key.sign(b"body");
    for backend in backends() {
        for (form, text) in taken(&key) {
            let keys = KeySet::parse_with(&text, backend).unwrap();
            for other in backends() {
                let again = assert_written_again(&keys, other);
                assert!(again.verify(token.as_bytes(), b"body").is_ok(), "{form}");
                assert!(again.verify(token.as_bytes(), b"other").is_err(), "{form}");
            }
        }
    }
}

#[test]
fn writes_each_key_of_a_set() {
    let keys = [TestKey::generate(), TestKey::generate()];
    for backend in backends() {
        let set = KeySet::parse_with(&TestKey::public_jwk_set(&keys), backend).unwrap();
        let again = assert_written_again(&set, backend);
        for key in &keys {
            let matched = again.verify(key.sign(b"x").as_bytes(), b"x").unwrap();
            assert_eq!(matched.kid(), Some(key.key_id()));
        }
    }
}

#[test]
fn writes_what_makes_the_key_and_nothing_else() {
    let given = with(json!({ "use": "sig", "key_ops": ["verify"], "ext": true, "alg": null }));
    for backend in backends() {
        let keys = KeySet::parse_with(&given.to_string(), backend).unwrap();
        assert_eq!(written(&keys), jwk());
    }
}

#[test]
fn writes_any_key_id() {
    for kid in ["", "15a5142e-c20f-466e-8132-234dbdae97e7", "a \"quoted\\\" one\n", "\u{feff}}"] {
        for backend in backends() {
            let keys = KeySet::parse_with(&with(json!({ "kid": kid })).to_string(), backend);
            let keys = keys.unwrap();
            assert_eq!(written(&keys), with(json!({ "kid": kid })));
            assert_written_again(&keys, backend);
        }
    }
}
