//! What metrics cost a delivery, in turns in the same run:
//! `cargo bench -p topper-core --features metrics --bench metrics`.
//!
//! A delivery is admitted, verified, handed to a handler that does nothing, and answered. Once nothing
//! records, once a Prometheus recorder does. Ends with 1 when the recorder adds over 2 % in each of three
//! rounds, or when a delivery that nothing records costs over 1.10 times the bare verification.

#![expect(clippy::print_stdout, reason = "it reports to the person who runs it")]
#![expect(clippy::unwrap_used, reason = "a benchmark that cannot be set up should stop")]

use std::{
    hint::black_box,
    pin::pin,
    process::ExitCode,
    task::{Context, Poll, Waker},
};

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};
use metrics_exporter_prometheus::PrometheusBuilder;
use topper_core::{EventName, Outcome, Reply, Verifier, metrics::DURATION_BUCKETS};
use topper_testkit::{EventBuilder, TestKey};

mod delivery;
mod measure;

use delivery::{Head, raw};
use measure::medians;

/// How often each is called; odd, so that the median is one of the times.
const CALLS: usize = 20_001;
const ROUNDS: usize = 3;
const MOST_RECORDED: f64 = 1.02;
const MOST_UNRECORDED: f64 = 1.10;

fn main() -> ExitCode {
    let key = TestKey::generate();
    let body = EventBuilder::new(EventName::OrderCryptoOnrampCompleted).to_json();
    let head = Head { token: key.sign(&body) };
    let (public_key, signing_input, signature) = raw(&key, &head.token, &body);
    let bare = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, public_key);
    let recorder = PrometheusBuilder::new().set_buckets(DURATION_BUCKETS).unwrap().build_recorder();
    let verifier = Verifier::new(&key.public_jwk()).unwrap();
    let delivery = || {
        let mut admitted = verifier.admit(black_box(&head)).unwrap();
        admitted.push(black_box(&body)).unwrap();
        let webhook = admitted.verify().unwrap();
        let handled = pin!(webhook.handle(async |_| Ok(Outcome::Processed)));
        let polled = handled.poll(&mut Context::from_waker(Waker::noop()));
        assert!(matches!(polled, Poll::Ready(Reply::Processed)));
    };
    let mut is_within = false;
    for _ in 0..ROUNDS {
        let [floor, unrecorded, recorded] = medians::<CALLS, _>([
            &mut || bare.verify(black_box(&signing_input), black_box(&signature)).unwrap(),
            &mut || delivery(),
            &mut || metrics::with_local_recorder(&recorder, delivery),
        ]);
        let of_bare = unrecorded.as_secs_f64() / floor.as_secs_f64();
        let of_unrecorded = recorded.as_secs_f64() / unrecorded.as_secs_f64();
        println!("bare aws-lc-rs verification   {floor:>10.2?}");
        println!("a delivery, nothing records   {unrecorded:>10.2?}   {of_bare:.3} of the bare");
        println!("a delivery, Prometheus does   {recorded:>10.2?}   {of_unrecorded:.3} of that");
        is_within = of_bare <= MOST_UNRECORDED && of_unrecorded <= MOST_RECORDED;
        println!("at most {MOST_UNRECORDED:.2} and {MOST_RECORDED:.2}: {is_within}");
        if is_within {
            break;
        }
    }
    let rendered = recorder.handle().render();
    assert!(rendered.contains("topper_deliveries_total{"), "nothing was recorded: {rendered}");
    if is_within { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
