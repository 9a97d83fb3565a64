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
    net::IpAddr,
    pin::pin,
    process::ExitCode,
    task::{Context, Poll, Waker},
    time::{Duration, Instant},
};

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use metrics_exporter_prometheus::PrometheusBuilder;
use serde_json::Value;
use topper_core::{
    EventName, Outcome, Reply, RequestHead, Verifier, metrics::DURATION_BUCKETS,
    protocol::SIGNATURE_HEADER,
};
use topper_testkit::{EventBuilder, TestKey};

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
        let [floor, unrecorded, recorded] = medians([
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

/// The median time of one call of each, called in turns.
fn medians<const N: usize>(mut calls: [&mut dyn FnMut(); N]) -> [Duration; N] {
    let mut times = [const { Vec::new() }; N];
    for _ in 0..CALLS {
        for (call, times) in calls.iter_mut().zip(&mut times) {
            let started = Instant::now();
            call();
            times.push(started.elapsed());
        }
    }
    times.map(|mut times| {
        times.sort_unstable();
        times.get(CALLS / 2).copied().unwrap()
    })
}

/// Public key, signing input and signature as aws-lc-rs takes them.
fn raw(key: &TestKey, token: &str, body: &[u8]) -> (Vec<u8>, Vec<u8>, Vec<u8>) {
    let jwk: Value = serde_json::from_str(&key.public_jwk()).unwrap();
    let decode = |text: &str| URL_SAFE_NO_PAD.decode(text).unwrap();
    let coordinate = |name| decode(jwk.get(name).and_then(Value::as_str).unwrap());
    let (header, signature) = token.split_once("..").unwrap();
    let signing_input = format!("{header}.{}", URL_SAFE_NO_PAD.encode(body));
    (
        [vec![4], coordinate("x"), coordinate("y")].concat(),
        signing_input.into_bytes(),
        decode(signature),
    )
}

struct Head {
    token: String,
}

impl RequestHead for Head {
    fn peer(&self) -> Option<IpAddr> {
        Some(IpAddr::from([35, 188, 196, 183]))
    }

    fn header<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> {
        (name == SIGNATURE_HEADER).then_some(self.token.as_bytes()).into_iter()
    }
}
