//! The off-ramp: the user sells crypto.

use std::fmt;

use serde::Serialize;
use serde_json::{Map, Value};
use topper_core::event::{ExactDecimal, Flow};

use crate::{
    AllowedAsset, ClaimsError, asset,
    common::{Common, common_settings},
    configuration::{self, Configuration, amounts, present},
};

mod wallet;

pub use wallet::{Refund, WalletSend, WalletSendMode};

/// A session in which the user sells crypto.
///
/// It has exactly one amount: what the user [sells](Self::sell), or what the user
/// [receives](Self::receive).
///
/// `Debug` shows no value.
///
/// # Examples
///
/// ```
/// use topper_bootstrap::{Offramp, Refund, WalletSend};
///
/// let offramp = Offramp::sell("25".parse()?, "XRP")
///     .refund(Refund::to("rPEPPER7kfTD9w2To4CQk6UCfuHM9c6GDY"))
///     .wallet_send(WalletSend::new("https://wallet.example/send"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// With two amounts it does not compile, nor with none:
///
/// ```compile_fail,E0599
/// use topper_bootstrap::Offramp;
///
/// let amount: topper_bootstrap::ExactDecimal = "25".parse().unwrap();
/// let offramp = Offramp::sell(amount.clone(), "XRP").receive(amount, "USD", "XRP");
/// ```
///
/// ```compile_fail,E0599
/// use topper_bootstrap::Offramp;
///
/// let offramp = Offramp::new("XRP");
/// ```
///
/// A token for selling has no recipient, and no periodicity:
///
/// ```compile_fail,E0599
/// use topper_bootstrap::{Offramp, Periodicity};
///
/// let offramp = Offramp::sell("25".parse().unwrap(), "XRP").periodicity(Periodicity::Weekly);
/// ```
#[derive(Clone)]
#[must_use]
pub struct Offramp {
    claims: Claims,
    further: Map<String, Value>,
}

/// The configuration of an off-ramp session, in a bootstrap token.
#[derive(Clone, Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema), schemars(title = "OfframpClaims"))]
#[serde(rename_all = "camelCase")]
pub(crate) struct Claims {
    /// What the user sells.
    source: Source,
    /// What the user receives.
    #[serde(skip_serializing_if = "Target::is_empty")]
    target: Target,
    /// Where the crypto goes if the order fails.
    #[serde(skip_serializing_if = "Option::is_none")]
    refund: Option<Refund>,
    #[serde(flatten)]
    common: Common,
}

#[derive(Clone, Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema), schemars(inline))]
#[serde(rename_all = "camelCase")]
struct Source {
    /// What the user sells.
    #[serde(skip_serializing_if = "Option::is_none")]
    amount: Option<ExactDecimal>,
    /// The code of the crypto asset.
    asset: String,
    /// The network of the asset.
    #[serde(skip_serializing_if = "Option::is_none")]
    network: Option<String>,
    /// The assets that the user may choose.
    #[serde(skip_serializing_if = "Option::is_none")]
    allowed_assets: Option<Vec<AllowedAsset>>,
    /// What the user may change.
    #[serde(skip_serializing_if = "Option::is_none")]
    edit_mode: Option<SourceEditMode>,
    #[serde(flatten)]
    wallet_send: Option<WalletSend>,
}

#[derive(Clone, Default, Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema), schemars(inline))]
struct Target {
    /// What the user receives.
    #[serde(skip_serializing_if = "Option::is_none")]
    amount: Option<ExactDecimal>,
    /// The currency that the user receives (ISO 4217).
    #[serde(skip_serializing_if = "Option::is_none")]
    asset: Option<String>,
}

impl Target {
    fn is_empty(&self) -> bool {
        self.amount.is_none() && self.asset.is_none()
    }
}

/// What the user may change of what is sold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema), schemars(inline))]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum SourceEditMode {
    /// `only-asset-and-network`: Topper's default.
    OnlyAssetAndNetwork,
    /// `not-editable`: nothing.
    NotEditable,
}

impl SourceEditMode {
    topper_core::__listed! {
        /// Every mode.
        OnlyAssetAndNetwork, NotEditable,
    }

    /// The value in the token.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::OnlyAssetAndNetwork => "only-asset-and-network",
            Self::NotEditable => "not-editable",
        }
    }
}

impl Offramp {
    /// The user sells this amount of a crypto asset.
    pub fn sell(amount: ExactDecimal, asset: impl Into<String>) -> Self {
        Self::of(Some(amount), asset.into(), Target::default())
    }

    /// The user receives this amount of a currency (ISO 4217) for a crypto asset.
    pub fn receive(
        amount: ExactDecimal,
        currency: impl Into<String>,
        asset: impl Into<String>,
    ) -> Self {
        let target = Target { amount: Some(amount), asset: Some(currency.into()) };
        Self::of(None, asset.into(), target)
    }

    fn of(amount: Option<ExactDecimal>, asset: String, target: Target) -> Self {
        let source = Source {
            amount,
            asset,
            network: None,
            allowed_assets: None,
            edit_mode: None,
            wallet_send: None,
        };
        let claims = Claims { source, target, refund: None, common: Common::default() };
        Self { claims, further: Map::new() }
    }

    /// The network of what is sold.
    pub fn network(mut self, network: impl Into<String>) -> Self {
        self.claims.source.network = Some(network.into());
        self
    }

    /// The currency that the user receives (ISO 4217).
    pub fn currency(mut self, currency: impl Into<String>) -> Self {
        self.claims.target.asset = Some(currency.into());
        self
    }

    /// The assets that the user may choose. The one that is sold must be among them.
    pub fn allowed_assets(
        mut self,
        assets: impl IntoIterator<Item = impl Into<AllowedAsset>>,
    ) -> Self {
        self.claims.source.allowed_assets = Some(assets.into_iter().map(Into::into).collect());
        self
    }

    /// What the user may change (default: the asset and its network).
    pub fn edit_mode(mut self, mode: SourceEditMode) -> Self {
        self.claims.source.edit_mode = Some(mode);
        self
    }

    /// Where the user sends the crypto from.
    pub fn wallet_send(mut self, wallet: WalletSend) -> Self {
        self.claims.source.wallet_send = Some(wallet);
        self
    }

    /// Where the crypto goes if the order fails.
    pub fn refund(mut self, refund: Refund) -> Self {
        self.claims.refund = Some(refund);
        self
    }

    common_settings!();
}

impl configuration::sealed::Sealed for Offramp {}

impl Configuration for Offramp {
    fn flow(&self) -> Flow {
        Flow::CryptoOfframp
    }

    fn claims(&self) -> Result<Map<String, Value>, ClaimsError> {
        let claims = &self.claims;
        let source = &claims.source;
        present([
            ("source.asset", Some(&source.asset)),
            ("source.network", source.network.as_ref()),
            ("target.asset", claims.target.asset.as_ref()),
        ])?;
        amounts(source.amount.as_ref(), claims.target.amount.as_ref())?;
        asset::check(
            "source.allowedAssets",
            source.allowed_assets.as_deref(),
            Some(&source.asset),
            source.network.as_deref(),
        )?;
        source.wallet_send.as_ref().map_or(Ok(()), WalletSend::check)?;
        claims.refund.as_ref().map_or(Ok(()), Refund::check)?;
        claims.common.check()?;
        configuration::object(claims, &self.further)
    }
}

impl fmt::Debug for Offramp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Offramp").finish_non_exhaustive()
    }
}
