//! What on-ramp and off-ramp orders share.
//!
//! The shapes are those of Topper's webhook documentation; unknown members are ignored.

use serde::{Deserialize, Serialize};

use super::{
    ExactDecimal, FailureReason, FeeType, Flow, PaymentMethodType, TagType, debug::opaque_debug,
};

/// How the user pays, or is paid.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct PaymentMethod {
    /// Topper's `type`.
    #[serde(rename = "type")]
    pub kind: PaymentMethodType,
    /// The payment network, such as `card`.
    #[serde(skip_serializing_if = "Option::is_none")]
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

/// What goes beside an address on chains that share addresses.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct DestinationTag {
    /// Topper's `type`: what the chain calls it.
    #[serde(rename = "type")]
    pub kind: TagType,
    /// The tag itself.
    pub value: String,
}

/// The transaction on the chain.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Ledger {
    /// The id of the transaction.
    pub txid: String,
    /// A page that shows the transaction.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schemars", schemars(extend("format" = "uri")))]
    pub url: Option<String>,
}

/// Why an order failed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct OrderFailure {
    /// The reason.
    pub reason: FailureReason,
}

/// Whose order it is.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct OrderUser {
    /// The user's country.
    pub country: String,
}

/// The widget through which the order was placed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Widget {
    /// The id of the widget.
    pub id: String,
    /// The name you gave it.
    pub name: String,
    /// Whether it buys or sells crypto.
    pub flow: Flow,
}

opaque_debug!(PaymentMethod, Fee, DestinationTag, Ledger, OrderFailure, OrderUser, Widget);
