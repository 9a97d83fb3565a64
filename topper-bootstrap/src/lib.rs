#![doc = include_str!("../README.md")]
//!
//! | to do | use |
//! |---|---|
//! | read the configuration, at start | [`Widget`], [`WidgetBuilder`]; what can be wrong: [`WidgetError`] |
//! | let a user buy | [`Onramp`], [`Recipient`], [`Periodicity`] |
//! | let a user sell | [`Offramp`], [`Refund`], [`WalletSend`] |
//! | set your name, fee and checks of the device | [`Partner`], [`FeePercentage`], [`DeviceCheck`] |
//! | store the id, then sign | [`Draft`], [`Widget::sign`], [`Token`] |
//! | open the widget | [`Token::url`], [`WidgetUrl`], [`Locale`] |
//! | show a price, and what Topper offers | [`api`] |
//! | find out what is wrong with a token | [`Inspector`], [`Inspection`], [`Finding`] |
//!
//! # Features
//!
//! <!-- features of topper-bootstrap: by cargo xtask generate -->
//!
//! | feature | what for |
//! |---|---|
//! | `aws-lc` (default) | signs with aws-lc-rs: needs a C compiler. ES256, ES384, ES512, RS256, RS384 and RS512 |
//! | `rust-crypto` | signs with the pure-Rust p256 crate: no C compiler. ES256 only |
//! | `client` | `api::HttpsClient`, a ready client for Topper's REST API, on tokio, hyper and rustls with aws-lc-rs: needs a C compiler. Without it, `api` takes your own client |
//! | `schemars` | implements `schemars::JsonSchema` for `Onramp` and `Offramp`: the schemas of their tokens' claims |
//!
//! <!-- end -->
#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(not(any(feature = "aws-lc", feature = "rust-crypto")))]
compile_error!(
    "switch on a cargo feature to sign tokens with: `aws-lc` (all algorithms) or `rust-crypto` (no C compiler, ES256 only)"
);

mod algorithm;
pub mod api;
mod asset;
mod backend;
mod claims_error;
mod common;
mod configuration;
mod environment;
mod fee;
mod inspect;
mod key;
mod offramp;
mod onramp;
mod partner;
mod recipient;
#[cfg(feature = "schemars")]
mod schema;
mod token;
mod url;
mod wallet;
mod widget;
mod widget_error;

pub use topper_core::{
    Backend,
    event::{ExactDecimal, Fee, FeeType, Flow, PaymentMethodType, Priority, TagType},
};

pub use algorithm::Algorithm;
pub use asset::AllowedAsset;
pub use claims_error::ClaimsError;
pub use configuration::Configuration;
pub use environment::Environment;
pub use fee::{FeeError, FeePercentage};
pub use inspect::{Finding, Inspection, Inspector, Level, TokenKey, TokenKeyError};
pub use offramp::{Offramp, Refund, SourceEditMode, WalletSend, WalletSendMode};
pub use onramp::{Onramp, Periodicity};
pub use partner::{
    DeviceCheck, DeviceField, HashedDevice, Partner, PaymentNetwork, PlainDevice, Tab,
};
pub use recipient::{Recipient, RecipientEditMode};
pub use token::{Draft, SignError, Token};
pub use url::{Locale, UrlError, WidgetUrl};
pub use widget::{Widget, WidgetBuilder};
pub use widget_error::{PrivateKeyError, WidgetError};
