//! What on-ramp and off-ramp orders share.
//!
//! The shapes are those of Topper's webhook documentation; unknown fields are ignored. An object
//! that an order may lack may itself be incomplete, down to `{}`: it is there, and what it lacks is
//! `None`.

use serde::{Deserialize, Serialize};

use super::{
    ExactDecimal, FailureReason, FeeType, Flow, PaymentMethodType, TagType, debug::opaque_debug,
    decode::text,
};

/// How the user pays, or is paid.
///
/// `{}` is read as one of which nothing is known.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct PaymentMethod {
    /// Topper's `type`.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<PaymentMethodType>,
    /// The payment network, such as `card`, `pix` or `sepa`. A lone surrogate in it is U+FFFD.
    #[serde(
        default,
        deserialize_with = "text::optional_lenient",
        skip_serializing_if = "Option::is_none"
    )]
    pub network: Option<String>,
}

/// A fee of an order; one kind may occur twice.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Fee {
    /// The amount in [`asset`](Self::asset).
    pub amount: ExactDecimal,
    /// The currency of the fee.
    pub asset: String,
    /// The amount in US dollars; absent before mid-2024.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub normalized: Option<ExactDecimal>,
    /// Topper's `type`: what the fee is for.
    #[serde(rename = "type")]
    pub kind: FeeType,
}

/// What goes with an address on chains that share addresses.
///
/// **Without its value the address may lead to another's account.** An incomplete one, such as `{}`,
/// is not read as if there were none: a tag without a value says that one is needed and unknown.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct DestinationTag {
    /// Topper's `type`: what the chain calls it.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<TagType>,
    /// The tag itself. It must be Unicode text, or the event cannot be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
}

/// The transaction on the chain.
///
/// `{}` is read as one of which nothing is known.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Ledger {
    /// The id of the transaction. It must be Unicode text, or the event cannot be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub txid: Option<String>,
    /// A page that shows the transaction. A lone surrogate in it is U+FFFD.
    #[serde(
        default,
        deserialize_with = "text::optional_lenient",
        skip_serializing_if = "Option::is_none"
    )]
    #[cfg_attr(feature = "schemars", schemars(extend("x-format" = "uri")))]
    pub url: Option<String>,
}

/// Why an order failed.
///
/// `{}` is read as one of which nothing is known: the order has failed all the same.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct OrderFailure {
    /// The reason.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<FailureReason>,
}

/// Whose order it is.
///
/// `{}` is read as one of whom nothing is known.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct OrderUser {
    /// The user's country. A lone surrogate in it is U+FFFD.
    #[serde(
        default,
        deserialize_with = "text::optional_lenient",
        skip_serializing_if = "Option::is_none"
    )]
    pub country: Option<String>,
}

/// The widget through which the order was placed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Widget {
    /// The id of the widget.
    pub id: String,
    /// The name you gave it. A lone surrogate in it is U+FFFD.
    #[serde(
        default,
        deserialize_with = "text::optional_lenient",
        skip_serializing_if = "Option::is_none"
    )]
    pub name: Option<String>,
    /// Whether it buys or sells crypto.
    pub flow: Flow,
}

opaque_debug!(PaymentMethod, Fee, DestinationTag, Ledger, OrderFailure, OrderUser, Widget);
