//! While a key is unproven, a signature that does not match is retried; keys that are replaced.

use topper_core::{Error, KeySet, Reply, Verifier, reason::JwsError};
use topper_testkit::{Delivery, TestKey};

use crate::{builder, event, handler::logged, proven};

fn both(one: &TestKey, other: &TestKey) -> KeySet {
    KeySet::parse(&TestKey::public_jwk_set([one, other])).unwrap()
}

/// What a delivery of a key that is not configured is refused with.
fn forged(verifier: &Verifier) -> Error {
    Delivery::signed(&TestKey::generate(), event()).verify(verifier).unwrap_err()
}

fn accepts(verifier: &Verifier, key: &TestKey) {
    let webhook = Delivery::signed(key, event()).verify(verifier).unwrap();
    assert_eq!(webhook.key().id(), key.key_id());
}

#[test]
fn retries_what_does_not_match_until_a_key_has_matched() {
    let (key, other) = (TestKey::generate(), TestKey::generate());
    let verifier = builder(&key).build().unwrap();
    let (genuine, forged) = (Delivery::signed(&key, event()), Delivery::signed(&other, event()));
    assert_eq!(forged.verify(&verifier).unwrap_err(), Error::KeyUnproven);
    // Shape is refused for good all the same.
    let malformed = forged.clone().with_signature("x");
    assert_eq!(malformed.verify(&verifier).unwrap_err().reply(), Reply::SignatureMalformed);
    genuine.verify(&verifier).unwrap();
    assert_eq!(forged.verify(&verifier).unwrap_err(), Error::SignatureInvalid);
    assert_eq!(forged.verify(&verifier.clone()).unwrap_err(), Error::SignatureInvalid);
}

#[test]
fn retries_a_token_of_another_algorithm_until_a_key_has_matched() {
    let key = TestKey::generate();
    let genuine = Delivery::signed(&key, event());
    let claims = |alg: &str| {
        let token = key.sign_with_header(format!(r#"{{"alg":"{alg}"}}"#), &genuine.body);
        genuine.clone().with_signature(token)
    };
    let verifier = builder(&key).build().unwrap();
    let others = ["ES384", "ES512", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "EdDSA"];
    for alg in others {
        assert_eq!(claims(alg).verify(&verifier).unwrap_err(), Error::KeyUnproven, "{alg}");
    }
    // What no public key verifies is a forgery from the start.
    let malformed = Error::SignatureMalformed(JwsError::Algorithm);
    for alg in ["none", "HS256", "HS384", "HS512", "es256", ""] {
        assert_eq!(claims(alg).verify(&verifier).unwrap_err(), malformed, "{alg}");
    }
    let at_once = builder(&key).retry_while_unproven(false).build().unwrap();
    for verifier in [at_once, proven(&key)] {
        for alg in others {
            let malformed = Error::SignatureMalformed(JwsError::OtherAlgorithm);
            assert_eq!(claims(alg).verify(&verifier).unwrap_err(), malformed, "{alg}");
        }
    }
}

#[test]
fn proves_a_key_even_by_an_event_that_cannot_be_read() {
    let key = TestKey::generate();
    let verifier = builder(&key).build().unwrap();
    assert_eq!(
        Delivery::signed(&key, "[]").verify(&verifier).unwrap_err().reply(),
        Reply::EventUnreadable
    );
    let forged = Delivery::signed(&TestKey::generate(), event());
    assert_eq!(forged.verify(&verifier).unwrap_err(), Error::SignatureInvalid);
}

#[test]
fn refuses_from_the_first_when_told_so() {
    let verifier = builder(&TestKey::generate()).retry_while_unproven(false).build().unwrap();
    let forged = Delivery::signed(&TestKey::generate(), event());
    assert_eq!(forged.verify(&verifier).unwrap_err(), Error::SignatureInvalid);
}

#[test]
fn replaces_keys_at_run_time() {
    let (old, new, other) = (TestKey::generate(), TestKey::generate(), TestKey::generate());
    let verifier = proven(&old);
    let clone = verifier.clone();
    let admitted_before = verifier.admit(&Delivery::signed(&old, event()));

    clone.replace_keys(KeySet::parse(&TestKey::public_jwk_set([&old, &new])).unwrap());
    assert_eq!(
        Delivery::signed(&other, event()).verify(&verifier).unwrap_err(),
        Error::KeyUnproven
    );
    for key in [&old, &new] {
        assert_eq!(
            Delivery::signed(key, event()).verify(&verifier).unwrap().key().id(),
            key.key_id()
        );
    }
    verifier.replace_keys(KeySet::parse(&new.public_jwk()).unwrap());
    assert_eq!(verifier.keys().iter().next().unwrap().id(), new.key_id());
    Delivery::signed(&new, event()).verify(&verifier).unwrap();
    let error = Delivery::signed(&old, event()).verify(&verifier).unwrap_err();
    assert_eq!(error, Error::SignatureInvalid);

    // What was let in with the old keys is verified with them.
    let mut admitted = admitted_before.unwrap();
    admitted.push(b"{}").unwrap();
    assert_eq!(admitted.verify().unwrap_err(), Error::SignatureInvalid);
}

#[test]
fn retries_until_each_key_of_a_set_has_matched() {
    let (old, wrong, new) = (TestKey::generate(), TestKey::generate(), TestKey::generate());
    let verifier = Verifier::builder().keys(both(&old, &wrong)).build().unwrap();
    accepts(&verifier, &old);
    // Topper switches, and the new key turns out to be the wrong one: nothing is lost.
    let delivery = Delivery::signed(&new, event());
    assert_eq!(delivery.verify(&verifier).unwrap_err().reply(), Reply::KeyUnproven);
    verifier.replace_keys(both(&old, &new));
    delivery.verify(&verifier).unwrap();
    assert_eq!(forged(&verifier), Error::SignatureInvalid);
}

#[test]
fn keeps_the_proof_of_a_key_that_stays() {
    let (old, new) = (TestKey::generate(), TestKey::generate());
    let verifier = proven(&old);
    verifier.replace_keys(both(&new, &old));
    assert_eq!(forged(&verifier), Error::KeyUnproven);
    accepts(&verifier, &new);
    assert_eq!(forged(&verifier), Error::SignatureInvalid);
    verifier.replace_keys(KeySet::parse(&new.public_jwk()).unwrap());
    assert_eq!(forged(&verifier), Error::SignatureInvalid);
    // One that comes back starts again.
    verifier.replace_keys(both(&new, &old));
    assert_eq!(forged(&verifier), Error::KeyUnproven);
}

#[test]
fn knows_a_key_again_by_its_thumbprint_and_not_by_its_kid() {
    let (old, other) = (TestKey::generate(), TestKey::generate());
    let verifier = proven(&old);
    let jwk = |key: &TestKey, kid| {
        let mut jwk: serde_json::Value = serde_json::from_str(&key.public_jwk()).unwrap();
        jwk["kid"] = kid;
        KeySet::parse(&jwk.to_string()).unwrap()
    };
    verifier.replace_keys(jwk(&old, serde_json::Value::Null));
    assert_eq!(forged(&verifier), Error::SignatureInvalid);
    verifier.replace_keys(jwk(&other, old.key_id().into()));
    assert_eq!(forged(&verifier), Error::KeyUnproven);
}

#[test]
fn counts_a_key_that_is_in_the_set_twice_once() {
    let key = TestKey::generate();
    let verifier = Verifier::builder().keys(both(&key, &key)).build().unwrap();
    accepts(&verifier, &key);
    assert_eq!(forged(&verifier), Error::SignatureInvalid);
}

#[test]
fn proves_a_key_by_a_delivery_that_was_admitted_before_a_replacement() {
    let (old, new) = (TestKey::generate(), TestKey::generate());
    let verifier = Verifier::builder().keys(both(&old, &new)).build().unwrap();
    let delivery = Delivery::signed(&new, event());
    let mut admitted = verifier.admit(&delivery).unwrap();
    verifier.replace_keys(KeySet::parse(&new.public_jwk()).unwrap());
    admitted.push(&delivery.body).unwrap();
    admitted.verify().unwrap();
    assert_eq!(forged(&verifier), Error::SignatureInvalid);
}

#[test]
fn proves_a_key_for_one_verifier_and_not_for_another() {
    let key = TestKey::generate();
    let keys = KeySet::parse(&key.public_jwk()).unwrap();
    let [first, second] =
        [(), ()].map(|()| Verifier::builder().keys(keys.clone()).build().unwrap());
    accepts(&first, &key);
    assert_eq!(forged(&first), Error::SignatureInvalid);
    assert_eq!(forged(&second), Error::KeyUnproven);
}

#[test]
fn logs_the_keys_that_are_unproven_as_an_error() {
    let (old, new) = (TestKey::generate(), TestKey::generate());
    let verifier = Verifier::builder().keys(both(&old, &new)).build().unwrap();
    let keys = verifier.keys();
    let names: Vec<String> = keys
        .iter()
        .map(|key| format!("kid {}, thumbprint {}", key.kid().unwrap(), key.thumbprint()))
        .collect();
    let logged = || logged(|| assert!(forged(&verifier).reply().status() >= 400));
    let text = logged();
    let expected = format!("unproven={}; {} ", names[0], names[1]);
    assert!(text.contains("ERROR") && text.contains(&expected), "{expected} is not in {text}");
    assert!(text.contains("outcome=\"key_unproven\" status=503 retried=true"), "{text}");
    accepts(&verifier, &old);
    let text = logged();
    assert!(text.contains(&format!("unproven={} ", names[1])), "{text}");
    accepts(&verifier, &new);
    let text = logged();
    assert!(text.contains("WARN") && !text.contains("unproven"), "{text}");
}
