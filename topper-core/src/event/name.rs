//! The names of the documented events.

use std::{fmt, str::FromStr};

use serde::{
    de::{Deserialize, Deserializer},
    ser::{Serialize, Serializer},
};

use super::{Flow, decode::text};

/// The name of an event in Topper's webhook documentation.
///
/// # Examples
///
/// ```
/// use topper::EventName;
///
/// let name: EventName = "order:crypto-onramp:completed".parse()?;
/// assert_eq!(name, EventName::OrderCryptoOnrampCompleted);
/// assert!(name.is_terminal());
/// # Ok::<(), topper::event::EventNameError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum EventName {
    /// `order:crypto-onramp:committed`
    OrderCryptoOnrampCommitted,
    /// `order:crypto-onramp:charged`
    OrderCryptoOnrampCharged,
    /// `order:crypto-onramp:crypto-sent`
    OrderCryptoOnrampCryptoSent,
    /// `order:crypto-onramp:completed`
    OrderCryptoOnrampCompleted,
    /// `order:crypto-onramp:expired`
    OrderCryptoOnrampExpired,
    /// `order:crypto-onramp:failed`
    OrderCryptoOnrampFailed,
    /// `order:crypto-onramp:refund:completed`
    OrderCryptoOnrampRefundCompleted,
    /// `order:crypto-offramp:committed`
    OrderCryptoOfframpCommitted,
    /// `order:crypto-offramp:funds-sent`
    OrderCryptoOfframpFundsSent,
    /// `order:crypto-offramp:funds-received`
    OrderCryptoOfframpFundsReceived,
    /// `order:crypto-offramp:completed`
    OrderCryptoOfframpCompleted,
    /// `order:crypto-offramp:expired`
    OrderCryptoOfframpExpired,
    /// `order:crypto-offramp:failed`
    OrderCryptoOfframpFailed,
    /// `order:crypto-offramp:refund:completed`
    OrderCryptoOfframpRefundCompleted,
    /// `user:created`
    UserCreated,
    /// `user:logged-in`
    UserLoggedIn,
    /// `user:kyc:identity:initiated`
    UserKycIdentityInitiated,
    /// `user:kyc:identity:succeeded`
    UserKycIdentitySucceeded,
    /// `user:kyc:identity:failed`
    UserKycIdentityFailed,
}

impl EventName {
    crate::__listed! {
        /// All names, in the order of the documentation.
        OrderCryptoOnrampCommitted,
        OrderCryptoOnrampCharged,
        OrderCryptoOnrampCryptoSent,
        OrderCryptoOnrampCompleted,
        OrderCryptoOnrampExpired,
        OrderCryptoOnrampFailed,
        OrderCryptoOnrampRefundCompleted,
        OrderCryptoOfframpCommitted,
        OrderCryptoOfframpFundsSent,
        OrderCryptoOfframpFundsReceived,
        OrderCryptoOfframpCompleted,
        OrderCryptoOfframpExpired,
        OrderCryptoOfframpFailed,
        OrderCryptoOfframpRefundCompleted,
        UserCreated,
        UserLoggedIn,
        UserKycIdentityInitiated,
        UserKycIdentitySucceeded,
        UserKycIdentityFailed,
    }

    /// The name as Topper sends it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::OrderCryptoOnrampCommitted => "order:crypto-onramp:committed",
            Self::OrderCryptoOnrampCharged => "order:crypto-onramp:charged",
            Self::OrderCryptoOnrampCryptoSent => "order:crypto-onramp:crypto-sent",
            Self::OrderCryptoOnrampCompleted => "order:crypto-onramp:completed",
            Self::OrderCryptoOnrampExpired => "order:crypto-onramp:expired",
            Self::OrderCryptoOnrampFailed => "order:crypto-onramp:failed",
            Self::OrderCryptoOnrampRefundCompleted => "order:crypto-onramp:refund:completed",
            Self::OrderCryptoOfframpCommitted => "order:crypto-offramp:committed",
            Self::OrderCryptoOfframpFundsSent => "order:crypto-offramp:funds-sent",
            Self::OrderCryptoOfframpFundsReceived => "order:crypto-offramp:funds-received",
            Self::OrderCryptoOfframpCompleted => "order:crypto-offramp:completed",
            Self::OrderCryptoOfframpExpired => "order:crypto-offramp:expired",
            Self::OrderCryptoOfframpFailed => "order:crypto-offramp:failed",
            Self::OrderCryptoOfframpRefundCompleted => "order:crypto-offramp:refund:completed",
            Self::UserCreated => "user:created",
            Self::UserLoggedIn => "user:logged-in",
            Self::UserKycIdentityInitiated => "user:kyc:identity:initiated",
            Self::UserKycIdentitySucceeded => "user:kyc:identity:succeeded",
            Self::UserKycIdentityFailed => "user:kyc:identity:failed",
        }
    }

    /// Whether the user buys or sells crypto; `None` for events about users.
    pub const fn flow(self) -> Option<Flow> {
        match self {
            Self::OrderCryptoOnrampCommitted
            | Self::OrderCryptoOnrampCharged
            | Self::OrderCryptoOnrampCryptoSent
            | Self::OrderCryptoOnrampCompleted
            | Self::OrderCryptoOnrampExpired
            | Self::OrderCryptoOnrampFailed
            | Self::OrderCryptoOnrampRefundCompleted => Some(Flow::CryptoOnramp),
            Self::OrderCryptoOfframpCommitted
            | Self::OrderCryptoOfframpFundsSent
            | Self::OrderCryptoOfframpFundsReceived
            | Self::OrderCryptoOfframpCompleted
            | Self::OrderCryptoOfframpExpired
            | Self::OrderCryptoOfframpFailed
            | Self::OrderCryptoOfframpRefundCompleted => Some(Flow::CryptoOfframp),
            Self::UserCreated
            | Self::UserLoggedIn
            | Self::UserKycIdentityInitiated
            | Self::UserKycIdentitySucceeded
            | Self::UserKycIdentityFailed => None,
        }
    }

    /// The rank of the order's state: a later state has a larger number. `None` for events about users.
    ///
    /// From the lowest rank: committed; charged or funds sent; crypto sent or funds received; expired;
    /// failed; completed; refunded.
    pub const fn rank(self) -> Option<u8> {
        Some(match self {
            Self::OrderCryptoOnrampCommitted | Self::OrderCryptoOfframpCommitted => 0,
            Self::OrderCryptoOnrampCharged | Self::OrderCryptoOfframpFundsSent => 1,
            Self::OrderCryptoOnrampCryptoSent | Self::OrderCryptoOfframpFundsReceived => 2,
            Self::OrderCryptoOnrampExpired | Self::OrderCryptoOfframpExpired => 3,
            Self::OrderCryptoOnrampFailed | Self::OrderCryptoOfframpFailed => 4,
            Self::OrderCryptoOnrampCompleted | Self::OrderCryptoOfframpCompleted => 5,
            Self::OrderCryptoOnrampRefundCompleted | Self::OrderCryptoOfframpRefundCompleted => 6,
            Self::UserCreated
            | Self::UserLoggedIn
            | Self::UserKycIdentityInitiated
            | Self::UserKycIdentitySucceeded
            | Self::UserKycIdentityFailed => return None,
        })
    }

    /// Whether the order has ended: completed, expired, failed or refunded.
    ///
    /// A refund can still follow a failure. It is `false` for events about users: a user can log in
    /// again, and an identity check can be repeated.
    pub const fn is_terminal(self) -> bool {
        // Expired, failed, completed, refunded.
        matches!(self.rank(), Some(3..))
    }
}

impl fmt::Display for EventName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl AsRef<str> for EventName {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

/// Shows the name that Topper sends.
impl Serialize for EventName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for EventName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        text::text(deserializer, |name| name.parse().ok())
    }
}

impl FromStr for EventName {
    type Err = EventNameError;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::ALL.iter().copied().find(|known| known.as_str() == name).ok_or(EventNameError)
    }
}

/// The text is not the name of a documented event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not the name of a known event")]
#[non_exhaustive]
pub struct EventNameError;
