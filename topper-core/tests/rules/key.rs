//! Keys are checked when they are configured.

use serde_json::{Value, json};
use topper_core::{Backend, ConfigError, KeyError, KeySet};
use topper_testkit::TestKey;

use crate::backends;

const X: &str = "7-INQ150R-MCWlj5X_wyGLRIRYAA-o8NakJiUq7gOGg";
const Y: &str = "dM-GsyJvdDOuALE3l-U9lPL8V3gY_5BPjLH539yTdKU";

fn jwk() -> Value {
    json!({ "kty": "EC", "crv": "P-256", "alg": "ES256", "x": X, "y": Y })
}

/// The key with some members replaced, or taken out where the value is null.
fn with(members: Value) -> Value {
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

fn problem(jwk: &Value, backend: Backend) -> KeyError {
    let text = jwk.to_string();
    let error = KeySet::with_backend(&text, backend).unwrap_err();
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
            let keys = KeySet::with_backend(&with(members).to_string(), backend).unwrap();
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
        let keys = KeySet::with_backend(&rsa.to_string(), Backend::AwsLc).unwrap();
        let key = keys.iter().next().unwrap();
        assert_eq!(
            (key.thumbprint(), key.id(), key.algorithm()),
            ("NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs", "2011-04-29", "RS256")
        );
    }
    #[cfg(feature = "rust-crypto")]
    {
        let error = KeySet::with_backend(&rsa.to_string(), Backend::RustCrypto).unwrap_err();
        assert_eq!(
            error.to_string(),
            format!(
                "public key 1 (thumbprint NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs): {}",
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
        let error = KeySet::from_json(&text).unwrap_err();
        assert!(matches!(
            error,
            ConfigError::Key { index: 1, thumbprint: None, problem: KeyError::Unreadable, .. }
        ));
    }
}

#[test]
fn refuses_text_that_is_no_jwk_and_tells_where() {
    for text in [
        "",
        "{",
        "null",
        "[]",
        "\"x\"",
        "-----BEGIN PUBLIC KEY-----",
        r#"{"keys":1}"#,
        r#"{"kty":"EC"} x"#,
        // serde takes arrays for structs.
        &format!("[[{}]]", jwk()),
        &format!("[{}]", jwk()),
    ] {
        let error = KeySet::from_json(text).unwrap_err();
        assert!(matches!(error, ConfigError::KeyUnreadable { line: 1, .. }), "{text}: {error:?}");
    }
    let error = KeySet::from_json("{\n  \"kty\": secret\n}").unwrap_err();
    assert_eq!(error.to_string(), "not a JWK or a JWK Set: not valid JSON at line 2 column 10");
}

#[test]
fn tells_which_key_of_a_set_cannot_be_used() {
    let set = json!({ "keys": [jwk(), with(json!({ "use": "enc" }))] });
    let error = KeySet::from_json(&set.to_string()).unwrap_err();
    let ConfigError::Key { index: 2, thumbprint: Some(thumbprint), problem: KeyError::Use, .. } =
        &error
    else {
        panic!("{error:?}")
    };
    assert_eq!(
        error.to_string(),
        format!("public key 2 (thumbprint {thumbprint}): `use` is not `sig`")
    );
    let error = KeySet::from_json(r#"{"keys":[["EC"]]}"#).unwrap_err();
    assert!(matches!(
        error,
        ConfigError::Key { index: 1, thumbprint: None, problem: KeyError::Unreadable, .. }
    ));
}

#[test]
fn takes_1_to_16_keys() {
    assert_eq!(KeySet::from_json(r#"{"keys":[]}"#).unwrap_err(), ConfigError::NoKey);
    let set = |count| json!({ "keys": vec![jwk(); count] }).to_string();
    assert_eq!(KeySet::from_json(&set(16)).unwrap().iter().len(), 16);
    assert!(matches!(
        KeySet::from_json(&set(17)).unwrap_err(),
        ConfigError::TooManyKeys { most: 16, .. }
    ));
}

#[test]
fn shows_no_key_in_debug() {
    let key = TestKey::generate();
    let jwk: Value = serde_json::from_str(&key.public_jwk()).unwrap();
    let keys = KeySet::from_json(&key.public_jwk()).unwrap();
    let shown = format!("{keys:?}");
    for member in ["x", "y"] {
        assert!(!shown.contains(jwk[member].as_str().unwrap()));
    }
    assert!(shown.contains(keys.iter().next().unwrap().thumbprint()));
}

#[cfg(feature = "aws-lc")]
mod other_algorithms {
    use aws_lc_rs::{rand::SystemRandom, rsa::KeySize, signature::*};
    use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
    use topper_core::SignatureError;

    use super::*;

    fn b64(bytes: &[u8]) -> String {
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// Modulus and exponent, from the one shape PKCS #1 has for 2,048 bits and 65,537.
    fn components(pair: &RsaKeyPair) -> (Vec<u8>, Vec<u8>) {
        let der = pair.public_key().as_ref();
        assert_eq!((der.len(), &der[..9]), (270, &b"\x30\x82\x01\x0a\x02\x82\x01\x01\0"[..]));
        (der[9..265].to_vec(), der[267..].to_vec())
    }

    /// Checks a key with a signature by `sign`, and that one bit of it matters.
    fn assert_verifies(jwk: &Value, algorithm: &str, sign: impl Fn(&[u8]) -> Vec<u8>) {
        let keys = KeySet::with_backend(&jwk.to_string(), Backend::AwsLc).unwrap();
        let header = b64(json!({ "alg": algorithm }).to_string().as_bytes());
        let mut signature = sign(format!("{header}.{}", b64(b"body")).as_bytes());
        let token = format!("{header}..{}", b64(&signature));
        assert_eq!(keys.verify(token.as_bytes(), b"body").unwrap().algorithm(), algorithm);
        signature[7] ^= 1;
        let token = format!("{header}..{}", b64(&signature));
        assert_eq!(keys.verify(token.as_bytes(), b"body").unwrap_err(), SignatureError::Mismatch);
        signature.push(0);
        let token = format!("{header}..{}", b64(&signature));
        assert!(matches!(
            keys.verify(token.as_bytes(), b"body"),
            Err(SignatureError::Malformed(_))
        ));
    }

    #[test]
    fn verifies_es384() {
        let random = SystemRandom::new();
        let pair = EcdsaKeyPair::generate(&ECDSA_P384_SHA384_FIXED_SIGNING).unwrap();
        let point = pair.public_key().as_ref();
        let jwk =
            json!({ "kty": "EC", "crv": "P-384", "x": b64(&point[1..49]), "y": b64(&point[49..]) });
        assert_verifies(&jwk, "ES384", |message| {
            pair.sign(&random, message).unwrap().as_ref().to_vec()
        });
        let swapped = json!({ "kty": "EC", "crv": "P-384", "x": jwk["y"], "y": jwk["x"] });
        assert_eq!(problem(&swapped, Backend::AwsLc), KeyError::Point);
    }

    #[test]
    fn verifies_rsa() {
        let random = SystemRandom::new();
        let pair = RsaKeyPair::generate(KeySize::Rsa2048).unwrap();
        let (n, e) = components(&pair);
        let jwk = |alg: &str| json!({ "kty": "RSA", "alg": alg, "n": b64(&n), "e": b64(&e) });
        let encodings: [(&str, &'static dyn RsaEncoding); 6] = [
            ("RS256", &RSA_PKCS1_SHA256),
            ("RS384", &RSA_PKCS1_SHA384),
            ("RS512", &RSA_PKCS1_SHA512),
            ("PS256", &RSA_PSS_SHA256),
            ("PS384", &RSA_PSS_SHA384),
            ("PS512", &RSA_PSS_SHA512),
        ];
        for (alg, encoding) in encodings {
            assert_verifies(&jwk(alg), alg, |message| {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(encoding, &random, message, &mut signature).unwrap();
                signature
            });
        }
        let mut without = jwk("RS256");
        without.as_object_mut().unwrap().remove("alg");
        assert_eq!(problem(&without, Backend::AwsLc), KeyError::AlgorithmMissing);
        assert_eq!(problem(&jwk("ES256"), Backend::AwsLc), KeyError::Algorithm);
    }

    #[test]
    fn refuses_numbers_that_are_no_safe_rsa_key() {
        let pair = RsaKeyPair::generate(KeySize::Rsa2048).unwrap();
        let (n, _) = components(&pair);
        let assert_refused = |n: &[u8], e: &[u8]| {
            let jwk = json!({ "kty": "RSA", "alg": "RS256", "n": b64(n), "e": b64(e) });
            assert_eq!(problem(&jwk, Backend::AwsLc), KeyError::Rsa);
        };
        let mut even = n.clone();
        *even.last_mut().unwrap() &= 0xfe;
        assert_refused(&even, &[1, 0, 1]);
        assert_refused(&n[..255], &[1, 0, 1]);
        // 2,047 bits in 256 bytes.
        let mut short = n.clone();
        *short.first_mut().unwrap() &= 0x7f;
        assert_refused(&short, &[1, 0, 1]);
        assert_refused(&[&[0], &n[..]].concat(), &[1, 0, 1]);
        assert_refused(&[&n[..], &n, &n, &n, &[1]].concat(), &[1, 0, 1]);
        for e in [&[][..], &[1], &[2], &[1, 0, 0], &[2, 0, 0, 0, 1], &[1; 6]] {
            assert_refused(&n, e);
        }
    }
}
