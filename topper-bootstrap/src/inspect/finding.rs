//! The rules that a token can break, in plain words.

use topper_core::{event::Flow, internal::Short};

use crate::RecipientEditMode;

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Level {
    /// Topper takes the token, but it may harm: read the finding.
    Unsafe,
    /// Topper refuses the token.
    Refused,
}

/// One rule that a token breaks. Its text is safe to show: what it quotes is cut and escaped, and it
/// never shows a key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Finding {
    /// It is too long to be a token.
    #[error("it is over {most} bytes long")]
    #[non_exhaustive]
    TooLong {
        /// The most bytes that are looked at.
        most: usize,
    },
    /// It is more than one token.
    #[error("it has a `;`, as a URL with two tokens has: inspect each token alone")]
    Several,
    /// It is not a JWT in compact form.
    #[error("it is not a signed JWT: three parts in base64url without padding, with dots between")]
    Shape,
    /// The header is not JSON.
    #[error("the header is not a JSON object")]
    Header,
    /// The claims are not JSON.
    #[error("the claims are not a JSON object")]
    Claims,
    /// The `typ` is missing or another.
    #[error("`typ` in the header is not `JWT`")]
    Type,
    /// The `alg` is missing, or none that Topper takes.
    #[error(
        "`alg` in the header is {}, and Topper takes ES256, ES384, ES512, RS256, RS384 and RS512",
        quoted(.0.as_deref())
    )]
    Algorithm(Option<String>),
    /// The `kid` is missing.
    #[error(
        "`kid` is not in the header: it must be the key id that Topper gave for your public key"
    )]
    KeyId,
    /// The signature is not one by the key.
    #[error("the signature does not match the key")]
    Signature,
    /// A private key is in the token, which the user sees.
    #[error(
        "a private key is in the token, at `{}`: everyone who sees the token can sign now, so have \
         Topper replace the key",
        Short(.0)
    )]
    PrivateKey(String),
    /// The `jti` is missing.
    #[error("`jti` is missing: no webhook could be linked to your user")]
    TokenId,
    /// The `sub` is missing.
    #[error("`sub` is missing: it must be the id of the widget")]
    WidgetId,
    /// The `iat` is missing or not a whole number.
    #[error("`iat` is missing, or not a whole number of seconds since 1970")]
    IssuedAt,
    /// The `iat` is in milliseconds.
    #[error("`iat` is in milliseconds: it must be in seconds since 1970")]
    Milliseconds,
    /// It was issued too long ago.
    #[error(
        "it was issued {seconds} s ago: Topper takes a token for minutes only, so sign a new one"
    )]
    #[non_exhaustive]
    Old {
        /// How long ago.
        seconds: u64,
    },
    /// It is issued in the future.
    #[error("it is issued {seconds} s in the future: check the clock of the machine that signs")]
    #[non_exhaustive]
    Future {
        /// How far.
        seconds: u64,
    },
    /// Its `exp` is over.
    #[error("it has expired: its `exp` was {seconds} s ago")]
    #[non_exhaustive]
    Expired {
        /// How long ago.
        seconds: u64,
    },
    /// It has two amounts.
    #[error("`source.amount` and `target.amount` are both there: keep exactly one")]
    TwoAmounts,
    /// It has no amount.
    #[error("neither `source.amount` nor `target.amount` is there: set exactly one")]
    NoAmount,
    /// An amount is a JSON number.
    #[error("`{0}` is a number: write it as text, because a float cannot hold every amount")]
    AmountNotText(&'static str),
    /// An amount is not a positive number in digits.
    #[error("`{0}` is not over zero, or not written in digits with at most one point")]
    Amount(&'static str),
    /// A field is at a place where Topper does not look.
    #[error("`{found}` is at the wrong place: it belongs at `{right}`")]
    #[non_exhaustive]
    Misplaced {
        /// Where it is.
        found: String,
        /// Where it belongs.
        right: &'static str,
    },
    /// The recipient's edit mode is not one.
    #[error(
        "`target.recipientEditMode` is {}, and is none of not-editable, only-address-and-tag, \
         all-editable and only-asset-same-network",
        quoted(.0.as_deref())
    )]
    RecipientEditMode(Option<String>),
    /// The edit mode requires a field.
    #[error(
        "`target.{field}` is missing, which `recipientEditMode` {} requires{}",
        .mode.as_str(),
        if *.mode == RecipientEditMode::NotEditable { " (the default)" } else { "" }
    )]
    #[non_exhaustive]
    MissingForEditMode {
        /// The mode.
        mode: RecipientEditMode,
        /// The field of `target`.
        field: &'static str,
    },
    /// A field is missing, or not text.
    #[error("`{0}` is missing, or not text")]
    Missing(&'static str),
    /// A value is none that Topper documents.
    #[error("`{field}` is {}, and is none of {known}", quoted(.value.as_deref()))]
    #[non_exhaustive]
    Value {
        /// The field.
        field: &'static str,
        /// Its value, if it is text.
        value: Option<String>,
        /// What it may be.
        known: &'static str,
    },
    /// The asset is outside the allowed ones.
    #[error("the asset {} is not among `{list}`{}", Short(.asset), on(.network.as_deref()))]
    #[non_exhaustive]
    AssetNotAllowed {
        /// The list.
        list: &'static str,
        /// The asset.
        asset: String,
        /// Its network, if that is what is not allowed.
        network: Option<String>,
    },
    /// The list of allowed assets is not one.
    #[error("`{0}` is not a list of asset codes and of objects with `asset` and `networks`")]
    AllowedAssets(&'static str),
    /// The fee is too high, or not a number in text.
    #[error("`partner.fee.percentage` is not text with a number from 0 to 5")]
    Fee,
    /// The device check is neither plain nor hashed.
    #[error(
        "`partner.validation.device` has neither `ip` or `user-agent`, nor `fields` with `hash` \
         (64 hexadecimal digits)"
    )]
    Device,
    /// The country is not in the alpha-2 code format.
    #[error("`simulation.country` is not two capital letters, such as PT (ISO 3166-1 alpha-2)")]
    Country,
    /// A claim is of the other flow.
    #[error("`{field}` is not a field of the flow {flow}")]
    #[non_exhaustive]
    OtherFlow {
        /// The field.
        field: &'static str,
        /// The flow of the widget.
        flow: Flow,
    },
}

impl Finding {
    /// How bad it is.
    pub fn level(&self) -> Level {
        match self {
            Self::PrivateKey(_) | Self::AmountNotText(_) | Self::Misplaced { .. } => Level::Unsafe,
            _ => Level::Refused,
        }
    }
}

fn quoted(value: Option<&str>) -> String {
    value.map_or_else(|| "missing or not text".to_owned(), |value| format!("{:?}", Short(value)))
}

fn on(network: Option<&str>) -> String {
    network.map(|network| format!(" on the network {}", Short(network))).unwrap_or_default()
}
