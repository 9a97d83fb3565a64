//! Signature vectors in JSON Lines: those of the documentation, and others where a checkout has them
//! beside it.

use std::fs;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::Value;
use topper_core::KeySet;

use crate::{backends, offers};

/// Ours, which everybody has.
const OURS: &str = include_str!("../../../docs/vectors/signatures.jsonl");
/// Those of others, in the same format.
const FILE: &str =
    concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/vectors/wycheproof_jws.jsonl");

#[test]
fn decides_every_vector_of_the_documentation_as_expected() {
    assert!(OURS.lines().count() > 100);
    decide(OURS);
}

#[test]
fn decides_every_vector_beside_the_checkout_as_expected() {
    let Ok(text) = fs::read_to_string(FILE) else {
        println!("skipped: no vectors beside this checkout");
        return;
    };
    decide(&text);
}

fn decide(text: &str) {
    for backend in backends() {
        let (mut accepted, mut refused, mut not_offered, mut debatable) = (0, 0, 0, 0);
        for line in text.lines() {
            let vector: Value = serde_json::from_str(line).unwrap();
            let body = STANDARD.decode(vector["body_b64"].as_str().unwrap()).unwrap();
            let token = vector["jws"].as_str().unwrap();
            let keys = KeySet::parse_with(&vector["key_jwk"].to_string(), backend);
            let verifies =
                keys.as_ref().is_ok_and(|keys| keys.verify(token.as_bytes(), &body).is_ok());
            let accept = vector["expect"] == "accept";
            if verifies == accept {
                *if accept { &mut accepted } else { &mut refused } += 1;
            } else if !vector["debatable"].is_null() {
                debatable += 1;
            } else {
                // An algorithm that is not offered must be refused at start.
                assert!(accept && keys.is_err(), "{backend:?} {}: {}", vector["id"], vector["why"]);
                let alg = vector["alg"].as_str().unwrap();
                assert!(!offers(backend, alg), "{backend:?} {}: {alg}", vector["id"]);
                not_offered += 1;
            }
        }
        println!(
            "{backend:?}: {accepted} accepted, {refused} refused, {not_offered} not offered, {debatable} debatable"
        );
        assert_eq!(accepted + refused + not_offered + debatable, text.lines().count());
    }
}
