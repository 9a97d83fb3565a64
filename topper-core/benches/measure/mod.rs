//! What the benchmarks share: medians, and a delivery with its bare verification.

use std::{
    net::IpAddr,
    time::{Duration, Instant},
};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::Value;
use topper_core::{RequestHead, protocol::SIGNATURE_HEADER};
use topper_testkit::TestKey;

/// The median time of one call of each. Called in turns, so that they share the machine's moods, and
/// timed one by one, so that what interrupts the program now and then is none of the medians.
pub(crate) fn medians<const CALLS: usize, const N: usize>(
    mut calls: [&mut dyn FnMut(); N],
) -> [Duration; N] {
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
pub(crate) fn raw(key: &TestKey, token: &str, body: &[u8]) -> (Vec<u8>, Vec<u8>, Vec<u8>) {
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

pub(crate) struct Head {
    pub(crate) token: String,
}

impl RequestHead for Head {
    fn peer(&self) -> Option<IpAddr> {
        Some(IpAddr::from([35, 188, 196, 183]))
    }

    fn header<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> {
        (name == SIGNATURE_HEADER).then_some(self.token.as_bytes()).into_iter()
    }
}
