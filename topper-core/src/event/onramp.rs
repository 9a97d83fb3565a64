//! Buying crypto.
//!
//! The shapes are those of Topper's webhook documentation; unknown fields are ignored.

use serde::{Deserialize, Serialize};

use super::{
    DestinationTag, ExactDecimal, Fee, Ledger, OrderFailure, OrderStatus, OrderUser, PaymentMethod,
    Priority, Timestamp, Widget,
    debug::opaque_debug,
    decode::{object, text},
};

/// An order to buy crypto.
///
/// Optional is what some documented event or an older shape lacks. `null` counts as absent, at
/// every depth. An optional object may be incomplete, down to `{}`: it is there, and what it lacks is
/// absent.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct OnrampOrder {
    /// The id of the order; absent in the shape of mid-2023.
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
    /// What the user gets.
    #[serde(deserialize_with = "object::required")]
    pub destination: OnrampDestination,
    /// What the order costs in addition to the rate.
    #[serde(
        default,
        deserialize_with = "object::optional_list",
        skip_serializing_if = "Option::is_none"
    )]
    pub fees: Option<Vec<Fee>>,
    /// What was paid back, once it was.
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

impl OnrampOrder {
    /// The fees, or none if the event has no list of them.
    pub fn fees(&self) -> &[Fee] {
        self.fees.as_deref().unwrap_or_default()
    }
}

/// What the user pays for crypto.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct OnrampOrigin {
    /// The amount in [`asset`](Self::asset).
    pub amount: ExactDecimal,
    /// The currency's ISO 4217 code.
    pub asset: String,
    /// The rate that Topper states for this side.
    pub rate: ExactDecimal,
    /// How the user pays; absent in the shape of mid-2023.
    #[serde(
        default,
        deserialize_with = "object::optional",
        skip_serializing_if = "Option::is_none"
    )]
    pub payment_method: Option<PaymentMethod>,
}

/// The crypto that the user gets.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct OnrampDestination {
    /// The address of the user's wallet.
    pub address: String,
    /// The amount in [`asset`](Self::asset).
    pub amount: ExactDecimal,
    /// The crypto's code.
    pub asset: String,
    /// The chain.
    pub network: String,
    /// The rate that Topper states for this side.
    pub rate: ExactDecimal,
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
    /// The transaction, once it was sent.
    #[serde(
        default,
        deserialize_with = "object::optional",
        skip_serializing_if = "Option::is_none"
    )]
    pub ledger: Option<Ledger>,
    /// A page that shows the transaction; deprecated by Topper in favour of
    /// [`ledger`](Self::ledger). A lone surrogate in it is U+FFFD.
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
/// `{}` is read as one of which nothing is known: the event's name says that the money was paid back.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct OnrampRefund {
    /// The amount as text to show, such as `$ 100.00`: not a number. A lone surrogate in it is
    /// U+FFFD.
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
