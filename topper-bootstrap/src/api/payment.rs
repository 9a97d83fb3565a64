//! How users pay.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use topper_core::{
    event::{ExactDecimal, PaymentMethodType},
    internal::decode,
};

use super::body::{self, opaque_debug};
use crate::PaymentNetwork;

/// How users of a flow can pay, or be paid.
///
/// # Examples
///
/// ```
/// use topper_bootstrap::api::PaymentMethods;
///
/// /// What a user in Portugal can pay in euros.
/// fn limits(methods: &PaymentMethods) -> impl Iterator<Item = &topper_bootstrap::api::Limit> {
///     methods.in_country("PT").filter_map(|method| method.limit("EUR"))
/// }
/// ```
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct PaymentMethods {
    /// All of them, in Topper's order.
    #[serde(deserialize_with = "decode::list")]
    pub payment_methods: Vec<PaymentMethod>,
}

impl PaymentMethods {
    /// The countries where at least one of them works (ISO 3166-1 alpha-2), each once, sorted.
    ///
    /// Topper's list of supported countries may have others: it is another list.
    pub fn countries(&self) -> BTreeSet<&str> {
        self.payment_methods.iter().flat_map(|it| &it.countries).map(String::as_str).collect()
    }

    /// Those that work in a country (ISO 3166-1 alpha-2).
    pub fn in_country(&self, country: &str) -> impl Iterator<Item = &PaymentMethod> {
        self.payment_methods.iter().filter(move |method| method.is_in(country))
    }
}

/// One way to pay, or be paid.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct PaymentMethod {
    /// Topper's `type`, such as `credit-card` or `apple-pay`.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<PaymentMethodType>,
    /// The payment network, which [`Onramp::payment_network`](crate::Onramp::payment_network) takes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub network: Option<PaymentNetwork>,
    /// The currency that is charged (ISO 4217).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub billing_asset: Option<String>,
    /// Where it works (ISO 3166-1 alpha-2), as received: a country can occur twice.
    #[serde(default, deserialize_with = "body::texts")]
    pub countries: Vec<String>,
    /// The least and the most, in each currency.
    #[serde(default, deserialize_with = "body::objects")]
    pub limits: Vec<Limit>,
}

impl PaymentMethod {
    /// Whether it works in a country (ISO 3166-1 alpha-2).
    pub fn is_in(&self, country: &str) -> bool {
        self.countries.iter().any(|it| it == country)
    }

    /// The limit in a currency (ISO 4217).
    pub fn limit(&self, asset: &str) -> Option<&Limit> {
        self.limits.iter().find(|limit| limit.asset == asset)
    }
}

/// The least and the most that can be paid, in one currency.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Limit {
    /// The currency (ISO 4217).
    pub asset: String,
    /// The least.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub minimum: Option<ExactDecimal>,
    /// The most.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub maximum: Option<ExactDecimal>,
}

opaque_debug!(PaymentMethods, PaymentMethod, Limit);
