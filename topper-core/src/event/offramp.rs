//! Selling crypto.
//!
//! The shapes are those of Topper's webhook documentation; unknown fields are ignored.

use serde::{Deserialize, Serialize};

use super::{
    DepositAddress, DestinationTag, ExactDecimal, Fee, OrderFailure, OrderStatus, OrderUser,
    PaymentMethod, Priority, Timestamp, Widget, debug::opaque_debug, decode::object,
};

/// An order to sell crypto.
///
/// Optional is what some documented event or an older shape lacks. `null` counts as absent, at
/// every depth. An optional object may be incomplete, down to `{}`: it is there, and what it lacks is
/// absent.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct OfframpOrder {
    /// The id of the order; absent in the oldest shape.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schemars", schemars(extend("x-format" = "uuid")))]
    pub id: Option<String>,
    /// The state of the order.
    pub status: OrderStatus,
    /// When the order was placed.
    pub created_at: Timestamp,
    /// When the order last changed.
    pub updated_at: Timestamp,
    /// What the user sells.
    #[serde(deserialize_with = "object::required")]
    pub origin: OfframpOrigin,
    /// What the user gets.
    #[serde(deserialize_with = "object::required")]
    pub destination: OfframpDestination,
    /// What the order costs in addition to the rate.
    #[serde(
        default,
        deserialize_with = "object::optional_list",
        skip_serializing_if = "Option::is_none"
    )]
    pub fees: Option<Vec<Fee>>,
    /// What was sent back, once it was.
    #[serde(
        default,
        deserialize_with = "object::optional",
        skip_serializing_if = "Option::is_none"
    )]
    pub refund: Option<OfframpRefund>,
    /// Why the order failed; absent before mid-2024.
    #[serde(
        default,
        deserialize_with = "object::optional",
        skip_serializing_if = "Option::is_none"
    )]
    pub error: Option<OrderFailure>,
    /// Whose order it is; absent before 2026.
    #[serde(
        default,
        deserialize_with = "object::optional",
        skip_serializing_if = "Option::is_none"
    )]
    pub user: Option<OrderUser>,
    /// The widget through which the order was placed.
    #[serde(deserialize_with = "object::required")]
    pub widget: Widget,
}

impl OfframpOrder {
    /// The fees, or none if the event has no list of them.
    pub fn fees(&self) -> &[Fee] {
        self.fees.as_deref().unwrap_or_default()
    }
}

/// The crypto that the user sells.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct OfframpOrigin {
    /// The amount in [`asset`](Self::asset).
    pub amount: ExactDecimal,
    /// The crypto's code.
    pub asset: String,
    /// The chain.
    pub network: String,
    /// The rate that Topper states for this side.
    pub rate: ExactDecimal,
    /// Where the user sends the crypto.
    #[serde(
        default,
        deserialize_with = "object::optional",
        skip_serializing_if = "Option::is_none"
    )]
    pub deposit_address: Option<DepositAddress>,
}

/// The money that the user gets for crypto.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct OfframpDestination {
    /// The amount in [`asset`](Self::asset).
    pub amount: ExactDecimal,
    /// The currency's ISO 4217 code.
    pub asset: String,
    /// The rate that Topper states for this side.
    pub rate: ExactDecimal,
    /// How the user is paid.
    #[serde(
        default,
        deserialize_with = "object::optional",
        skip_serializing_if = "Option::is_none"
    )]
    pub payment_method: Option<PaymentMethod>,
}

/// The crypto that was sent back.
///
/// `{}` is read as one of which nothing is known: the event's name says that the crypto was sent
/// back. What it has must be valid: an amount is a decimal number, an address is Unicode text.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct OfframpRefund {
    /// The amount in [`asset`](Self::asset).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub amount: Option<ExactDecimal>,
    /// The rate that Topper states for the refund.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rate: Option<ExactDecimal>,
    /// The crypto's code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub asset: Option<String>,
    /// The chain.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub network: Option<String>,
    /// The address of the user's wallet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// How soon the transaction is wanted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub priority: Option<Priority>,
    /// What goes with the address.
    #[serde(
        default,
        deserialize_with = "object::optional",
        skip_serializing_if = "Option::is_none"
    )]
    pub tag: Option<DestinationTag>,
}

opaque_debug!(OfframpOrder, OfframpOrigin, OfframpDestination, OfframpRefund);
