//! Buying crypto.
//!
//! The types follow Topper's webhook documentation. Unknown fields are ignored.

use serde::{Deserialize, Serialize};

use super::{
    DestinationTag, ExactDecimal, Fee, Ledger, OrderFailure, OrderStatus, OrderUser, PaymentMethod,
    Priority, Timestamp, Widget,
    debug::opaque_debug,
    decode::{object, text},
};

/// An order to buy crypto.
///
/// A field is optional if some documented event or an older format lacks it. `null` counts as absent,
/// at every depth. An optional object may be incomplete, even `{}`: then its missing fields are `None`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct OnrampOrder {
    /// The id of the order; absent in the format of mid-2023.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schemars", schemars(extend("x-format" = "uuid")))]
    pub id: Option<String>,
    /// The state of the order.
    pub status: OrderStatus,
    /// When the order was placed.
    pub created_at: Timestamp,
    /// When the order last changed.
    pub updated_at: Timestamp,
    /// What the user pays.
    #[serde(deserialize_with = "object::required")]
    pub origin: OnrampOrigin,
    /// What the user receives.
    #[serde(deserialize_with = "object::required")]
    pub destination: OnrampDestination,
    /// The fees, in addition to the rate.
    #[serde(
        default,
        deserialize_with = "object::optional_list",
        skip_serializing_if = "Option::is_none"
    )]
    pub fees: Option<Vec<Fee>>,
    /// The refund, if the money was paid back.
    #[serde(
        default,
        deserialize_with = "object::optional",
        skip_serializing_if = "Option::is_none"
    )]
    pub refund: Option<OnrampRefund>,
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

impl OnrampOrder {
    /// The fees; empty if the event has no list of fees.
    pub fn fees(&self) -> &[Fee] {
        self.fees.as_deref().unwrap_or_default()
    }
}

/// The money that the user pays.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct OnrampOrigin {
    /// The amount in [`asset`](Self::asset).
    pub amount: ExactDecimal,
    /// The currency's ISO 4217 code.
    pub asset: String,
    /// The rate that Topper states for this side of the order.
    pub rate: ExactDecimal,
    /// How the user pays; absent in the format of mid-2023.
    #[serde(
        default,
        deserialize_with = "object::optional",
        skip_serializing_if = "Option::is_none"
    )]
    pub payment_method: Option<PaymentMethod>,
}

/// The crypto that the user receives.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct OnrampDestination {
    /// The address of the user's wallet.
    pub address: String,
    /// The amount in [`asset`](Self::asset).
    pub amount: ExactDecimal,
    /// The code of the cryptocurrency.
    pub asset: String,
    /// The blockchain.
    pub network: String,
    /// The rate that Topper states for this side of the order.
    pub rate: ExactDecimal,
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
    /// The blockchain transaction, once it was sent.
    #[serde(
        default,
        deserialize_with = "object::optional",
        skip_serializing_if = "Option::is_none"
    )]
    pub ledger: Option<Ledger>,
    /// The URL of a page that shows the transaction. Topper has deprecated it in favour of
    /// [`ledger`](Self::ledger). A lone surrogate in it becomes U+FFFD.
    #[cfg_attr(feature = "schemars", schemars(extend("x-format" = "uri", "deprecated" = true)))]
    #[serde(
        default,
        deserialize_with = "text::optional_lenient",
        skip_serializing_if = "Option::is_none"
    )]
    pub blockchain_url: Option<String>,
}

/// The money that was paid back.
///
/// `{}` is valid: then all fields are absent, but the event's name says that the money was paid back.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct OnrampRefund {
    /// The amount as text to show, such as `$ 100.00`. It is not a number. A lone surrogate in it
    /// becomes U+FFFD.
    #[serde(
        default,
        deserialize_with = "text::optional_lenient",
        skip_serializing_if = "Option::is_none"
    )]
    pub formatted_amount: Option<String>,
    /// The currency's ISO 4217 code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub asset: Option<String>,
    /// The rate that Topper states for the refund.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rate: Option<ExactDecimal>,
}

opaque_debug!(OnrampOrder, OnrampOrigin, OnrampDestination, OnrampRefund);
