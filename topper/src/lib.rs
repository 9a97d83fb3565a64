// Its code is compiled as users write it, without hidden lines, so with the features that it names.
#![cfg_attr(
    any(not(doctest), all(feature = "axum", feature = "serve", feature = "store-sqlite")),
    doc = include_str!("front-page/start.md")
)]
//!
//! ## The types
//!
//! | to do | use |
//! |---|---|
//! | read the configuration, at start | [`Verifier`], [`VerifierBuilder`]; what can be wrong: [`ConfigError`] |
//! | receive | [`topper::axum`], [`topper::actix`], [`topper::warp`], [`topper::rocket`]; with another framework: [`Verifier::verify`] with a [`Head`] |
//! | handle a delivery | [`Webhook`], [`Event`], [`EventName`]; in [`event`]: orders, users, amounts |
//! | say how it ended | [`Outcome`], or [`Retry`], which any error becomes |
//! | answer | [`Reply`]; what Topper makes of it: [`Fate`] |
//! | process each event once | [`Once`] before the answer, [`Inbox`] after it |
//! | run the server | [`topper::serve::Server`], and `serve` of the framework's module |
//! | test | the crate [`topper-testkit`](https://docs.rs/topper-testkit) |
//!
//! [`Event::Unknown`]: Event::Unknown
//! [`Inbox`]: store::Inbox
//! [`Once`]: store::Once
//! [`Outcome`]: Outcome
//! [`Retry`]: Retry
//! [`Verified::run`]: axum::Verified::run
//! [`Verifier`]: Verifier
//! [`Verifier::builder()`]: Verifier::builder
//! [`Verifier::from_env()`]: Verifier::from_env
//! [`Verifier::from_env_with_prefix("SANDBOX_")`]: Verifier::from_env_with_prefix
//! [`Verifier::replace_keys`]: Verifier::replace_keys
//! [`VerifierBuilder::retry_while_unproven`]: VerifierBuilder::retry_while_unproven
//! [`topper::actix`]: actix
//! [`topper::axum`]: axum
//! [`topper::axum::serve`]: axum::serve
//! [`topper::metrics`]: metrics
//! [`topper::rocket`]: rocket
//! [`topper::schema`]: schema
//! [`topper::serve::Server`]: serve::Server
//! [`topper::store`]: store
//! [`topper::warp`]: warp
//! [`webhook.event()`]: Webhook::event
//! [`webhook.id()`]: Webhook::id
//! [`webhook.label()`]: Webhook::label
//!
#![cfg_attr(
    any(not(doctest), all(feature = "axum", feature = "serve", feature = "store-sqlite")),
    doc = include_str!("front-page/rest.md")
)]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![cfg_attr(
    not(all(
        feature = "actix",
        feature = "axum",
        feature = "metrics",
        feature = "rocket",
        feature = "schema",
        feature = "serve",
        feature = "store",
        feature = "warp"
    )),
    allow(rustdoc::broken_intra_doc_links, reason = "links to what a feature switches on")
)]

#[cfg(feature = "actix")]
#[doc(inline)]
pub use topper_actix as actix;
#[cfg(feature = "axum")]
#[doc(inline)]
pub use topper_axum as axum;
#[cfg(feature = "bootstrap")]
#[doc(inline)]
pub use topper_bootstrap as bootstrap;
#[cfg(feature = "metrics")]
#[doc(inline)]
pub use topper_core::metrics;
#[cfg(feature = "schema")]
#[doc(inline)]
pub use topper_core::schema;
pub use topper_core::{
    Admitted, Backend, ConfigError, Envelope, EnvelopeError, Error, Event, EventName, Fate, Head,
    KeySet, Outcome, PayloadError, PublicKey, ReadError, Reply, RequestHead, Retry, SignatureError,
    SourceMode, TrustedProxies, Verifier, VerifierBuilder, Webhook,
};
#[doc(inline)]
pub use topper_core::{event, protocol, reason};
#[cfg(feature = "rocket")]
#[doc(inline)]
pub use topper_rocket as rocket;
#[cfg(feature = "serve")]
#[doc(inline)]
pub use topper_serve as serve;
#[cfg(feature = "store")]
#[doc(inline)]
pub use topper_store as store;
#[cfg(feature = "tower")]
#[doc(inline)]
pub use topper_tower as tower;
#[cfg(feature = "warp")]
#[doc(inline)]
pub use topper_warp as warp;
