//! Receives Topper's webhooks, whatever the web framework: verifies their signatures, decodes their
//! events, and decides what to answer.
//!
//! ```
//! # use std::net::IpAddr;
//! use topper_core::{Event, RequestHead, Verifier};
//!
//! # struct Head;
//! # impl RequestHead for Head {
//! #     fn peer(&self) -> Option<IpAddr> { None }
//! #     fn header<'a>(&'a self, _: &'a str) -> impl Iterator<Item = &'a [u8]> { [].into_iter() }
//! # }
//! # fn adapter(verifier: &Verifier, head: &Head, chunks: Vec<Vec<u8>>) -> Result<(), topper_core::Error> {
//! let mut admitted = verifier.admit(head)?;     // source, signature header, declared length
//! for chunk in chunks {
//!     admitted.push(&chunk)?;                   // body limit
//! }
//! let webhook = admitted.verify()?;             // signature, then decoding
//!
//! if let Event::OrderCryptoOnrampCompleted(order) = webhook.event() {
//!     println!("{} {}", order.destination.amount.as_str(), order.destination.asset);
//! }
//! # Ok(())
//! # }
//! ```
//!
//! Most programs depend on the crate `topper`, which adds the adapter of a framework. This one is
//! for adapters, and for checking a signature alone: [`KeySet::verify`].
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
//! | `schema` | JSON Schemas of the events as text: name in, schema out. Adds no dependency |
//! | `schemars` | implements `schemars::JsonSchema` for the events and all that is in them |
//!
//! <!-- end -->

#[cfg(not(any(feature = "aws-lc", feature = "rust-crypto")))]
compile_error!(
    "switch on a cargo feature to verify signatures with: `aws-lc` (fastest) or `rust-crypto` (no C compiler)"
);

mod backend;
mod config_error;
mod error;
mod event;
mod json;
mod jws;
mod key;
mod order_view;
mod reply;
#[cfg(feature = "schema")]
pub mod schema;
#[doc(hidden)]
pub mod shown; // For the logs of our other crates.
mod source;
mod verifier;
mod webhook;

pub use backend::Backend;
pub use config_error::ConfigError;
pub use error::Error;
#[cfg(feature = "rust_decimal")]
pub use event::InexactDecimal;
pub use event::{
    AuthenticationMethod, CreatedUser, DepositAddress, DestinationTag, Envelope, Event, EventName,
    ExactDecimal, FailureReason, Fee, FeeType, Flow, InitiatedKycSession, InvalidDecimal,
    KycInitiated, KycUpdated, KycUser, Ledger, LoggedInUser, Misfit, OfframpDestination,
    OfframpOrder, OfframpOrigin, OfframpRefund, OnrampDestination, OnrampOrder, OnrampOrigin,
    OnrampRefund, OrderError, OrderStatus, OrderUser, PaymentMethod, PaymentMethodType, Priority,
    TagType, Timestamp, UnknownEvent, UnknownEventName, UnknownReason, UnreadableEvent,
    UpdatedKycSession, UserCreated, UserLoggedIn, Widget,
};
pub use jws::MalformedSignature;
pub use key::{KeyProblem, KeySet, PublicKey, SignatureError};
pub use order_view::{NotThisOrder, OrderChange, OrderView};
pub use reply::{Fate, Reply, Retry};
pub use source::{SourceMode, TOPPER_ADDRESSES, TrustedProxies};
pub use verifier::{Admitted, RequestHead, Verifier, VerifierBuilder};
pub use webhook::Webhook;

/// The name of the header with the signature, in lower case.
pub const SIGNATURE_HEADER: &str = "x-topper-jws-signature";

/// What everything is logged under, for filters such as `topper=warn`.
const LOG_TARGET: &str = "topper";
