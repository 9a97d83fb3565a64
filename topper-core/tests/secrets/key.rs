//! A canary in the configuration.

use serde_json::{Value, json};
use topper_core::{KeySet, Verifier, VerifierBuilder};
use topper_testkit::TestKey;

use crate::shown::{self, CANARY};

/// What configuring with a text for a key shows, by each way there is.
fn configured(jwk: &str) -> String {
    shown::shown(|text| {
        match KeySet::parse(jwk) {
            Ok(keys) => shown::debug(text, &keys),
            Err(error) => shown::error(text, &error),
        }
        let builder = Verifier::builder().public_key(jwk);
        shown::debug(text, &builder);
        match builder.build() {
            Ok(verifier) => shown::debug(text, &verifier),
            Err(error) => shown::error(text, &error),
        }
        match VerifierBuilder::from_vars(|name| {
            (name == "TOPPER_WEBHOOK_PUBLIC_KEY").then(|| jwk.into())
        }) {
            Ok(builder) => shown::debug(text, &builder),
            Err(error) => shown::error(text, &error),
        }
    })
}

#[test]
fn hides_the_key_that_works() {
    let key = TestKey::generate();
    let jwk: Value = serde_json::from_str(&key.public_jwk()).unwrap();
    let text = configured(&key.public_jwk());
    let keys = KeySet::parse(&key.public_jwk()).unwrap();
    assert!(text.contains(keys.iter().next().unwrap().thumbprint()), "{text}");
    for coordinate in ["x", "y"] {
        let coordinate = jwk.get(coordinate).and_then(Value::as_str).unwrap();
        assert!(!text.contains(coordinate), "{text}");
    }
}

#[test]
fn hides_every_member_of_a_key_that_does_not_work() {
    let jwk: Value = serde_json::from_str(&TestKey::generate().public_jwk()).unwrap();
    let canaries = [json!(CANARY), json!([CANARY]), json!({CANARY: CANARY}), json!([[CANARY]])];
    for member in ["kty", "crv", "alg", "x", "y", "d", "use", "key_ops", "n", "e", "k", "p", CANARY]
    {
        for canary in &canaries {
            let mut jwk = jwk.clone();
            jwk.as_object_mut().unwrap().insert(member.to_owned(), canary.clone());
            for text in [jwk.to_string(), json!({"keys": [jwk]}).to_string()] {
                let shown = configured(&text);
                assert!(!shown.contains(CANARY), "{member}: {shown}");
            }
        }
    }
    // The id of a key is for logs; what is not text is no id.
    for canary in canaries.get(1..).unwrap() {
        let mut jwk = jwk.clone();
        jwk.as_object_mut().unwrap().insert("kid".to_owned(), canary.clone());
        let shown = configured(&jwk.to_string());
        assert!(!shown.contains(CANARY), "{shown}");
    }
}

#[test]
fn hides_a_key_that_is_not_one() {
    for text in [
        CANARY.to_owned(),
        format!("\"{CANARY}\""),
        format!("{{\"keys\":\"{CANARY}\"}}"),
        format!("{{\"{CANARY}\":\"{CANARY}\",\"{CANARY}\":1}}"),
        format!("-----BEGIN EC PRIVATE KEY-----\n{CANARY}\n-----END EC PRIVATE KEY-----"),
        format!("{{\"kty\":\"oct\",\"k\":\"{CANARY}\"}}"),
        format!("{{\"kty\":\"EC\",\"d\":\"{CANARY}\""),
    ] {
        let shown = configured(&text);
        assert!(!shown.contains(CANARY), "{text}: {shown}");
    }
}
