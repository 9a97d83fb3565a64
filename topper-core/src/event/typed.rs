//! Which name goes with which payload.

use serde::ser::{Serialize, Serializer};
use serde_json::value::RawValue;

use super::{
    Event, EventName, Misfit, OfframpOrder, OnrampOrder, UnknownEvent, UnknownReason, object,
};

impl Event {
    /// Never fails: what does not fit is kept as [`Event::Unknown`].
    pub(super) fn from_raw(name: &str, data: &RawValue) -> Self {
        let reason = match name.parse() {
            Ok(known) => match Self::typed(known, data.get()) {
                Ok(event) => return event,
                Err(misfit) => UnknownReason::Data(misfit),
            },
            Err(_) => UnknownReason::Name,
        };
        Self::Unknown(UnknownEvent::new(name, data, reason))
    }

    fn typed(name: EventName, data: &str) -> Result<Self, Misfit> {
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

    /// The order of an on-ramp event, whichever it is.
    pub fn onramp_order(&self) -> Option<&OnrampOrder> {
        match self {
            Self::OrderCryptoOnrampCommitted(order)
            | Self::OrderCryptoOnrampCharged(order)
            | Self::OrderCryptoOnrampCryptoSent(order)
            | Self::OrderCryptoOnrampCompleted(order)
            | Self::OrderCryptoOnrampExpired(order)
            | Self::OrderCryptoOnrampFailed(order)
            | Self::OrderCryptoOnrampRefundCompleted(order) => Some(order),
            _ => None,
        }
    }

    /// The order of an off-ramp event, whichever it is.
    pub fn offramp_order(&self) -> Option<&OfframpOrder> {
        match self {
            Self::OrderCryptoOfframpCommitted(order)
            | Self::OrderCryptoOfframpFundsSent(order)
            | Self::OrderCryptoOfframpFundsReceived(order)
            | Self::OrderCryptoOfframpCompleted(order)
            | Self::OrderCryptoOfframpExpired(order)
            | Self::OrderCryptoOfframpFailed(order)
            | Self::OrderCryptoOfframpRefundCompleted(order) => Some(order),
            _ => None,
        }
    }
}

/// The `data` of an event.
pub(super) struct Data<'a>(pub(super) &'a Event);

impl Serialize for Data<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Event::OrderCryptoOnrampCommitted(order)
            | Event::OrderCryptoOnrampCharged(order)
            | Event::OrderCryptoOnrampCryptoSent(order)
            | Event::OrderCryptoOnrampCompleted(order)
            | Event::OrderCryptoOnrampExpired(order)
            | Event::OrderCryptoOnrampFailed(order)
            | Event::OrderCryptoOnrampRefundCompleted(order) => order.serialize(serializer),
            Event::OrderCryptoOfframpCommitted(order)
            | Event::OrderCryptoOfframpFundsSent(order)
            | Event::OrderCryptoOfframpFundsReceived(order)
            | Event::OrderCryptoOfframpCompleted(order)
            | Event::OrderCryptoOfframpExpired(order)
            | Event::OrderCryptoOfframpFailed(order)
            | Event::OrderCryptoOfframpRefundCompleted(order) => order.serialize(serializer),
            Event::UserCreated(created) => created.serialize(serializer),
            Event::UserLoggedIn(logged_in) => logged_in.serialize(serializer),
            Event::UserKycIdentityInitiated(kyc) => kyc.serialize(serializer),
            Event::UserKycIdentitySucceeded(kyc) | Event::UserKycIdentityFailed(kyc) => {
                kyc.serialize(serializer)
            }
            Event::Unknown(event) => event.serialize(serializer),
        }
    }
}
