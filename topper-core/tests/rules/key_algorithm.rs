//! Keys of other algorithms than Topper's, most of which only aws-lc verifies.

use aws_lc_rs::{rand::SystemRandom, rsa::KeySize, signature::*};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use topper_core::{Backend, KeySet, SignatureError, reason::KeyError};

use crate::{backends, key::problem, key_jwk::assert_written_again, offers};

fn b64(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Modulus and exponent, from the one shape PKCS #1 has for 2,048 bits and 65,537.
fn components(pair: &RsaKeyPair) -> (Vec<u8>, Vec<u8>) {
    let der = pair.public_key().as_ref();
    assert_eq!((der.len(), &der[..9]), (270, &b"\x30\x82\x01\x0a\x02\x82\x01\x01\0"[..]));
    (der[9..265].to_vec(), der[267..].to_vec())
}

/// Checks a key with a signature by `sign`, by each back end that offers its algorithm.
fn assert_verifies(jwk: &Value, algorithm: &str, sign: impl Fn(&[u8]) -> Vec<u8>) {
    for backend in backends().into_iter().filter(|backend| offers(*backend, algorithm)) {
        assert_verifies_with(backend, jwk, algorithm, &sign);
    }
}

/// Checks that one bit of the signature matters, too.
fn assert_verifies_with(
    backend: Backend,
    jwk: &Value,
    algorithm: &str,
    sign: impl Fn(&[u8]) -> Vec<u8>,
) {
    let keys = KeySet::parse_with(&jwk.to_string(), backend).unwrap();
    let header = b64(json!({ "alg": algorithm }).to_string().as_bytes());
    let mut signature = sign(format!("{header}.{}", b64(b"body")).as_bytes());
    let token = format!("{header}..{}", b64(&signature));
    assert_eq!(keys.verify(token.as_bytes(), b"body").unwrap().algorithm(), algorithm);
    let written = assert_written_again(&keys, backend);
    assert_eq!(written.verify(token.as_bytes(), b"body").unwrap().algorithm(), algorithm);
    signature[7] ^= 1;
    let token = format!("{header}..{}", b64(&signature));
    assert_eq!(keys.verify(token.as_bytes(), b"body").unwrap_err(), SignatureError::Mismatch);
    signature.push(0);
    let token = format!("{header}..{}", b64(&signature));
    assert!(matches!(keys.verify(token.as_bytes(), b"body"), Err(SignatureError::Malformed(_))));
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
    for backend in backends().into_iter().filter(|backend| offers(*backend, "ES384")) {
        assert_eq!(problem(&swapped, backend), KeyError::Point);
    }
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
