//! What admitting, receiving, verifying and decoding costs, beside the bare verification by
//! aws-lc-rs in the same run:
//!
//! ```text
//! cargo bench -p topper-core-benchmarks --bench verify                      # in time, in turns
//! cargo bench -p topper-core-benchmarks --bench verify -- --instructions    # needs valgrind
//! ```
//!
//! With `--features back-ends` it measures the other back ends, too. The second ends with 1 when the whole takes over 1.08 times the instructions of the bare one, or the
//! refusal of a malformed header over 0.02 times.

#![expect(clippy::print_stdout, reason = "it reports to the person who runs it")]
#![expect(clippy::unwrap_used, reason = "a benchmark that cannot be set up should stop")]

use std::{hint::black_box, process::ExitCode};

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};
use topper_core::{Backend, Envelope, KeySet, Verifier};
use topper_testkit::TestKey;

mod delivery;
mod measure;

use delivery::{EVENT, Head, event, key, raw};
use measure::{Call, costs};

/// How often each is called; odd, so that the median is one of the times.
const CALLS: usize = 10_001;
const MOST_WHOLE: f64 = 1.08;
const MOST_MALFORMED: f64 = 0.02;

fn main() -> ExitCode {
    let key = key();
    let body = event();
    let token = key.sign(&body);
    let verifier = Verifier::new(&key.public_jwk()).unwrap();
    let keys = KeySet::parse(&key.public_jwk()).unwrap();
    let head = Head { token: token.clone() };
    let (public_key, signing_input, signature) = raw(&key, &token, &body);
    let bare = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, public_key);

    let mut floor = || bare.verify(black_box(&signing_input), black_box(&signature)).unwrap();
    let mut whole = || {
        let mut admitted = verifier.admit(black_box(&head)).unwrap();
        admitted.push(black_box(&body)).unwrap();
        black_box(admitted.verify().unwrap());
    };
    let mut detached = || {
        black_box(keys.verify(token.as_bytes(), black_box(&body)).unwrap());
    };
    let mut decode = || drop(black_box(Envelope::from_json(black_box(&body)).unwrap()));
    let mut others = other_back_ends(&key);
    let mut others: Vec<_> = others
        .iter_mut()
        .map(|(name, keys)| {
            let verify = || {
                black_box(keys.verify(token.as_bytes(), black_box(&body)).unwrap());
            };
            (*name, verify)
        })
        .collect();
    let heads = malformed(&key, &body).map(|(name, token)| (name, Head { token }));
    let mut refusals: Vec<_> = heads
        .iter()
        .map(|(name, head)| {
            (*name, || assert!(black_box(verifier.admit(black_box(head))).is_err()))
        })
        .collect();
    let mut calls: Vec<Call<'_>> = vec![
        ("bare aws-lc-rs verification", &mut floor),
        ("admit, push, verify and decode", &mut whole),
        ("detached verification", &mut detached),
        ("decoding", &mut decode),
    ];
    calls.extend(refusals.iter_mut().map(|(name, call)| (*name, call as &mut dyn FnMut())));
    calls.extend(others.iter_mut().map(|(name, call)| (*name, call as &mut dyn FnMut())));

    println!("{} bytes of {}, and the refusal of malformed headers", body.len(), EVENT);
    let Some(costs) = costs::<CALLS>(&mut calls) else { return ExitCode::SUCCESS };
    let [_, whole, _, _, refusals @ ..] = costs.ratios.as_slice() else { unreachable!() };
    let refusals = refusals.get(..heads.len()).unwrap();
    costs.at_most(&[
        ("the whole", *whole, MOST_WHOLE),
        ("a refusal", refusals.iter().copied().fold(0.0, f64::max), MOST_MALFORMED),
    ])
}

/// The keys of the back ends that are used only where `aws-lc` is not.
fn other_back_ends(key: &TestKey) -> Vec<(&'static str, KeySet)> {
    #[cfg(feature = "back-ends")]
    let others = [
        ("detached verification, graviola", Backend::Graviola),
        ("detached verification, rust-crypto", Backend::RustCrypto),
    ];
    #[cfg(not(feature = "back-ends"))]
    let others: [(&str, Backend); 0] = [];
    let keys = |it| KeySet::parse_with(&key.public_jwk(), it).unwrap();
    others.into_iter().map(|(name, back_end)| (name, keys(back_end))).collect()
}

/// Headers that are refused before anything is verified.
fn malformed(key: &TestKey, body: &[u8]) -> [(&'static str, String); 9] {
    let token = key.sign(body);
    [
        ("refusing an attached payload", token.replacen("..", ".e30.", 1)),
        ("refusing padding", format!("{token}==")),
        ("refusing alg none", key.sign_with_header(r#"{"alg":"none"}"#, body)),
        ("refusing alg HS256", key.sign_with_header(r#"{"alg":"HS256","typ":"JWT"}"#, body)),
        ("refusing crit", key.sign_with_header(r#"{"alg":"ES256","crit":["exp"]}"#, body)),
        (
            "refusing a duplicate member",
            key.sign_with_header(r#"{"alg":"ES256","alg":"ES256"}"#, body),
        ),
        ("refusing a short signature", token.chars().take(token.len() - 4).collect()),
        ("refusing 8 KiB without dots", "A".repeat(8192)),
        ("refusing over 8 KiB", "A".repeat(8193)),
    ]
}
