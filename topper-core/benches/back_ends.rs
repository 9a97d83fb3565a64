//! What one delivery costs with each back end, in turns in the same run:
//! `cargo bench -p topper-core --all-features --bench back_ends`.

#![expect(clippy::print_stdout, reason = "it reports to the person who runs it")]
#![expect(clippy::unwrap_used, reason = "a benchmark that cannot be set up should stop")]

use std::hint::black_box;

use topper_core::{Backend, EventName, KeySet};
use topper_testkit::{EventBuilder, TestKey};

mod measure;

use measure::medians;

/// How often each is called; odd, so that the median is one of the times.
const CALLS: usize = 10_001;
const BACK_ENDS: [Backend; 3] = [Backend::AwsLc, Backend::Graviola, Backend::RustCrypto];

fn main() {
    let key = TestKey::generate();
    let body = EventBuilder::new(EventName::OrderCryptoOnrampCompleted).to_json();
    let token = key.sign(&body);
    let keys = BACK_ENDS.map(|it| KeySet::parse_with(&key.public_jwk(), it).unwrap());
    let verify = |keys: &KeySet| {
        black_box(keys.verify(token.as_bytes(), black_box(&body)).unwrap());
    };
    let [aws_lc, graviola, rust_crypto] = &keys;
    println!("the median of {CALLS} signatures over {} bytes, in turns", body.len());
    let medians =
        medians::<CALLS, _>([&mut || verify(aws_lc), &mut || verify(graviola), &mut || {
            verify(rust_crypto)
        }]);
    let [floor, ..] = medians;
    for (back_end, time) in BACK_ENDS.into_iter().zip(medians) {
        let ratio = time.as_secs_f64() / floor.as_secs_f64();
        println!("{:<12} {time:>10.2?}   {ratio:.3}", format!("{back_end:?}"));
    }
}
