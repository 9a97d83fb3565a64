//! Tests receivers of Topper's webhooks: throw-away keys, events with sensible defaults, and signed
//! deliveries, given to a verifier or sent over a socket.
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
//! That `webhook` is what your handler gets. Signatures are made by another
//! implementation (p256) than the one that verifies by default (aws-lc-rs).
//!
//! The verifier under test uses whatever back end your program's own `topper` dependency switched on:
//! there is nothing to choose here. To test an adapter or a store, use `topper-conformance`.
//!
//! # Features
//!
//! - `sender`: `Sender` delivers to a URL as Topper does: it waits 4 s, tries again on the statuses
//!   Topper does, and sends in order, shuffled, repeated, and several at once.
//! - `aws-lc`, `rust-crypto`: check this crate alone with that back end. Neither is needed in a
//!   program that depends on `topper`.
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
};

/// The README's example compiles and runs.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}
