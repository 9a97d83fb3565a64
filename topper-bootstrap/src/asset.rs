//! The assets that a user may choose.

use serde::Serialize;

use crate::ClaimsError;

/// An asset that the user may choose: on all its networks, or on some.
///
/// # Examples
///
/// ```
/// use topper_bootstrap::AllowedAsset;
///
/// let allowed = [AllowedAsset::from("BTC"), AllowedAsset::on("ETH", ["ethereum", "arbitrum"])];
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema), schemars(inline))]
#[serde(transparent)]
pub struct AllowedAsset(Entry);

#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema), schemars(inline))]
#[serde(untagged)]
enum Entry {
    /// The code of an asset, on all its networks.
    Code(String),
    /// An asset on some of its networks.
    OnNetworks {
        /// The code of the asset.
        asset: String,
        /// The networks; all of them if the field is absent.
        #[serde(skip_serializing_if = "Option::is_none")]
        networks: Option<Vec<String>>,
    },
}

impl AllowedAsset {
    /// An asset on these networks only.
    pub fn on(
        asset: impl Into<String>,
        networks: impl IntoIterator<Item = impl Into<String>>,
    ) -> Self {
        let networks = Some(networks.into_iter().map(Into::into).collect());
        Self(Entry::OnNetworks { asset: asset.into(), networks })
    }

    fn parts(&self) -> (&str, Option<&[String]>) {
        match &self.0 {
            Entry::Code(asset) => (asset, None),
            Entry::OnNetworks { asset, networks } => (asset, networks.as_deref()),
        }
    }
}

/// An asset on all its networks.
impl From<&str> for AllowedAsset {
    fn from(asset: &str) -> Self {
        Self(Entry::Code(asset.to_owned()))
    }
}

/// An asset on all its networks.
impl From<String> for AllowedAsset {
    fn from(asset: String) -> Self {
        Self(Entry::Code(asset))
    }
}

/// That a list allows something, and the asset that is set already.
pub(crate) fn check(
    field: &'static str,
    allowed: Option<&[AllowedAsset]>,
    asset: Option<&str>,
    network: Option<&str>,
) -> Result<(), ClaimsError> {
    let Some(allowed) = allowed else { return Ok(()) };
    let parts: Vec<_> = allowed.iter().map(AllowedAsset::parts).collect();
    let is_blank = |text: &str| text.trim().is_empty();
    let has_blank = |(asset, networks): &(&str, Option<&[String]>)| {
        is_blank(asset) || networks.is_some_and(|all| all.iter().any(|it| is_blank(it)))
    };
    if parts.is_empty() || parts.iter().any(|(_, networks)| networks.is_some_and(<[_]>::is_empty)) {
        return Err(ClaimsError::Empty(field));
    }
    if parts.iter().any(has_blank) {
        return Err(ClaimsError::Blank(field));
    }
    match asset.and_then(|asset| outside(&parts, asset, network)) {
        Some(Outside::Asset) => Err(ClaimsError::AssetNotAllowed {
            field,
            asset: asset.unwrap_or_default().to_owned(),
            network: None,
        }),
        Some(Outside::Network) => Err(ClaimsError::AssetNotAllowed {
            field,
            asset: asset.unwrap_or_default().to_owned(),
            network: network.map(str::to_owned),
        }),
        None => Ok(()),
    }
}

/// What of an asset on a network is not in a list.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outside {
    Asset,
    Network,
}

pub(crate) fn outside<N: AsRef<str>>(
    allowed: &[(&str, Option<&[N]>)],
    asset: &str,
    network: Option<&str>,
) -> Option<Outside> {
    let mut same = allowed.iter().filter(|(allowed, _)| *allowed == asset).peekable();
    if same.peek().is_none() {
        return Some(Outside::Asset);
    }
    let network = network?;
    let is_on = |networks: &Option<&[N]>| {
        networks.is_none_or(|all| all.iter().any(|allowed| allowed.as_ref() == network))
    };
    let is_inside = same.any(|(_, networks)| is_on(networks));
    (!is_inside).then_some(Outside::Network)
}
