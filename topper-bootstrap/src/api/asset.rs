//! What can be exchanged for what.

use serde::{Deserialize, Serialize};
use topper_core::{
    event::{Priority, TagType},
    internal::decode,
};

use super::body::{self, opaque_debug};

/// The assets that users of a flow can choose.
///
/// In an on-ramp, the source is a currency and the target a cryptocurrency.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Assets {
    /// What a user can give.
    #[serde(deserialize_with = "decode::list")]
    pub source: Vec<Asset>,
    /// What a user can get.
    #[serde(deserialize_with = "decode::list")]
    pub target: Vec<Asset>,
}

/// A currency or a cryptocurrency.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Asset {
    /// The code, such as `EUR` or `ETH`.
    pub code: String,
    /// The name, such as `Euro`. A lone surrogate in it becomes U+FFFD.
    #[serde(
        default,
        deserialize_with = "decode::optional_lenient",
        skip_serializing_if = "Option::is_none"
    )]
    pub name: Option<String>,
    /// The symbol, such as `€`; absent for some cryptocurrencies. A lone surrogate in it becomes U+FFFD.
    #[serde(
        default,
        deserialize_with = "decode::optional_lenient",
        skip_serializing_if = "Option::is_none"
    )]
    pub symbol: Option<String>,
    /// The blockchains of a cryptocurrency; empty for a currency.
    #[serde(default, deserialize_with = "body::objects", skip_serializing_if = "Vec::is_empty")]
    pub networks: Vec<AssetNetwork>,
}

/// A blockchain of a cryptocurrency.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct AssetNetwork {
    /// The code, such as `ethereum`, which a [`Recipient`](crate::Recipient) takes.
    pub code: String,
    /// The name, such as `Ethereum`. A lone surrogate in it becomes U+FFFD.
    #[serde(
        default,
        deserialize_with = "decode::optional_lenient",
        skip_serializing_if = "Option::is_none"
    )]
    pub name: Option<String>,
    /// How soon a transaction can be wanted.
    #[serde(default, deserialize_with = "body::texts")]
    pub priorities: Vec<Priority>,
    /// The tags that an address can have; empty if addresses have none.
    #[serde(default, deserialize_with = "body::texts")]
    pub tag_types: Vec<TagType>,
}

opaque_debug!(Assets, Asset, AssetNetwork);
