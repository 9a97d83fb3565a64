//! What an order would cost.

use serde::{Deserialize, Serialize};
use topper_core::{
    event::{ExactDecimal, Fee},
    internal::decode,
};

use super::body::{self, opaque_debug};

/// What an order would cost now, as Topper simulates it.
///
/// It is not an offer: the price changes, and the one in the widget counts.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Quote {
    /// What the user gives.
    #[serde(deserialize_with = "decode::required")]
    pub origin: QuoteSide,
    /// What the user gets.
    #[serde(deserialize_with = "decode::required")]
    pub destination: QuoteSide,
    /// The fees. The same type can occur twice, and their assets can differ.
    #[serde(default, deserialize_with = "body::objects")]
    pub fees: Vec<Fee>,
}

/// One side of a [`Quote`].
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct QuoteSide {
    /// The amount in [`asset`](Self::asset).
    pub amount: ExactDecimal,
    /// The code of the currency or cryptocurrency.
    pub asset: String,
    /// The rate that Topper states for this side.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rate: Option<ExactDecimal>,
}

opaque_debug!(Quote, QuoteSide);
