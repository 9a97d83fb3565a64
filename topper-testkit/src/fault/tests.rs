use std::collections::BTreeSet;

use topper_core::{EventName, Verifier, reason::JwsError};

use super::{Fault, FaultKind, Genuine};
use crate::{EventBuilder, TestKey};

fn body() -> Vec<u8> {
    EventBuilder::new(EventName::OrderCryptoOnrampCompleted).to_json()
}

#[test]
fn breaks_what_would_be_genuine() {
    // Another key signs another way: what holds for one signature may not hold for the next.
    for _ in 0..8 {
        let key = TestKey::generate();
        let verifier = Verifier::builder()
            .public_key(&key.public_jwk())
            .retry_while_unproven(false)
            .build()
            .unwrap();
        let body = body();
        Genuine::new(&key, &body).delivery().verify(&verifier).unwrap();
        for fault in Fault::all() {
            let error = fault.forge(&key, &body).verify(&verifier).unwrap_err();
            assert_eq!(error.reply(), fault.reply(), "{fault}: {error:?}");
        }
    }
}

#[test]
fn has_a_fault_for_every_reason_a_token_is_malformed() {
    use JwsError::*;
    let key = TestKey::generate();
    let verifier = Verifier::new(&key.public_jwk()).unwrap();
    let reasons: Vec<_> = Fault::all()
        .filter_map(|fault| match fault.forge(&key, &body()).verify(&verifier).unwrap_err() {
            topper_core::Error::SignatureMalformed(reason) => Some(reason),
            _ => None,
        })
        .collect();
    for reason in [
        Repeated,
        TooLong,
        Shape,
        Base64,
        Header,
        DuplicateMember,
        Extension,
        Algorithm,
        SignatureLength,
    ] {
        assert!(reasons.contains(&reason), "{reason:?}");
    }
}

#[test]
fn names_every_fault_once() {
    let names: BTreeSet<_> = Fault::all().map(|fault| fault.name()).collect();
    assert_eq!(names.len(), Fault::all().count());
    assert_eq!(Fault::named("alg_none").unwrap().name(), "alg_none");
    assert!(Fault::named("nothing").is_none());
}

#[test]
fn has_faults_of_every_kind() {
    for &kind in FaultKind::ALL {
        assert!(Fault::all().any(|fault| fault.kind() == kind), "{kind:?}");
    }
}

#[test]
fn leaves_key_and_body_right_where_only_the_token_is_odd() {
    let (key, body) = (TestKey::generate(), body());
    for fault in Fault::all().filter(|fault| fault.kind() == FaultKind::OddToken) {
        assert_eq!(fault.forge(&key, &body).body, body, "{fault}");
    }
}
