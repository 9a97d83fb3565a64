//! Receives Topper's webhooks, whatever the web framework: verifies their signatures, decodes their
//! events, and decides what to answer.
//!
//! ```
//! use topper_core::{Error, Event, Head, Outcome, Reply, Retry, Verifier, Webhook};
//!
//! /// A request of any framework: its headers, and its body as received.
//! async fn receive(verifier: &Verifier, headers: &[(String, String)], body: &[u8]) -> Reply {
//!     match verifier.verify(&Head::new(None, headers), body) {
//!         Ok(webhook) => webhook.handle(process).await,
//!         Err(error) => error.reply(),
//!     }
//! }
//!
//! /// Any error (`?`) makes Topper send the event again.
//! async fn process(webhook: Webhook) -> Result<Outcome, Retry> {
//!     match webhook.event()? {
//!         Event::OrderCryptoOnrampCompleted(order) => {
//!             println!("{} {}", order.destination.amount.as_str(), order.destination.asset);
//!             Ok(Outcome::Processed)
//!         }
//!         _ => Ok(Outcome::Ignored),
//!     }
//! }
//! ```
//!
//! Most programs depend on the crate `topper`, which adds the adapter of a framework. This one is
//! for adapters, which [`admit`](Verifier::admit) a request before its body is read, for frameworks
//! without one, and for checking a signature alone: [`KeySet::verify`].
//!
//! # Features
//!
//! <!-- features of topper-core: by cargo xtask generate -->
//!
//! | feature | what for |
//! |---|---|
//! | `aws-lc` (default) | verifies with aws-lc-rs: the fastest back end, needs a C compiler. ES256, ES384, RS* and PS* |
//! | `rust-crypto` | verifies with the pure-Rust p256 crate: no C compiler. ES256 only |
//! | `rust_decimal` | converts amounts and rates to `rust_decimal::Decimal` |
//! | `http` | implements `RequestHead` for `http::HeaderMap`, and has `Peer` for the extensions of a request |
//! | `metrics` | counts and measures deliveries with the `metrics` facade: see the module `metrics`. Without a recorder it does nothing |
//! | `schema` | JSON Schemas of the events as text: name in, schema out. Adds no dependency |
//! | `schemars` | implements `schemars::JsonSchema` for the events and all that is in them |
//!
//! <!-- end -->

#[cfg(not(any(feature = "aws-lc", feature = "rust-crypto")))]
compile_error!(
    "switch on a cargo feature to verify signatures with: `aws-lc` (fastest) or `rust-crypto` (no C compiler)"
);

mod adapter;
mod backend;
mod clock;
mod config_error;
mod error;
pub mod event;
mod handler;
mod json;
mod jws;
mod key;
mod key_error;
mod key_text_error;
mod listed;
mod log;
mod meter;
#[cfg(feature = "metrics")]
pub mod metrics;
mod outcome;
pub mod protocol;
mod reply;
mod request;
mod retry;
#[cfg(feature = "schema")]
pub mod schema;
mod source;
mod text;
mod verifier;
mod webhook;

pub use backend::Backend;
pub use config_error::ConfigError;
pub use error::Error;
pub use event::{Envelope, EnvelopeError, Event, EventName, PayloadError};
pub use key::{KeySet, PublicKey, SignatureError};
pub use outcome::Outcome;
pub use reply::{Fate, Reply};
#[cfg(feature = "http")]
pub use request::Peer;
pub use request::{Head, RequestHead};
pub use retry::Retry;
pub use source::{SourceMode, TrustedProxies};
pub use verifier::{Admitted, ReadError, Verifier, VerifierBuilder};
pub use webhook::Webhook;

use reason::{JwsError, KeyError, KeyTextError};

/// What exactly is wrong: the reasons inside of [`Error`], [`SignatureError`] and [`ConfigError`].
pub mod reason {
    pub use crate::{jws::JwsError, key_error::KeyError, key_text_error::KeyTextError};
}

/// What our other crates share with this one. It may change in any version.
#[doc(hidden)]
pub mod internal {
    pub use crate::{
        handler::{Ended, run},
        log::{
            Tries, answered, dead, ended_late, failed_later, over_budget, parked, processed_later,
            runtime_ended,
        },
        meter::{
            ATTEMPTS, Asking, IS_ON, Operation, attempted, inbox_holds, worker_sees, worker_starts,
        },
        text::{Escaped, InLine, OneLine, Short, WithCauses, distance},
        verifier::verify_kept,
    };
}

/// What everything is logged under, for filters such as `topper=warn`.
const LOG_TARGET: &str = "topper";

/// The README's example compiles and runs.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}
