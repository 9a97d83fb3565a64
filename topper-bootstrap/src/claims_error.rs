//! What no type can hold of a configuration.

use topper_core::internal::Short;

/// Why a configuration would make a token that Topper refuses.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ClaimsError {
    /// A value is blank.
    #[error("`{0}` is blank")]
    Blank(&'static str),
    /// An amount is not a positive number in digits.
    #[error("`{0}` is not over zero, or not written in digits with at most one point")]
    Amount(&'static str),
    /// The asset is outside the allowed ones.
    #[error("the asset {} is not among `{field}`{}", Short(.asset), on(.network.as_deref()))]
    #[non_exhaustive]
    AssetNotAllowed {
        /// The list: `target.allowedAssets` or `source.allowedAssets`.
        field: &'static str,
        /// The asset.
        asset: String,
        /// Its network, if that is what is not allowed.
        network: Option<String>,
    },
    /// A list is empty, which would allow nothing.
    #[error("`{0}` is empty")]
    Empty(&'static str),
    /// A country is not in the alpha-2 code format.
    #[error("`simulation.country` is not two capital letters, such as PT (ISO 3166-1 alpha-2)")]
    Country,
    /// A claim of your own has the name of one that this crate writes, or of a registered one.
    #[error("the claim `{}` is written by this crate, or reserved by RFC 7519", Short(.0))]
    Reserved(String),
    /// A claim of your own is not JSON.
    #[error("the claim `{}` cannot be written as JSON", Short(.0))]
    NotJson(String),
    /// A claim of your own has a private key in it.
    #[error("the claim `{}` has a private key in it: a token is shown to the user", Short(.0))]
    PrivateKey(String),
    /// The id of a token is too short or too long.
    #[error("the token's id is not 1 to {most} bytes long")]
    #[non_exhaustive]
    TokenId {
        /// The most bytes that it may have.
        most: usize,
    },
    /// The machine gives no random bytes.
    #[error("no random bytes for the token's id: give it one with `Draft::with_id`")]
    Random,
}

fn on(network: Option<&str>) -> String {
    network.map(|network| format!(" on the network {}", Short(network))).unwrap_or_default()
}
