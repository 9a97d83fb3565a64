//! Selling crypto.
//!
//! The types follow Topper's webhook documentation. Unknown fields are ignored.

use serde::{Deserialize, Serialize};

use super::{
    DepositAddress, DestinationTag, ExactDecimal, Fee, OrderFailure, OrderStatus, OrderUser,
    PaymentMethod, Priority, Timestamp, Widget, debug::opaque_debug, decode::object,
};

/// An order to sell crypto.
///
/// A field is optional if some documented event or an older format lacks it. `null` counts as absent,
/// at every depth. An optional object may be incomplete, even `{}`: then its missing fields are `None`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct OfframpOrder {
    /// The id of the order; absent in the oldest format.
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
    /// What the user receives.
    #[serde(deserialize_with = "object::required")]
    pub destination: OfframpDestination,
    /// The fees, in addition to the rate.
    #[serde(
        default,
        deserialize_with = "object::optional_list",
        skip_serializing_if = "Option::is_none"
    )]
    pub fees: Option<Vec<Fee>>,
    /// The refund, if the crypto was sent back.
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
    /// The user of the order; absent before 2026.
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
    /// The fees; empty if the event has no list of fees.
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
    /// The code of the cryptocurrency.
    pub asset: String,
    /// The blockchain.
    pub network: String,
    /// The rate that Topper states for this side of the order.
    pub rate: ExactDecimal,
    /// Where the user sends the crypto.
    #[serde(
        default,
        deserialize_with = "object::optional",
        skip_serializing_if = "Option::is_none"
    )]
    pub deposit_address: Option<DepositAddress>,
}

/// The money that the user receives.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct OfframpDestination {
    /// The amount in [`asset`](Self::asset).
    pub amount: ExactDecimal,
    /// The currency's ISO 4217 code.
    pub asset: String,
    /// The rate that Topper states for this side of the order.
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
/// `{}` is valid: then all fields are absent, but the event's name says that the crypto was sent back.
/// Fields that are present must be valid: an amount must be a decimal number, and an address must be
/// Unicode text.
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
    /// The code of the cryptocurrency.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub asset: Option<String>,
    /// The blockchain.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub network: Option<String>,
    /// The address of the user's wallet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// How fast the transaction should be.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub priority: Option<Priority>,
    /// The tag of the address.
    #[serde(
        default,
        deserialize_with = "object::optional",
        skip_serializing_if = "Option::is_none"
    )]
    pub tag: Option<DestinationTag>,
}

opaque_debug!(OfframpOrder, OfframpOrigin, OfframpDestination, OfframpRefund);
