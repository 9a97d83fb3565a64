//! What metrics cost a delivery:
//!
//! ```text
//! cargo bench -p topper-core-benchmarks --bench metrics                      # in time, in turns
//! cargo bench -p topper-core-benchmarks --bench metrics -- --instructions    # needs valgrind
//! ```
//!
//! A delivery is admitted, verified, handed to a handler that does nothing, and answered. Once nothing
//! records, once a Prometheus recorder does. The second command ends with 1 when a delivery that nothing
//! records takes over 1.08 times the instructions of the bare verification, or the recorder adds over 2 %.

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
use topper_core::{Outcome, Reply, Verifier, metrics::DURATION_BUCKETS};

mod delivery;
mod measure;

use delivery::{Head, event, key, raw};
use measure::{Call, costs};

/// How often each is called; odd, so that the median is one of the times.
const CALLS: usize = 20_001;
const MOST_RECORDED: f64 = 1.02;
const MOST_UNRECORDED: f64 = 1.08;

fn main() -> ExitCode {
    let key = key();
    let body = event();
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
    let mut floor = || bare.verify(black_box(&signing_input), black_box(&signature)).unwrap();
    let mut unrecorded = || delivery();
    let mut recorded = || metrics::with_local_recorder(&recorder, delivery);
    recorded();
    let rendered = recorder.handle().render();
    assert!(rendered.contains("topper_deliveries_total{"), "nothing was recorded: {rendered}");
    let mut calls: [Call<'_>; 3] = [
        ("bare aws-lc-rs verification", &mut floor),
        ("a delivery, nothing records", &mut unrecorded),
        ("a delivery, Prometheus does", &mut recorded),
    ];
    let Some(costs) = costs::<CALLS>(&mut calls) else { return ExitCode::SUCCESS };
    let [_, unrecorded, recorded] = costs.ratios.as_slice() else { unreachable!() };
    costs.at_most(&[
        ("nothing records, of the bare one", *unrecorded, MOST_UNRECORDED),
        ("Prometheus does, of that", recorded / unrecorded, MOST_RECORDED),
    ])
}
