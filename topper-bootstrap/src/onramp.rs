//! The on-ramp: the user buys crypto.

use std::fmt;

use serde::Serialize;
use serde_json::{Map, Value};
use topper_core::event::{ExactDecimal, Flow};

use crate::{
    ClaimsError, PaymentNetwork, Recipient,
    common::{Common, common_settings},
    configuration::{self, Configuration, amounts, present},
};

/// A session in which the user buys crypto.
///
/// It has exactly one amount: what the user [spends](Self::spend), or what the wallet
/// [receives](Self::receive).
///
/// `Debug` shows the recipient's edit mode only.
///
/// # Examples
///
/// ```
/// use topper_bootstrap::{Onramp, Partner, PaymentNetwork, Periodicity, Recipient};
///
/// let recipient = Recipient::not_editable("ETH", "ethereum", "0x52908400098527886E0F7030069857D2E4169EE7");
/// let onramp = Onramp::spend("100.00".parse()?, "USD", recipient)
///     .payment_network(PaymentNetwork::Card)
///     .periodicity(Periodicity::Monthly)
///     .partner(Partner::new().continue_url("https://shop.example/thanks").fee("1.5".parse()?));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// With two amounts it does not compile, nor with none:
///
/// ```compile_fail,E0599
/// use topper_bootstrap::{Onramp, Recipient};
///
/// let amount: topper_bootstrap::ExactDecimal = "100.00".parse().unwrap();
/// let onramp = Onramp::spend(amount.clone(), "USD", Recipient::all_editable())
///     .receive(amount, Recipient::all_editable());
/// ```
///
/// ```compile_fail,E0599
/// use topper_bootstrap::{Onramp, Recipient};
///
/// let onramp = Onramp::new(Recipient::all_editable());
/// ```
///
/// An amount is never a float:
///
/// ```compile_fail,E0308
/// use topper_bootstrap::{Onramp, Recipient};
///
/// let onramp = Onramp::spend(100.0, "USD", Recipient::all_editable());
/// ```
///
/// The edit mode is the recipient's, and cannot be written at another place:
///
/// ```compile_fail,E0599
/// use topper_bootstrap::{Onramp, Recipient, RecipientEditMode};
///
/// let onramp = Onramp::spend("1".parse().unwrap(), "USD", Recipient::all_editable())
///     .edit_mode(RecipientEditMode::NotEditable);
/// ```
#[derive(Clone)]
#[must_use]
pub struct Onramp {
    claims: Claims,
    further: Map<String, Value>,
}

/// The configuration of an on-ramp session, in a bootstrap token.
#[derive(Clone, Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema), schemars(title = "OnrampClaims"))]
#[serde(rename_all = "camelCase")]
pub(crate) struct Claims {
    /// What the user pays.
    #[serde(skip_serializing_if = "Source::is_empty")]
    source: Source,
    /// The wallet that gets the crypto.
    target: Target,
    /// How often an order is placed; once, if it is absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    periodicity: Option<Periodicity>,
    #[serde(flatten)]
    common: Common,
}

#[derive(Clone, Default, Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema), schemars(inline))]
#[serde(rename_all = "camelCase")]
struct Source {
    /// What the user pays, all together.
    #[serde(skip_serializing_if = "Option::is_none")]
    amount: Option<ExactDecimal>,
    /// The currency that the user pays in (ISO 4217).
    #[serde(skip_serializing_if = "Option::is_none")]
    asset: Option<String>,
    /// How the user pays, to begin with.
    #[serde(skip_serializing_if = "Option::is_none")]
    payment_method: Option<PaymentMethod>,
}

impl Source {
    fn is_empty(&self) -> bool {
        self.amount.is_none() && self.asset.is_none() && self.payment_method.is_none()
    }
}

#[derive(Clone, Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema), schemars(inline))]
struct PaymentMethod {
    /// Such as `card`.
    network: PaymentNetwork,
}

#[derive(Clone, Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema), schemars(inline))]
struct Target {
    #[serde(flatten)]
    recipient: Recipient,
    /// What the wallet receives.
    #[serde(skip_serializing_if = "Option::is_none")]
    amount: Option<ExactDecimal>,
}

/// How often an order is placed.
///
/// With [`Weekly`](Self::Weekly) and [`Monthly`](Self::Monthly) one token starts many orders, for
/// months: never take its id for that of one order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema), schemars(inline))]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Periodicity {
    /// `once`: Topper's default.
    Once,
    /// `weekly`: on the same day of each week.
    Weekly,
    /// `monthly`: on the same day of each month.
    Monthly,
}

impl Periodicity {
    topper_core::__listed! {
        /// Every periodicity.
        Once, Weekly, Monthly,
    }

    /// The value in the token.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Once => "once",
            Self::Weekly => "weekly",
            Self::Monthly => "monthly",
        }
    }
}

impl Onramp {
    /// The user pays this amount of a currency (ISO 4217), all together.
    pub fn spend(amount: ExactDecimal, currency: impl Into<String>, recipient: Recipient) -> Self {
        let (amount, asset) = (Some(amount), Some(currency.into()));
        Self::of(Source { amount, asset, payment_method: None }, recipient, None)
    }

    /// The wallet receives this amount of crypto.
    pub fn receive(amount: ExactDecimal, recipient: Recipient) -> Self {
        Self::of(Source::default(), recipient, Some(amount))
    }

    fn of(source: Source, recipient: Recipient, amount: Option<ExactDecimal>) -> Self {
        let claims = Claims {
            source,
            target: Target { recipient, amount },
            periodicity: None,
            common: Common::default(),
        };
        Self { claims, further: Map::new() }
    }

    /// The currency that the user pays in (ISO 4217).
    pub fn currency(mut self, currency: impl Into<String>) -> Self {
        self.claims.source.asset = Some(currency.into());
        self
    }

    /// How the user pays, to begin with.
    pub fn payment_network(mut self, network: impl Into<PaymentNetwork>) -> Self {
        self.claims.source.payment_method = Some(PaymentMethod { network: network.into() });
        self
    }

    /// How often an order is placed (default: once).
    pub fn periodicity(mut self, periodicity: Periodicity) -> Self {
        self.claims.periodicity = Some(periodicity);
        self
    }

    common_settings!();
}

impl configuration::sealed::Sealed for Onramp {}

impl Configuration for Onramp {
    fn flow(&self) -> Flow {
        Flow::CryptoOnramp
    }

    fn claims(&self) -> Result<Map<String, Value>, ClaimsError> {
        let claims = &self.claims;
        present([("source.asset", claims.source.asset.as_ref())])?;
        if let Some(method) = &claims.source.payment_method
            && method.network.as_str().trim().is_empty()
        {
            return Err(ClaimsError::Blank("source.paymentMethod.network"));
        }
        amounts(claims.source.amount.as_ref(), claims.target.amount.as_ref())?;
        claims.target.recipient.check()?;
        claims.common.check()?;
        configuration::object(claims, &self.further)
    }
}

impl fmt::Debug for Onramp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Onramp")
            .field("recipient", &self.claims.target.recipient)
            .finish_non_exhaustive()
    }
}
