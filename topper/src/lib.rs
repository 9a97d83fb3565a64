#![doc = include_str!("../README.md")]

#[cfg(feature = "actix")]
#[doc(inline)]
pub use topper_actix as actix;
#[cfg(feature = "axum")]
#[doc(inline)]
pub use topper_axum as axum;
#[cfg(feature = "rust_decimal")]
pub use topper_core::InexactDecimal;
#[cfg(feature = "schema")]
#[doc(inline)]
pub use topper_core::schema;
pub use topper_core::{
    Admitted, Backend, ConfigError, Error, Fate, KeyProblem, KeySet, MalformedSignature,
    NotThisOrder, OrderChange, OrderView, PublicKey, Reply, RequestHead, Retry, SIGNATURE_HEADER,
    SignatureError, SourceMode, TOPPER_ADDRESSES, TrustedProxies, Verifier, VerifierBuilder,
    Webhook,
};
pub use topper_core::{
    AuthenticationMethod, CreatedUser, DepositAddress, DestinationTag, Envelope, Event, EventName,
    ExactDecimal, FailureReason, Fee, FeeType, Flow, InitiatedKycSession, InvalidDecimal,
    KycInitiated, KycUpdated, KycUser, Ledger, LoggedInUser, Misfit, OfframpDestination,
    OfframpOrder, OfframpOrigin, OfframpRefund, OnrampDestination, OnrampOrder, OnrampOrigin,
    OnrampRefund, OrderError, OrderStatus, OrderUser, PaymentMethod, PaymentMethodType, Priority,
    TagType, Timestamp, UnknownEvent, UnknownEventName, UnknownReason, UnreadableEvent,
    UpdatedKycSession, UserCreated, UserLoggedIn, Widget,
};
#[cfg(feature = "rocket")]
#[doc(inline)]
pub use topper_rocket as rocket;
#[cfg(any(
    feature = "store-memory",
    feature = "store-sqlite",
    feature = "store-postgres",
    feature = "store-redis"
))]
#[doc(inline)]
pub use topper_store as store;
#[cfg(feature = "warp")]
#[doc(inline)]
pub use topper_warp as warp;
