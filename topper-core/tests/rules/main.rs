//! Every rule of verification and every decision on a status, through the public API.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    reason = "tests stop at what should not happen"
)]

mod environment;
mod handler;
mod kept;
mod key;
#[cfg(feature = "aws-lc")]
mod key_algorithm;
mod key_file;
mod key_jwk;
mod key_set;
mod key_text;
mod log;
mod order;
mod order_view;
mod proof;
mod reply;
mod request;
mod signature;
mod source;
mod source_log;
mod vectors;

use topper_core::{Backend, EventName, Verifier, VerifierBuilder};
use topper_testkit::{Delivery, EventBuilder, TestKey};

/// The back ends that are on.
fn backends() -> Vec<Backend> {
    vec![
        #[cfg(feature = "aws-lc")]
        Backend::AwsLc,
        #[cfg(feature = "graviola")]
        Backend::Graviola,
        #[cfg(feature = "rust-crypto")]
        Backend::RustCrypto,
    ]
}

fn offers(backend: Backend, alg: &str) -> bool {
    match backend {
        #[cfg(feature = "aws-lc")]
        Backend::AwsLc => {
            ["ES256", "ES384", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512"].contains(&alg)
        }
        #[cfg(feature = "graviola")]
        Backend::Graviola => ["ES256", "ES384"].contains(&alg),
        _ => alg == "ES256",
    }
}

fn event() -> Vec<u8> {
    EventBuilder::new(EventName::OrderCryptoOnrampCompleted).to_json()
}

fn builder(key: &TestKey) -> VerifierBuilder {
    Verifier::builder().public_key(&key.public_jwk())
}

/// A verifier whose key has verified something, so that what does not match is refused for good.
fn proven(key: &TestKey) -> Verifier {
    let verifier = builder(key).build().unwrap();
    Delivery::signed(key, event()).verify(&verifier).unwrap();
    verifier
}
