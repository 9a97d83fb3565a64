//! What admitting, receiving, verifying and decoding costs, beside the bare verification by
//! aws-lc-rs in the same run, in turns: `cargo bench -p topper-core`.
//!
//! Ends with 1 when the ratio of the medians is over 1.08 in each of three rounds, since what else the
//! machine does can only add to it, or when a malformed header takes over 3 us.

#![expect(clippy::print_stdout, reason = "it reports to the person who runs it")]
#![expect(clippy::unwrap_used, reason = "a benchmark that cannot be set up should stop")]

use std::{hint::black_box, process::ExitCode, time::Duration};

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};
use topper_core::{Envelope, EventName, KeySet, Verifier};
use topper_testkit::{EventBuilder, TestKey};

mod delivery;
mod measure;

use delivery::{Head, raw};
use measure::medians;

/// How often each is called; odd, so that the median is one of the times.
const CALLS: usize = 10_001;
const MOST_RATIO: f64 = 1.08;
const ROUNDS: usize = 3;
const MOST_MALFORMED: Duration = Duration::from_micros(3);

fn main() -> ExitCode {
    let key = TestKey::generate();
    let body = EventBuilder::new(EventName::OrderCryptoOnrampCompleted).to_json();
    println!(
        "{} bytes of {}, the median of {CALLS} calls of each, in turns",
        body.len(),
        EventName::OrderCryptoOnrampCompleted
    );

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
    let mut is_within = false;
    for _ in 0..ROUNDS {
        let [floor, whole, detached, decode] =
            medians::<CALLS, _>([&mut floor, &mut whole, &mut detached, &mut decode]);
        let ratio = |time: Duration| time.as_secs_f64() / floor.as_secs_f64();
        for (what, time) in [
            ("bare aws-lc-rs verification", floor),
            ("detached verification", detached),
            ("admit, push, verify and decode", whole),
            ("  of which decoding", decode),
        ] {
            println!("{what:<31} {time:>10.2?}   {:.3}", ratio(time));
        }
        is_within = ratio(whole) <= MOST_RATIO;
        println!("the whole is at most {MOST_RATIO:.2} times the bare: {is_within}");
        if is_within {
            break;
        }
    }

    let slowest = malformed(&key, &body).into_iter().map(|(name, token)| {
        let head = Head { token };
        let [time] = medians::<CALLS, _>([&mut || {
            assert!(black_box(verifier.admit(black_box(&head))).is_err())
        }]);
        println!("refusing {name:<22} {time:>10.2?}");
        time
    });
    let slowest = slowest.max().unwrap();
    println!(
        "slowest refusal                 {slowest:>10.2?}           (at most {MOST_MALFORMED:?})"
    );
    if is_within && slowest <= MOST_MALFORMED { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn malformed(key: &TestKey, body: &[u8]) -> Vec<(&'static str, String)> {
    let token = key.sign(body);
    vec![
        ("an attached payload", token.replacen("..", ".e30.", 1)),
        ("padding", format!("{token}==")),
        ("alg none", key.sign_with_header(r#"{"alg":"none"}"#, body)),
        ("alg HS256", key.sign_with_header(r#"{"alg":"HS256","typ":"JWT"}"#, body)),
        ("crit", key.sign_with_header(r#"{"alg":"ES256","crit":["exp"]}"#, body)),
        ("a duplicate member", key.sign_with_header(r#"{"alg":"ES256","alg":"ES256"}"#, body)),
        ("a short signature", token.chars().take(token.len() - 4).collect()),
        ("8 KiB without dots", "A".repeat(8192)),
        ("over 8 KiB", "A".repeat(8193)),
    ]
}
