//! The wallet that gets the crypto, and what of it the user may change.

use std::fmt;

use serde::Serialize;
use topper_core::event::{Priority, TagType};

use crate::{AllowedAsset, ClaimsError, asset, configuration::present, wallet::Tag};

/// What the user may change of the wallet that gets the crypto.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema), schemars(inline))]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum RecipientEditMode {
    /// `not-editable`: nothing. Topper's default.
    NotEditable,
    /// `only-address-and-tag`: the address and its tag.
    OnlyAddressAndTag,
    /// `all-editable`: everything.
    AllEditable,
    /// `only-asset-same-network`: the asset, among those of the same network.
    OnlyAssetSameNetwork,
}

impl RecipientEditMode {
    topper_core::__listed! {
        /// Every mode.
        NotEditable, OnlyAddressAndTag, AllEditable, OnlyAssetSameNetwork,
    }

    /// The value in the token.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NotEditable => "not-editable",
            Self::OnlyAddressAndTag => "only-address-and-tag",
            Self::AllEditable => "all-editable",
            Self::OnlyAssetSameNetwork => "only-asset-same-network",
        }
    }

    /// The fields of `target` that must be there.
    pub const fn required(self) -> &'static [&'static str] {
        match self {
            Self::NotEditable => &["asset", "network", "address"],
            Self::OnlyAddressAndTag => &["asset", "network"],
            Self::AllEditable => &[],
            Self::OnlyAssetSameNetwork => &["network", "address"],
        }
    }
}

/// The wallet that gets the crypto.
///
/// There is a constructor for each edit mode, and it takes what the mode requires: a recipient
/// without it cannot be written.
///
/// Where a visitor cannot be authenticated, the address must not be locked: use
/// [`all_editable`](Self::all_editable) or [`only_address_and_tag`](Self::only_address_and_tag).
///
/// `Debug` shows the mode only.
///
/// # Examples
///
/// ```
/// use topper_bootstrap::{Priority, Recipient};
///
/// let recipient = Recipient::not_editable("ETH", "ethereum", "0x52908400098527886E0F7030069857D2E4169EE7")
///     .priority(Priority::Fast)
///     .label("My wallet");
/// ```
///
/// Without its address it does not compile:
///
/// ```compile_fail,E0061
/// use topper_bootstrap::Recipient;
///
/// let recipient = Recipient::not_editable("ETH", "ethereum");
/// ```
///
/// Nor do the others without what they require:
///
/// ```compile_fail,E0061
/// use topper_bootstrap::Recipient;
///
/// let recipient = Recipient::only_address_and_tag("XRP");
/// ```
///
/// ```compile_fail,E0061
/// use topper_bootstrap::Recipient;
///
/// let recipient = Recipient::only_asset_same_network("ethereum");
/// ```
///
/// And there is none without an edit mode:
///
/// ```compile_fail,E0599
/// use topper_bootstrap::Recipient;
///
/// let recipient = Recipient::default();
/// ```
#[derive(Clone, Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema), schemars(inline))]
#[serde(rename_all = "camelCase")]
#[must_use]
pub struct Recipient {
    /// The code of the crypto asset.
    #[serde(skip_serializing_if = "Option::is_none")]
    asset: Option<String>,
    /// The network of the asset.
    #[serde(skip_serializing_if = "Option::is_none")]
    network: Option<String>,
    /// The address of the wallet.
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<String>,
    /// What the chain wants next to the address.
    #[serde(skip_serializing_if = "Option::is_none")]
    tag: Option<Tag>,
    /// How soon the transaction is wanted.
    #[serde(skip_serializing_if = "Option::is_none")]
    priority: Option<Priority>,
    /// What the widget calls the wallet.
    #[serde(skip_serializing_if = "Option::is_none")]
    label: Option<String>,
    /// The assets that the user may choose.
    #[serde(skip_serializing_if = "Option::is_none")]
    allowed_assets: Option<Vec<AllowedAsset>>,
    /// What the user may change.
    recipient_edit_mode: RecipientEditMode,
}

impl Recipient {
    /// The user can change nothing. Only for users who are authenticated.
    pub fn not_editable(
        asset: impl Into<String>,
        network: impl Into<String>,
        address: impl Into<String>,
    ) -> Self {
        Self::new(RecipientEditMode::NotEditable).asset(asset).network(network).address(address)
    }

    /// The user can change the address and its tag.
    pub fn only_address_and_tag(asset: impl Into<String>, network: impl Into<String>) -> Self {
        Self::new(RecipientEditMode::OnlyAddressAndTag).asset(asset).network(network)
    }

    /// The user can change everything.
    pub fn all_editable() -> Self {
        Self::new(RecipientEditMode::AllEditable)
    }

    /// The user can change the asset to another one of the same network.
    pub fn only_asset_same_network(network: impl Into<String>, address: impl Into<String>) -> Self {
        Self::new(RecipientEditMode::OnlyAssetSameNetwork).network(network).address(address)
    }

    const fn new(recipient_edit_mode: RecipientEditMode) -> Self {
        Self {
            asset: None,
            network: None,
            address: None,
            tag: None,
            priority: None,
            label: None,
            allowed_assets: None,
            recipient_edit_mode,
        }
    }

    /// The code of the crypto asset.
    pub fn asset(mut self, asset: impl Into<String>) -> Self {
        self.asset = Some(asset.into());
        self
    }

    /// The network of the asset.
    pub fn network(mut self, network: impl Into<String>) -> Self {
        self.network = Some(network.into());
        self
    }

    /// The address of the wallet.
    pub fn address(mut self, address: impl Into<String>) -> Self {
        self.address = Some(address.into());
        self
    }

    /// What the chain wants next to the address.
    pub fn tag(mut self, r#type: impl Into<TagType>, value: impl Into<String>) -> Self {
        self.tag = Some(Tag::new(r#type.into(), value));
        self
    }

    /// How soon the transaction is wanted (default: normal).
    pub fn priority(mut self, priority: Priority) -> Self {
        self.priority = Some(priority);
        self
    }

    /// What the widget calls the wallet (default: the widget's name).
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = Some(label.into());
        self
    }

    /// The assets that the user may choose. One that is set must be among them.
    pub fn allowed_assets(
        mut self,
        assets: impl IntoIterator<Item = impl Into<AllowedAsset>>,
    ) -> Self {
        self.allowed_assets = Some(assets.into_iter().map(Into::into).collect());
        self
    }

    /// What the user may change.
    pub fn edit_mode(&self) -> RecipientEditMode {
        self.recipient_edit_mode
    }

    pub(crate) fn check(&self) -> Result<(), ClaimsError> {
        present([
            ("target.asset", self.asset.as_ref()),
            ("target.network", self.network.as_ref()),
            ("target.address", self.address.as_ref()),
            ("target.tag.value", self.tag.as_ref().map(Tag::value)),
            ("target.label", self.label.as_ref()),
        ])?;
        asset::check(
            "target.allowedAssets",
            self.allowed_assets.as_deref(),
            self.asset.as_deref(),
            self.network.as_deref(),
        )
    }
}

impl fmt::Debug for Recipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recipient")
            .field("edit_mode", &self.recipient_edit_mode)
            .finish_non_exhaustive()
    }
}
