//! Which payload belongs to which name.

use serde::ser::{Serialize, Serializer};

use super::{
    Event, EventName, KycInitiated, KycUpdated, OfframpOrder, OnrampOrder, PayloadError, Timestamp,
    UnknownEvent, UserCreated, UserLoggedIn, decode::object,
};

/// The data of an event, by its type.
pub(super) enum Payload<'a> {
    Onramp(&'a OnrampOrder),
    Offramp(&'a OfframpOrder),
    UserCreated(&'a UserCreated),
    UserLoggedIn(&'a UserLoggedIn),
    KycInitiated(&'a KycInitiated),
    KycUpdated(&'a KycUpdated),
    Unknown(&'a UnknownEvent),
}

impl Event {
    pub(super) fn decode(name: EventName, data: &str) -> Result<Self, PayloadError> {
        use object::from_json as payload;

        Ok(match name {
            EventName::OrderCryptoOnrampCommitted => {
                Self::OrderCryptoOnrampCommitted(payload(data)?)
            }
            EventName::OrderCryptoOnrampCharged => Self::OrderCryptoOnrampCharged(payload(data)?),
            EventName::OrderCryptoOnrampCryptoSent => {
                Self::OrderCryptoOnrampCryptoSent(payload(data)?)
            }
            EventName::OrderCryptoOnrampCompleted => {
                Self::OrderCryptoOnrampCompleted(payload(data)?)
            }
            EventName::OrderCryptoOnrampExpired => Self::OrderCryptoOnrampExpired(payload(data)?),
            EventName::OrderCryptoOnrampFailed => Self::OrderCryptoOnrampFailed(payload(data)?),
            EventName::OrderCryptoOnrampRefundCompleted => {
                Self::OrderCryptoOnrampRefundCompleted(payload(data)?)
            }
            EventName::OrderCryptoOfframpCommitted => {
                Self::OrderCryptoOfframpCommitted(payload(data)?)
            }
            EventName::OrderCryptoOfframpFundsSent => {
                Self::OrderCryptoOfframpFundsSent(payload(data)?)
            }
            EventName::OrderCryptoOfframpFundsReceived => {
                Self::OrderCryptoOfframpFundsReceived(payload(data)?)
            }
            EventName::OrderCryptoOfframpCompleted => {
                Self::OrderCryptoOfframpCompleted(payload(data)?)
            }
            EventName::OrderCryptoOfframpExpired => Self::OrderCryptoOfframpExpired(payload(data)?),
            EventName::OrderCryptoOfframpFailed => Self::OrderCryptoOfframpFailed(payload(data)?),
            EventName::OrderCryptoOfframpRefundCompleted => {
                Self::OrderCryptoOfframpRefundCompleted(payload(data)?)
            }
            EventName::UserCreated => Self::UserCreated(payload(data)?),
            EventName::UserLoggedIn => Self::UserLoggedIn(payload(data)?),
            EventName::UserKycIdentityInitiated => Self::UserKycIdentityInitiated(payload(data)?),
            EventName::UserKycIdentitySucceeded => Self::UserKycIdentitySucceeded(payload(data)?),
            EventName::UserKycIdentityFailed => Self::UserKycIdentityFailed(payload(data)?),
        })
    }

    /// Which documented event this is; `None` for [`Unknown`](Self::Unknown).
    pub fn known_name(&self) -> Option<EventName> {
        Some(match self {
            Self::OrderCryptoOnrampCommitted(_) => EventName::OrderCryptoOnrampCommitted,
            Self::OrderCryptoOnrampCharged(_) => EventName::OrderCryptoOnrampCharged,
            Self::OrderCryptoOnrampCryptoSent(_) => EventName::OrderCryptoOnrampCryptoSent,
            Self::OrderCryptoOnrampCompleted(_) => EventName::OrderCryptoOnrampCompleted,
            Self::OrderCryptoOnrampExpired(_) => EventName::OrderCryptoOnrampExpired,
            Self::OrderCryptoOnrampFailed(_) => EventName::OrderCryptoOnrampFailed,
            Self::OrderCryptoOnrampRefundCompleted(_) => {
                EventName::OrderCryptoOnrampRefundCompleted
            }
            Self::OrderCryptoOfframpCommitted(_) => EventName::OrderCryptoOfframpCommitted,
            Self::OrderCryptoOfframpFundsSent(_) => EventName::OrderCryptoOfframpFundsSent,
            Self::OrderCryptoOfframpFundsReceived(_) => EventName::OrderCryptoOfframpFundsReceived,
            Self::OrderCryptoOfframpCompleted(_) => EventName::OrderCryptoOfframpCompleted,
            Self::OrderCryptoOfframpExpired(_) => EventName::OrderCryptoOfframpExpired,
            Self::OrderCryptoOfframpFailed(_) => EventName::OrderCryptoOfframpFailed,
            Self::OrderCryptoOfframpRefundCompleted(_) => {
                EventName::OrderCryptoOfframpRefundCompleted
            }
            Self::UserCreated(_) => EventName::UserCreated,
            Self::UserLoggedIn(_) => EventName::UserLoggedIn,
            Self::UserKycIdentityInitiated(_) => EventName::UserKycIdentityInitiated,
            Self::UserKycIdentitySucceeded(_) => EventName::UserKycIdentitySucceeded,
            Self::UserKycIdentityFailed(_) => EventName::UserKycIdentityFailed,
            Self::Unknown(_) => return None,
        })
    }

    pub(super) fn payload(&self) -> Payload<'_> {
        match self {
            Self::OrderCryptoOnrampCommitted(order)
            | Self::OrderCryptoOnrampCharged(order)
            | Self::OrderCryptoOnrampCryptoSent(order)
            | Self::OrderCryptoOnrampCompleted(order)
            | Self::OrderCryptoOnrampExpired(order)
            | Self::OrderCryptoOnrampFailed(order)
            | Self::OrderCryptoOnrampRefundCompleted(order) => Payload::Onramp(order),
            Self::OrderCryptoOfframpCommitted(order)
            | Self::OrderCryptoOfframpFundsSent(order)
            | Self::OrderCryptoOfframpFundsReceived(order)
            | Self::OrderCryptoOfframpCompleted(order)
            | Self::OrderCryptoOfframpExpired(order)
            | Self::OrderCryptoOfframpFailed(order)
            | Self::OrderCryptoOfframpRefundCompleted(order) => Payload::Offramp(order),
            Self::UserCreated(created) => Payload::UserCreated(created),
            Self::UserLoggedIn(logged_in) => Payload::UserLoggedIn(logged_in),
            Self::UserKycIdentityInitiated(kyc) => Payload::KycInitiated(kyc),
            Self::UserKycIdentitySucceeded(kyc) | Self::UserKycIdentityFailed(kyc) => {
                Payload::KycUpdated(kyc)
            }
            Self::Unknown(event) => Payload::Unknown(event),
        }
    }
}

impl<'a> Payload<'a> {
    /// The id of the order.
    pub(super) fn order_id(&self) -> Option<&'a str> {
        match self {
            Self::Onramp(order) => order.id.as_deref(),
            Self::Offramp(order) => order.id.as_deref(),
            Self::UserCreated(_)
            | Self::UserLoggedIn(_)
            | Self::KycInitiated(_)
            | Self::KycUpdated(_)
            | Self::Unknown(_) => None,
        }
    }

    /// The time of the reported state.
    pub(super) fn updated_at(&self) -> Option<&'a Timestamp> {
        match self {
            Self::Onramp(order) => Some(&order.updated_at),
            Self::Offramp(order) => Some(&order.updated_at),
            Self::UserCreated(created) => Some(&created.user.created_at),
            Self::KycInitiated(kyc) => Some(&kyc.kyc_session.initiated_at),
            Self::KycUpdated(kyc) => Some(&kyc.kyc_session.updated_at),
            Self::UserLoggedIn(_) | Self::Unknown(_) => None,
        }
    }
}

impl Serialize for Payload<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Onramp(order) => order.serialize(serializer),
            Self::Offramp(order) => order.serialize(serializer),
            Self::UserCreated(created) => created.serialize(serializer),
            Self::UserLoggedIn(logged_in) => logged_in.serialize(serializer),
            Self::KycInitiated(kyc) => kyc.serialize(serializer),
            Self::KycUpdated(kyc) => kyc.serialize(serializer),
            Self::Unknown(event) => event.serialize(serializer),
        }
    }
}
