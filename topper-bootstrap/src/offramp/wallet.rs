//! Where the crypto that is sold is sent from, and where it goes back to.

use std::fmt;

use serde::Serialize;
use topper_core::event::{Priority, TagType};

use crate::{ClaimsError, Tab, configuration::present, wallet::Tag};

/// Where the user sends the crypto from. `Debug` does not show the URL.
#[derive(Clone, Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema), schemars(inline))]
#[serde(rename_all = "camelCase")]
#[must_use]
pub struct WalletSend {
    /// The URL of your wallet, to which Topper adds the order.
    wallet_send_url: String,
    /// Where the URL is opened.
    #[serde(skip_serializing_if = "Option::is_none")]
    wallet_send_url_target: Option<Tab>,
    /// Whether the user presses a button first.
    #[serde(skip_serializing_if = "Option::is_none")]
    wallet_send_url_mode: Option<WalletSendMode>,
}

/// How the user gets to your wallet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema), schemars(inline))]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum WalletSendMode {
    /// `button`: by a button.
    Button,
    /// `redirect`: at once.
    Redirect,
}

impl WalletSend {
    /// At this URL.
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            wallet_send_url: url.into(),
            wallet_send_url_target: None,
            wallet_send_url_mode: None,
        }
    }

    /// Where the URL is opened.
    pub fn tab(mut self, tab: Tab) -> Self {
        self.wallet_send_url_target = Some(tab);
        self
    }

    /// Whether the user presses a button first.
    pub fn mode(mut self, mode: WalletSendMode) -> Self {
        self.wallet_send_url_mode = Some(mode);
        self
    }

    pub(super) fn check(&self) -> Result<(), ClaimsError> {
        present([("source.walletSendUrl", Some(&self.wallet_send_url))])
    }
}

impl fmt::Debug for WalletSend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WalletSend").finish_non_exhaustive()
    }
}

/// Where the crypto goes if the order fails. `Debug` does not show the address.
#[derive(Clone, Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema), schemars(inline))]
#[must_use]
pub struct Refund {
    /// The address of the wallet.
    address: String,
    /// What the chain wants next to the address.
    #[serde(skip_serializing_if = "Option::is_none")]
    tag: Option<Tag>,
    /// How soon the transaction is wanted.
    #[serde(skip_serializing_if = "Option::is_none")]
    priority: Option<Priority>,
}

impl Refund {
    /// To this address, on the network of what is sold.
    pub fn to(address: impl Into<String>) -> Self {
        Self { address: address.into(), tag: None, priority: None }
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

    pub(super) fn check(&self) -> Result<(), ClaimsError> {
        present([
            ("refund.address", Some(&self.address)),
            ("refund.tag.value", self.tag.as_ref().map(Tag::value)),
        ])
    }
}

impl fmt::Debug for Refund {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Refund").finish_non_exhaustive()
    }
}
