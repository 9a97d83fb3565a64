//! Signatures by the vectors of project Wycheproof, whose messages are no JWS signing inputs: they
//! enter where a signing input is made already.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use wycheproof::{TestResult, ecdsa};

use super::KeySet;
use crate::Backend;

fn backends() -> Vec<Backend> {
    vec![
        #[cfg(feature = "aws-lc")]
        Backend::AwsLc,
        #[cfg(feature = "graviola")]
        Backend::Graviola,
        #[cfg(feature = "rust-crypto")]
        Backend::RustCrypto,
    ]
}

fn key_set(point: &[u8], backend: Backend) -> KeySet {
    assert_eq!((point.len(), point[0]), (65, 4));
    let jwk = serde_json::json!({
        "kty": "EC",
        "crv": "P-256",
        "x": URL_SAFE_NO_PAD.encode(&point[1..33]),
        "y": URL_SAFE_NO_PAD.encode(&point[33..]),
    });
    KeySet::parse_with(&jwk.to_string(), backend).unwrap()
}

/// How many vectors there are, and how many of them verify.
fn run(name: ecdsa::TestName, expected: impl Fn(&ecdsa::Test) -> bool) -> (usize, usize) {
    let set = ecdsa::TestSet::load(name).unwrap();
    let (mut count, mut accepted) = (0, 0);
    for backend in backends() {
        (count, accepted) = (0, 0);
        for group in &set.test_groups {
            let keys = key_set(&group.key.key, backend);
            for test in &group.tests {
                let verifies = keys.keys[0].verify(&test.msg, &test.sig.to_vec());
                assert_eq!(
                    verifies,
                    expected(test),
                    "{backend:?} {name:?} {}: {}",
                    test.tc_id,
                    test.comment
                );
                count += 1;
                accepted += usize::from(verifies);
            }
        }
    }
    (count, accepted)
}

#[test]
fn decides_every_p1363_vector_as_wycheproof_does() {
    let (count, accepted) =
        run(ecdsa::TestName::EcdsaSecp256r1Sha256P1363, |test| test.result == TestResult::Valid);
    assert_eq!(count, 262);
    assert!((1..count).contains(&accepted));
}

#[test]
fn refuses_every_der_vector_valid_or_not() {
    assert_eq!(run(ecdsa::TestName::EcdsaSecp256r1Sha256, |_| false), (484, 0));
}
