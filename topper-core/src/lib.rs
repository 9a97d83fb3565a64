//! Receives Topper's webhooks with any web framework: verifies their signatures, decodes their events, and
//! decides what to answer.
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
//! Most programs depend on the crate [`topper`](https://docs.rs/topper), which adds the adapter of a web
//! framework. Use this crate to write an adapter, with a framework that has none, or to check a signature
//! alone.
//!
//! | to do | use |
//! |---|---|
//! | read the configuration, at start | [`Verifier`], [`VerifierBuilder`], [`ConfigError`] |
//! | verify a whole request | [`Verifier::verify`], with a [`Head`] or your own [`RequestHead`]; with the feature `http`, a [`Peer`] in the extensions of a request |
//! | verify a request while its body arrives, as adapters do | [`Verifier::admit`], [`Admitted`], [`ReadError`] |
//! | check a signature alone | [`KeySet::verify`], [`PublicKey`], [`SignatureError`] |
//! | handle a delivery | [`Webhook`], [`Event`], [`EventName`]; in [`event`]: orders, users, amounts |
//! | say how it ended | [`Outcome`], or [`Retry`], which any error becomes |
//! | answer | [`Reply`], [`Error`]; what Topper makes of it: [`Fate`] |
//! | know Topper's side | [`protocol`]: its addresses, header and retries |
//!
//! # Features
//!
//! <!-- features of topper-core: by cargo xtask generate -->
//!
//! | feature | what for |
//! |---|---|
//! | `aws-lc` (default) | verifies with aws-lc-rs: the fastest back end, needs a C compiler. ES256, ES384, RS* and PS* |
//! | `rust-crypto` | verifies with the pure-Rust p256 crate: no C compiler. ES256 only |
//! | `graviola` | verifies with graviola: fast, no C compiler. ES256 and ES384, on x86-64 since about 2014 and on most aarch64 processors. Rust 1.89 or later |
//! | `rust_decimal` | converts amounts and rates to `rust_decimal::Decimal` |
//! | `http` | implements `RequestHead` for `http::HeaderMap`, and has `Peer` for the extensions of a request |
//! | `metrics` | metrics of deliveries with the `metrics` facade; the module `metrics` lists them. It does nothing without a recorder |
//! | `schema` | JSON Schemas of the events as text. Adds no dependency |
//! | `schemars` | implements `schemars::JsonSchema` for the events and their types |
//!
//! <!-- end -->
#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(not(any(feature = "aws-lc", feature = "graviola", feature = "rust-crypto")))]
compile_error!(
    "switch on a cargo feature to verify signatures with: `aws-lc` (default), or `graviola` or `rust-crypto` (no C compiler)"
);
#[cfg(all(feature = "graviola", not(any(target_arch = "x86_64", target_arch = "aarch64"))))]
compile_error!(
    "the feature `graviola` is for x86_64 and aarch64: use `aws-lc` or `rust-crypto` for this target"
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
/// The models of what threads share, which only `interleavings` compiles.
#[cfg(feature = "shuttle")]
#[path = "../../interleavings/core/model.rs"]
pub mod model;
mod outcome;
pub mod protocol;
mod reply;
mod request;
mod retry;
#[cfg(feature = "schema")]
pub mod schema;
mod source;
mod sync;
mod text;
mod variable;
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

/// The reasons inside [`Error`], [`SignatureError`] and [`ConfigError`].
pub mod reason {
    pub use crate::{jws::JwsError, key_error::KeyError, key_text_error::KeyTextError};
}

/// Items that our other crates use. They may change in any version.
#[doc(hidden)]
pub mod internal {
    pub use crate::{
        handler::{Ended, run},
        key::pasted,
        log::{
            Tries, answered, dead, ended_late, failed_later, over_budget, parked, processed_later,
            runtime_ended,
        },
        meter::{
            ATTEMPTS, Asking, IS_ON, Operation, attempted, inbox_holds, worker_sees, worker_starts,
        },
        text::{Escaped, InLine, OneLine, Short, WithCauses, distance},
        variable::{NotUnicode, Variable, Variables},
        verifier::verify_kept,
    };

    /// Decoding what Topper sends in other places than events.
    pub mod decode {
        pub use crate::event::decode::{
            object::{from_json, list, optional_list, required},
            text::{Lenient, optional_lenient},
        };
    }
}

/// The target of all log lines, for filters such as `topper=warn`.
const LOG_TARGET: &str = "topper";

/// The README's example compiles and runs.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}
