// Its code is compiled as users write it, without hidden lines, so with the features that it names.
#![cfg_attr(
    any(not(doctest), all(feature = "axum", feature = "serve", feature = "store-sqlite")),
    doc = include_str!("../README.md")
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
#[cfg(feature = "warp")]
#[doc(inline)]
pub use topper_warp as warp;
