//! The open enumerations of the payloads.
//!
//! Decoding and `From<&str>` never create `Unknown` with a known value. A lone surrogate in an unknown
//! value becomes U+FFFD.

mod open;

#[cfg(feature = "schemars")]
use super::schema;
use open::open_enumeration;

/// The state of an order.
///
/// Rely on the event's name rather than on this status: in Topper's webhook documentation, a refunded
/// off-ramp order has the status `failed`, and an example of a completed one has `processing`.
#[derive(Clone, PartialEq, Eq, Hash)]
#[cfg_attr(
    feature = "schemars",
    derive(schemars::JsonSchema),
    schemars(rename_all = "kebab-case", transform = schema::open)
)]
#[non_exhaustive]
pub enum OrderStatus {
    /// `pending`: placed, not charged.
    Pending,
    /// `processing`: in progress.
    Processing,
    /// `completed`: carried out.
    Completed,
    /// `expired`: cancelled by the user, or expired.
    Expired,
    /// `failed`: not carried out.
    Failed,
    /// `refunded`: paid back.
    Refunded,
    /// A value this version does not know, as received.
    #[cfg_attr(feature = "schemars", schemars(untagged))]
    Unknown(String),
}

open_enumeration!(OrderStatus {
    Pending = "pending",
    Processing = "processing",
    Completed = "completed",
    Expired = "expired",
    Failed = "failed",
    Refunded = "refunded",
});

/// How the user pays, or is paid.
#[derive(Clone, PartialEq, Eq, Hash)]
#[cfg_attr(
    feature = "schemars",
    derive(schemars::JsonSchema),
    schemars(rename_all = "kebab-case", transform = schema::open)
)]
#[non_exhaustive]
pub enum PaymentMethodType {
    /// `credit-card`
    CreditCard,
    /// `debit-card`
    DebitCard,
    /// A value this version does not know, as received.
    #[cfg_attr(feature = "schemars", schemars(untagged))]
    Unknown(String),
}

open_enumeration!(PaymentMethodType { CreditCard = "credit-card", DebitCard = "debit-card" });

/// What a fee is for.
#[derive(Clone, PartialEq, Eq, Hash)]
#[cfg_attr(
    feature = "schemars",
    derive(schemars::JsonSchema),
    schemars(rename_all = "kebab-case", transform = schema::open)
)]
#[non_exhaustive]
pub enum FeeType {
    /// `network`: for the transaction on the blockchain.
    Network,
    /// `deposit`: for taking the user's money.
    Deposit,
    /// `partner`: for the partner who owns the widget.
    Partner,
    /// A value this version does not know, as received.
    #[cfg_attr(feature = "schemars", schemars(untagged))]
    Unknown(String),
}

open_enumeration!(FeeType { Network = "network", Deposit = "deposit", Partner = "partner" });

/// Whether the user buys or sells crypto.
#[derive(Clone, PartialEq, Eq, Hash)]
#[cfg_attr(
    feature = "schemars",
    derive(schemars::JsonSchema),
    schemars(rename_all = "snake_case", transform = schema::open)
)]
#[non_exhaustive]
pub enum Flow {
    /// `crypto_onramp`: the user buys crypto.
    CryptoOnramp,
    /// `crypto_offramp`: the user sells crypto.
    CryptoOfframp,
    /// A value this version does not know, as received.
    #[cfg_attr(feature = "schemars", schemars(untagged))]
    Unknown(String),
}

open_enumeration!(Flow { CryptoOnramp = "crypto_onramp", CryptoOfframp = "crypto_offramp" });

/// How fast a blockchain transaction should be.
#[derive(Clone, PartialEq, Eq, Hash)]
#[cfg_attr(
    feature = "schemars",
    derive(schemars::JsonSchema),
    schemars(rename_all = "kebab-case", transform = schema::open)
)]
#[non_exhaustive]
pub enum Priority {
    /// `normal`
    Normal,
    /// `fast`
    Fast,
    /// A value this version does not know, as received.
    #[cfg_attr(feature = "schemars", schemars(untagged))]
    Unknown(String),
}

open_enumeration!(Priority { Normal = "normal", Fast = "fast" });

/// How a user logged in.
#[derive(Clone, PartialEq, Eq, Hash)]
#[cfg_attr(
    feature = "schemars",
    derive(schemars::JsonSchema),
    schemars(rename_all = "kebab-case", transform = schema::open)
)]
#[non_exhaustive]
pub enum AuthenticationMethod {
    /// `otp`: with a one-time password.
    Otp,
    /// `sso`: through single sign-on.
    Sso,
    /// A value this version does not know, as received.
    #[cfg_attr(feature = "schemars", schemars(untagged))]
    Unknown(String),
}

open_enumeration!(AuthenticationMethod { Otp = "otp", Sso = "sso" });

/// Why an order failed.
#[derive(Clone, PartialEq, Eq, Hash)]
#[cfg_attr(
    feature = "schemars",
    derive(schemars::JsonSchema),
    schemars(rename_all = "kebab-case", transform = schema::open)
)]
#[non_exhaustive]
pub enum FailureReason {
    /// `fraud`: fraud is suspected.
    Fraud,
    /// A value this version does not know, as received.
    #[cfg_attr(feature = "schemars", schemars(untagged))]
    Unknown(String),
}

open_enumeration!(FailureReason { Fraud = "fraud" });

/// What a blockchain calls the tag of an address.
#[derive(Clone, PartialEq, Eq, Hash)]
#[cfg_attr(
    feature = "schemars",
    derive(schemars::JsonSchema),
    schemars(rename_all = "kebab-case", transform = schema::open)
)]
#[non_exhaustive]
pub enum TagType {
    /// `memo`
    Memo,
    /// `destination-tag`
    DestinationTag,
    /// A value this version does not know, as received.
    #[cfg_attr(feature = "schemars", schemars(untagged))]
    Unknown(String),
}

open_enumeration!(TagType { Memo = "memo", DestinationTag = "destination-tag" });
