//! Tests receivers of Topper's webhooks: with throw-away keys, realistic events, and signed
//! deliveries that you verify directly or send over a socket.
//!
//! ```
//! use topper_core::{EventName, Verifier};
//! use topper_testkit::{Delivery, EventBuilder, TestKey};
//!
//! let key = TestKey::generate();
//! let verifier = Verifier::new(&key.public_jwk())?;
//! let event = EventBuilder::new(EventName::OrderCryptoOnrampCompleted)
//!     .order_id("7d4bd0b1-1f64-4b11-a1c6-a7a3b93cd0ad")
//!     .set("data.origin.amount", "100.00");
//!
//! let webhook = Delivery::signed(&key, event.to_json()).verify(&verifier)?;
//! assert_eq!(webhook.event()?.order_id(), Some("7d4bd0b1-1f64-4b11-a1c6-a7a3b93cd0ad"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! That `webhook` is what your handler gets. Another library (p256) makes the signatures than the
//! one that verifies them by default (aws-lc-rs).
//!
//! The verifier under test uses the back end of your own `topper` dependency, so there is nothing
//! to choose here. To test an adapter or a store, use `topper-conformance`.
//!
//! | to do | use |
//! |---|---|
//! | sign | [`TestKey`] |
//! | make an event | [`EventBuilder`], [`Fixture`]; a whole order: [`Lifecycle`] |
//! | deliver it | [`Delivery`]; over a socket: [`converse`], [`exchange`] with an [`Act`], and its [`Answer`] |
//! | deliver it as Topper does | [`Sender`], [`Batch`], [`Attempt`], [`retry_schedule`] |
//! | forge, break and delay | [`Fault`], [`FaultKind`] |
//!
//! # Features
//!
//! - `sender`: [`Sender`] delivers to a URL as Topper does. It waits 4 s, retries on the same
//!   statuses, and can send in order, shuffled, repeated, and in parallel.
//! - `aws-lc`, `rust-crypto`: check this crate alone with that back end. A program that depends on
//!   `topper` needs neither.
#![cfg_attr(docsrs, feature(doc_cfg))]

mod delivery;
mod event;
mod fault;
mod flow;
mod http;
mod key;
#[cfg(feature = "sender")]
mod sender;

pub use delivery::Delivery;
pub use event::{EventBuilder, Fixture, PathError};
pub use fault::{Fault, FaultKind};
pub use flow::Lifecycle;
pub use http::{Act, Answer, converse, exchange};
pub use key::{TestKey, TestKeyError};
#[cfg(feature = "sender")]
pub use sender::{
    Attempt, Batch, Received, Sender, Sent, TargetError, Unreachable, UnreachableKind,
    retry_schedule,
};

/// The README's example compiles and runs.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}
