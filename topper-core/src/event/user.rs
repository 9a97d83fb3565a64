//! Accounts and identity checks.
//!
//! The types follow Topper's webhook documentation. Unknown fields are ignored.

use serde::{Deserialize, Serialize};

use super::{AuthenticationMethod, Timestamp, debug::opaque_debug, decode::object};

/// The payload of `user:created`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct UserCreated {
    /// The new user.
    #[serde(deserialize_with = "object::required")]
    pub user: CreatedUser,
}

/// A user whose account was created.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct CreatedUser {
    /// The id of the user.
    pub id: String,
    /// When the account was created.
    pub created_at: Timestamp,
}

/// The payload of `user:logged-in`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct UserLoggedIn {
    /// How the user logged in.
    pub authentication_method: AuthenticationMethod,
    /// The user.
    #[serde(deserialize_with = "object::required")]
    pub user: LoggedInUser,
}

/// A user who logged in.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct LoggedInUser {
    /// The id of the user.
    pub id: String,
    /// When the user was confirmed.
    pub confirmed_at: Timestamp,
}

/// The payload of `user:kyc:identity:initiated`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct KycInitiated {
    /// The identity check.
    #[serde(deserialize_with = "object::required")]
    pub kyc_session: InitiatedKycSession,
    /// The user whose identity is checked.
    #[serde(deserialize_with = "object::required")]
    pub user: KycUser,
}

/// An identity check that has started.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct InitiatedKycSession {
    /// When it started.
    pub initiated_at: Timestamp,
}

/// The payload of `user:kyc:identity:succeeded` and `user:kyc:identity:failed`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct KycUpdated {
    /// The identity check.
    #[serde(deserialize_with = "object::required")]
    pub kyc_session: UpdatedKycSession,
    /// The user whose identity was checked.
    #[serde(deserialize_with = "object::required")]
    pub user: KycUser,
}

/// An identity check with a result.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct UpdatedKycSession {
    /// When the result was known.
    pub updated_at: Timestamp,
}

/// A user whose identity is checked.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct KycUser {
    /// The id of the user.
    pub id: String,
}

opaque_debug!(
    UserCreated,
    CreatedUser,
    UserLoggedIn,
    LoggedInUser,
    KycInitiated,
    InitiatedKycSession,
    KycUpdated,
    UpdatedKycSession,
    KycUser,
);
