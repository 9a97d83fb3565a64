//! Types that on-ramp and off-ramp orders share.
//!
//! The types follow Topper's webhook documentation. Unknown fields are ignored. An optional object may
//! be incomplete, even `{}`: then its missing fields are `None`.

use serde::{Deserialize, Serialize};

use super::{
    ExactDecimal, FailureReason, FeeType, Flow, PaymentMethodType, TagType, debug::opaque_debug,
    decode::text,
};

/// How the user pays, or is paid.
///
/// `{}` is valid: then all fields are absent.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct PaymentMethod {
    /// Topper's `type`.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<PaymentMethodType>,
    /// The payment network, such as `card`, `pix` or `sepa`. A lone surrogate in it becomes U+FFFD.
    #[serde(
        default,
        deserialize_with = "text::optional_lenient",
        skip_serializing_if = "Option::is_none"
    )]
    pub network: Option<String>,
}

/// A fee of an order. The same type can occur twice.
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

/// The tag of an address, on blockchains that share addresses.
///
/// **Without the value, the address may belong to someone else's account.** An incomplete tag, such as
/// `{}`, is kept: it says that a tag is needed but unknown.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct DestinationTag {
    /// Topper's `type`: what the blockchain calls the tag.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<TagType>,
    /// The value of the tag. It must be Unicode text, or the event cannot be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
}

/// The transaction on the blockchain.
///
/// `{}` is valid: then all fields are absent.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Ledger {
    /// The id of the transaction. It must be Unicode text, or the event cannot be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub txid: Option<String>,
    /// The URL of a page that shows the transaction. A lone surrogate in it becomes U+FFFD.
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
/// `{}` is valid: then the reason is unknown, but the order has still failed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct OrderFailure {
    /// The reason.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<FailureReason>,
}

/// The user of an order.
///
/// `{}` is valid: then all fields are absent.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct OrderUser {
    /// The user's country. A lone surrogate in it becomes U+FFFD.
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
    /// The name that you gave the widget. A lone surrogate in it becomes U+FFFD.
    #[serde(
        default,
        deserialize_with = "text::optional_lenient",
        skip_serializing_if = "Option::is_none"
    )]
    pub name: Option<String>,
    /// Whether its users buy or sell crypto.
    pub flow: Flow,
}

opaque_debug!(PaymentMethod, Fee, DestinationTag, Ledger, OrderFailure, OrderUser, Widget);
