//! JWK Sets: which keys of one are ignored, and which stop the start.

use serde_json::{Value, json};
use topper_core::{ConfigError, KeySet, reason::KeyError};
use topper_testkit::TestKey;

use crate::{
    handler::logged,
    key::{jwk, with},
};

/// A set of a key that works and another one.
fn next_to_one_that_works(other: &Value) -> Result<KeySet, ConfigError> {
    KeySet::parse(&json!({ "keys": [jwk(), other] }).to_string())
}

/// Keys of the sets of other services that are not for us.
fn not_for_us() -> Vec<(Value, &'static str)> {
    vec![
        (with(json!({ "use": "enc" })), "`use` is not `sig`"),
        (with(json!({ "key_ops": ["deriveKey"] })), "`key_ops` does not contain `verify`"),
        (with(json!({ "alg": "ECDH-ES" })), "`alg` is not a signature algorithm"),
        (
            json!({ "kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" }),
            "`kty` is neither EC nor RSA",
        ),
        (json!({ "kty": "EC", "crv": "secp256k1", "x": "eHg", "y": "eXk" }), "`crv` is neither"),
        (json!({ "kty": "EC", "crv": "P-521", "x": "eHg", "y": "eXk" }), "`crv` is neither"),
        (json!({ "kty": "AKP", "alg": "ML-DSA-44", "pub": "cHVi" }), "`kty` is neither"),
        (json!({ "kty": "RSA", "n": "bg", "e": "AQAB" }), "`alg` is missing"),
        (json!({ "kty": "RSA", "alg": "RSA-OAEP-256", "n": "bg", "e": "AQAB" }), "`alg` is not"),
        (json!({ "kty": "oct", "k": "c2VjcmV0" }), "it has a private part"),
    ]
}

#[test]
fn ignores_a_key_that_is_not_for_us_with_a_warning() {
    for (key, problem) in not_for_us() {
        let text = logged(|| {
            let keys = next_to_one_that_works(&key).unwrap();
            assert_eq!(keys.iter().len(), 1, "{key}");
        });
        let reason = "reason=public key 2";
        assert!(
            text.contains("WARN") && text.contains("a key of the JWK Set is ignored"),
            "{text}"
        );
        assert!(text.contains(reason) && text.contains(problem), "{problem} is not in {text}");
        assert_eq!(
            text.contains("thumbprint="),
            key["kty"] != "AKP" && key["kty"] != "oct",
            "{text}"
        );
    }
}

#[test]
fn names_an_ignored_key_by_kid_and_thumbprint() {
    let key = with(json!({ "use": "enc", "kid": "for-encryption" }));
    let text = logged(|| drop(next_to_one_that_works(&key).unwrap()));
    let thumbprint = "thumbprint=\"";
    assert!(text.contains("kid=for-encryption") && text.contains(thumbprint), "{text}");
}

#[test]
fn says_why_each_key_is_ignored_when_none_is_left() {
    let keys: Vec<Value> = not_for_us().into_iter().map(|(key, _)| key).collect();
    let error = KeySet::parse(&json!({ "keys": keys }).to_string()).unwrap_err();
    assert!(
        matches!(&error, ConfigError::NoUsableKey { ignored, .. } if ignored.len() == keys.len())
    );
    let text = error.to_string();
    assert!(
        text.starts_with("no key of the JWK Set can be used: public key 1 (thumbprint "),
        "{text}"
    );
    for (index, (_, problem)) in (1..).zip(not_for_us()) {
        let part = text.split("; ").nth(index - 1).unwrap();
        assert!(part.contains(&format!("public key {index}")) && part.contains(problem), "{part}");
    }
}

#[test]
fn refuses_a_set_with_a_private_or_a_damaged_key() {
    for (key, expected) in [
        (with(json!({ "d": "AQAB" })), KeyError::Private),
        (json!({ "kty": "OKP", "crv": "Ed25519", "x": "eHg", "d": "ZA" }), KeyError::Private),
        (
            json!({ "kty": "AKP", "alg": "ML-DSA-44", "pub": "cHVi", "priv": "cA" }),
            KeyError::Private,
        ),
        (with(json!({ "use": "enc", "d": "AQAB" })), KeyError::Private),
        (with(json!({ "y": null })), KeyError::Missing("y")),
        (with(json!({ "x": "eHg" })), KeyError::Encoding("x")),
        (with(json!({ "kty": null })), KeyError::KeyType),
        (with(json!({ "crv": null })), KeyError::Curve),
        (with(json!({ "alg": "es256" })), KeyError::Algorithm),
        (json!(["EC"]), KeyError::Unreadable),
    ] {
        match next_to_one_that_works(&key).unwrap_err() {
            ConfigError::Key { index: 2, problem, .. } => assert_eq!(problem, expected, "{key}"),
            other => panic!("{key}: {other:?}"),
        }
    }
}

#[test]
fn is_strict_with_a_single_key() {
    for (key, problem) in not_for_us() {
        let error = KeySet::parse(&key.to_string()).unwrap_err().to_string();
        assert!(error.starts_with("public key 1") && error.contains(problem), "{error}");
    }
}

#[test]
fn names_a_key_by_kid_and_thumbprint() {
    let error = next_to_one_that_works(&with(json!({ "kid": "new\n", "d": "AQAB" }))).unwrap_err();
    let ConfigError::Key { thumbprint: Some(thumbprint), problem, .. } = &error else {
        panic!("{error:?}")
    };
    assert_eq!(
        error.to_string(),
        format!("public key 2 (kid new\\n, thumbprint {thumbprint}): {problem}")
    );
}

#[test]
fn takes_1_to_16_keys() {
    assert_eq!(KeySet::parse(r#"{"keys":[]}"#).unwrap_err(), ConfigError::NoKey);
    let set = |count| json!({ "keys": vec![jwk(); count] }).to_string();
    assert_eq!(KeySet::parse(&set(16)).unwrap().iter().len(), 16);
    let too_many = |error| matches!(error, ConfigError::TooManyKeys { most: 16, .. });
    assert!(too_many(KeySet::parse(&set(17)).unwrap_err()));
    let keys: Vec<_> = KeySet::parse(&set(9)).unwrap().iter().cloned().collect();
    assert!(too_many(KeySet::from_keys([keys.clone(), keys].concat()).unwrap_err()));
}

#[test]
fn joins_keys_of_several_texts() {
    let (one, other) = (TestKey::generate(), TestKey::generate());
    let sets = [&one, &other].map(|key| KeySet::parse(&key.public_jwk()).unwrap());
    let keys = KeySet::from_keys(sets.iter().flat_map(KeySet::iter).cloned()).unwrap();
    for key in [&one, &other] {
        assert_eq!(keys.verify(key.sign(b"x").as_bytes(), b"x").unwrap().id(), key.key_id());
    }
    assert_eq!(KeySet::from_keys([]).unwrap_err(), ConfigError::NoKey);
}
