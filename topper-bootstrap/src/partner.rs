//! The settings of the partner whose widget it is, in both flows.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize};
use topper_core::internal::{Short, decode::Lenient};

use crate::{ClaimsError, FeePercentage, configuration::present};

mod device;

pub use device::{DeviceCheck, DeviceField, HashedDevice, PlainDevice};

/// Your settings as Topper's partner.
///
/// `Debug` shows no value.
///
/// # Examples
///
/// ```
/// use topper_bootstrap::{DeviceCheck, Partner, Tab};
///
/// let partner = Partner::new()
///     .display_name("Example Shop")
///     .fee("1.5".parse()?)
///     .continue_url_in("https://shop.example/thanks", Tab::Parent)
///     .device(DeviceCheck::plain().ip("203.0.113.7".parse()?));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Default, Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema), schemars(inline))]
#[serde(rename_all = "camelCase")]
#[must_use]
pub struct Partner {
    /// Your name, as the user sees it.
    #[serde(skip_serializing_if = "Option::is_none")]
    display_name: Option<String>,
    /// Where the user goes on after the order.
    #[serde(skip_serializing_if = "Option::is_none")]
    continue_url: Option<String>,
    /// Where that URL is opened.
    #[serde(skip_serializing_if = "Option::is_none")]
    continue_url_target: Option<Tab>,
    /// Your fee.
    #[serde(skip_serializing_if = "Option::is_none")]
    fee: Option<Fee>,
    /// What must be the same on Topper's side.
    #[serde(skip_serializing_if = "Option::is_none")]
    validation: Option<Validation>,
}

#[derive(Clone, Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema), schemars(inline))]
struct Fee {
    /// In percent of the total, as text.
    percentage: FeePercentage,
}

#[derive(Clone, Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema), schemars(inline))]
struct Validation {
    /// The user's device.
    device: DeviceCheck,
}

impl Partner {
    /// No setting yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Your name, as the user sees it.
    pub fn display_name(mut self, name: impl Into<String>) -> Self {
        self.display_name = Some(name.into());
        self
    }

    /// Your fee.
    pub fn fee(mut self, percentage: FeePercentage) -> Self {
        self.fee = Some(Fee { percentage });
        self
    }

    /// Where the user goes on after the order, in the tab that Topper chooses.
    pub fn continue_url(mut self, url: impl Into<String>) -> Self {
        self.continue_url = Some(url.into());
        self.continue_url_target = None;
        self
    }

    /// Where the user goes on after the order, and in which tab.
    pub fn continue_url_in(mut self, url: impl Into<String>, tab: Tab) -> Self {
        self.continue_url = Some(url.into());
        self.continue_url_target = Some(tab);
        self
    }

    /// What must be the same when the user opens the widget.
    pub fn device(mut self, device: impl Into<DeviceCheck>) -> Self {
        self.validation = Some(Validation { device: device.into() });
        self
    }

    pub(crate) fn check(&self) -> Result<(), ClaimsError> {
        present([
            ("partner.displayName", self.display_name.as_ref()),
            ("partner.continueUrl", self.continue_url.as_ref()),
        ])?;
        self.validation.as_ref().map_or(Ok(()), |validation| validation.device.check())
    }
}

impl fmt::Debug for Partner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Partner").finish_non_exhaustive()
    }
}

/// Where a URL is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema), schemars(inline))]
#[non_exhaustive]
pub enum Tab {
    /// `new-tab`: in a new tab.
    #[serde(rename = "new-tab")]
    New,
    /// `same-tab`: in the widget's own tab or frame.
    #[serde(rename = "same-tab")]
    Same,
    /// `parent-tab`: in the tab that has the widget in a frame.
    #[serde(rename = "parent-tab")]
    Parent,
}

/// How a user pays.
#[derive(Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PaymentNetwork {
    /// `card`
    Card,
    /// `apple-pay`
    ApplePay,
    /// `google-pay`
    GooglePay,
    /// `paypal`
    Paypal,
    /// `venmo`
    Venmo,
    /// `pix`
    Pix,
    /// `sepa`
    Sepa,
    /// One that this version does not know.
    Other(String),
}

impl PaymentNetwork {
    /// The value in the token.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Card => "card",
            Self::ApplePay => "apple-pay",
            Self::GooglePay => "google-pay",
            Self::Paypal => "paypal",
            Self::Venmo => "venmo",
            Self::Pix => "pix",
            Self::Sepa => "sepa",
            Self::Other(network) => network,
        }
    }
}

impl From<&str> for PaymentNetwork {
    fn from(network: &str) -> Self {
        let known = [
            Self::Card,
            Self::ApplePay,
            Self::GooglePay,
            Self::Paypal,
            Self::Venmo,
            Self::Pix,
            Self::Sepa,
        ];
        let same = known.into_iter().find(|known| known.as_str() == network);
        same.unwrap_or_else(|| Self::Other(network.to_owned()))
    }
}

impl<'de> Deserialize<'de> for PaymentNetwork {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Lenient::deserialize(deserializer).map(|Lenient(network)| network.as_str().into())
    }
}

/// Shows at most 64 characters of the value, escaped: Topper's API may have sent it.
impl fmt::Debug for PaymentNetwork {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("PaymentNetwork").field(&Short(self.as_str())).finish()
    }
}

impl Serialize for PaymentNetwork {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

#[cfg(feature = "schemars")]
impl schemars::JsonSchema for PaymentNetwork {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "PaymentNetwork".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "description": "Such as `card`. Topper adds more without notice.",
            "type": "string",
            "examples": ["card", "apple-pay", "google-pay", "paypal", "venmo", "pix", "sepa"],
        })
    }
}

/// What is assumed until the user has logged in.
#[derive(Clone, Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema), schemars(inline))]
pub(crate) struct Simulation {
    /// The country (ISO 3166-1 alpha-2).
    #[cfg_attr(feature = "schemars", schemars(regex(pattern = "^[A-Z]{2}$")))]
    country: String,
}

impl Simulation {
    pub(crate) fn new(country: impl Into<String>) -> Self {
        Self { country: country.into() }
    }

    pub(crate) fn check(&self) -> Result<(), ClaimsError> {
        if is_country(&self.country) { Ok(()) } else { Err(ClaimsError::Country) }
    }
}

pub(crate) fn is_country(code: &str) -> bool {
    code.len() == 2 && code.bytes().all(|byte| byte.is_ascii_uppercase())
}

/// An identity check that was done elsewhere.
#[derive(Clone, Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema), schemars(inline))]
pub(crate) struct ReusableKyc {
    /// Who did it.
    provider: String,
    /// The token that the provider issued.
    token: String,
}

impl ReusableKyc {
    pub(crate) fn new(provider: impl Into<String>, token: impl Into<String>) -> Self {
        Self { provider: provider.into(), token: token.into() }
    }

    pub(crate) fn check(&self) -> Result<(), ClaimsError> {
        present([
            ("reusableKyc.provider", Some(&self.provider)),
            ("reusableKyc.token", Some(&self.token)),
        ])
    }
}
