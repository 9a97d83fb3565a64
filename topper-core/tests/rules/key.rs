//! Keys are checked when they are configured.

use serde_json::{Value, json};
use topper_core::{Backend, ConfigError, KeySet, reason::KeyError};
use topper_testkit::TestKey;

use crate::{backends, offers};

const X: &str = "7-INQ150R-MCWlj5X_wyGLRIRYAA-o8NakJiUq7gOGg";
const Y: &str = "dM-GsyJvdDOuALE3l-U9lPL8V3gY_5BPjLH539yTdKU";

pub(crate) fn jwk() -> Value {
    json!({ "kty": "EC", "crv": "P-256", "alg": "ES256", "x": X, "y": Y })
}

/// The key with some members replaced, or taken out where the value is null.
pub(crate) fn with(members: Value) -> Value {
    let mut jwk = jwk();
    for (name, value) in members.as_object().unwrap() {
        if value.is_null() {
            jwk.as_object_mut().unwrap().remove(name);
        } else {
            jwk[name] = value.clone();
        }
    }
    jwk
}

pub(crate) fn problem(jwk: &Value, backend: Backend) -> KeyError {
    let text = jwk.to_string();
    let error = KeySet::parse_with(&text, backend).unwrap_err();
    let shown = format!("{error} {error:?}");
    assert!(!shown.contains(X) && !shown.contains(Y), "shows the key: {shown}");
    match error {
        ConfigError::Key { index: 1, problem, .. } => problem,
        other => panic!("{other:?}"),
    }
}

fn assert_problem(members: Value, expected: KeyError) {
    for backend in backends() {
        assert_eq!(problem(&with(members.clone()), backend), expected, "{backend:?} {members}");
    }
}

#[test]
fn takes_a_key_whose_algorithm_follows_from_its_curve() {
    for backend in backends() {
        for members in [
            json!({ "alg": null }),
            json!({ "use": "sig" }),
            json!({ "key_ops": ["verify"] }),
            json!({ "d": null, "ext": true }),
        ] {
            let keys = KeySet::parse_with(&with(members).to_string(), backend).unwrap();
            assert_eq!(keys.iter().next().unwrap().algorithm(), "ES256");
        }
    }
}

#[test]
fn tells_the_thumbprint_of_rfc_7638() {
    // The example of RFC 7638, section 3.1.
    let rsa = json!({
        "kty": "RSA",
        "n": "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw",
        "e": "AQAB",
        "alg": "RS256",
        "kid": "2011-04-29",
    });
    #[cfg(feature = "aws-lc")]
    {
        let keys = KeySet::parse_with(&rsa.to_string(), Backend::AwsLc).unwrap();
        let key = keys.iter().next().unwrap();
        assert_eq!(
            (key.thumbprint(), key.id(), key.algorithm()),
            ("NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs", "2011-04-29", "RS256")
        );
    }
    for backend in backends().into_iter().filter(|backend| !offers(*backend, "RS256")) {
        let error = KeySet::parse_with(&rsa.to_string(), backend).unwrap_err();
        assert_eq!(
            error.to_string(),
            format!(
                "public key 1 (kid 2011-04-29, thumbprint NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs): {}",
                KeyError::Unsupported
            )
        );
    }
}

#[test]
fn refuses_a_private_key() {
    for member in ["d", "p", "q", "dp", "dq", "qi", "oth", "k"] {
        assert_problem(json!({ member: "AQAB" }), KeyError::Private);
    }
}

#[test]
fn refuses_a_type_that_cannot_verify() {
    for kty in [json!("oct"), json!("OKP"), json!("ec"), json!(""), Value::Null] {
        assert_problem(json!({ "kty": kty }), KeyError::KeyType);
    }
    assert_problem(json!({ "kty": "oct", "k": "AQAB" }), KeyError::Private);
}

#[test]
fn refuses_a_curve_that_is_not_of_its_type() {
    for crv in [json!("P-521"), json!("p-256"), json!("secp256k1"), json!("Ed25519"), Value::Null] {
        assert_problem(json!({ "crv": crv }), KeyError::Curve);
    }
}

#[test]
fn refuses_a_key_that_is_not_for_verifying() {
    assert_problem(json!({ "use": "enc" }), KeyError::Use);
    assert_problem(json!({ "key_ops": [] }), KeyError::Operations);
    assert_problem(json!({ "key_ops": ["sign", "encrypt"] }), KeyError::Operations);
}

#[test]
fn refuses_an_algorithm_that_does_not_go_with_the_key() {
    for alg in ["none", "HS256", "ES384", "ES512", "RS256", "EdDSA", "es256", "", "RSA-OAEP"] {
        assert_problem(json!({ "alg": alg }), KeyError::Algorithm);
    }
    assert_problem(json!({ "crv": "P-384" }), KeyError::Algorithm);
}

#[test]
fn refuses_a_coordinate_of_wrong_length_or_encoding() {
    assert_problem(json!({ "x": null }), KeyError::Missing("x"));
    assert_problem(json!({ "y": null }), KeyError::Missing("y"));
    assert_problem(json!({ "crv": "P-384", "alg": null }), KeyError::Encoding("x"));
    for bad in [
        X.strip_suffix('g').unwrap(),
        &format!("{X}AA"),
        &format!("{X}="),
        "",
        &X.replace('_', "/"),
        &format!(" {X}"),
        &X.replacen("7-", "7+", 1),
    ] {
        assert_problem(json!({ "x": bad }), KeyError::Encoding("x"));
    }
    assert_problem(
        json!({ "y": "dM-GsyJvdDOuALE3l-U9lPL8V3gY_5BPjLH539yTdKV" }),
        KeyError::Encoding("y"),
    );
}

#[test]
fn refuses_a_point_that_is_not_on_its_curve() {
    assert_problem(json!({ "x": Y, "y": X }), KeyError::Point);
    let zero = "A".repeat(43);
    assert_problem(json!({ "x": zero, "y": zero }), KeyError::Point);
    assert_problem(json!({ "x": "_".repeat(42) + "8" }), KeyError::Point);
}

#[test]
fn refuses_members_of_a_wrong_type_and_members_that_occur_twice() {
    let duplicate = jwk().to_string().replacen('{', r#"{"kty":"EC","#, 1);
    for text in [
        with(json!({ "x": 5 })).to_string(),
        with(json!({ "key_ops": "verify" })).to_string(),
        duplicate,
    ] {
        let error = KeySet::parse(&text).unwrap_err();
        assert!(matches!(
            error,
            ConfigError::Key { index: 1, thumbprint: None, problem: KeyError::Unreadable, .. }
        ));
    }
}

#[test]
fn says_where_json_is_broken() {
    for text in [r#"{"keys":1}"#, r#"{"kty":"EC"} x"#, r#"{"kty" "EC"}"#] {
        let error = KeySet::parse(text).unwrap_err();
        assert!(matches!(error, ConfigError::KeyUnreadable { line: 1, .. }), "{text}: {error:?}");
    }
    let error = KeySet::parse("{\n  \"kty\": secret\n}").unwrap_err();
    assert_eq!(error.to_string(), "not a JWK or a JWK Set: not valid JSON at line 2 column 10");
    for text in ["", " \n", "\u{feff}", "\"\"", "' '"] {
        assert_eq!(KeySet::parse(text).unwrap_err(), ConfigError::NoKey, "{text:?}");
    }
}

#[test]
fn shows_no_key_in_debug() {
    let key = TestKey::generate();
    let jwk: Value = serde_json::from_str(&key.public_jwk()).unwrap();
    let keys = KeySet::parse(&key.public_jwk()).unwrap();
    let shown = format!("{keys:?}");
    for member in ["x", "y"] {
        assert!(!shown.contains(jwk[member].as_str().unwrap()));
    }
    assert!(shown.contains(keys.iter().next().unwrap().thumbprint()));
}
