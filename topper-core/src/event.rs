//! The events that Topper sends, as types.
//!
//! [`Event`] and [`EventName`] are also at the root of the crate.

mod debug;
mod decimal;
pub(crate) mod decode;
mod deposit_address;
mod enumeration;
mod envelope;
mod envelope_error;
mod name;
mod offramp;
mod onramp;
mod order;
mod order_view;
mod payload;
mod payload_error;
#[cfg(feature = "schemars")]
mod schema;
mod timestamp;
mod unknown;
mod user;

#[cfg(test)]
mod tests;

use std::fmt;

use serde::ser::{Serialize, SerializeStruct, Serializer};

#[cfg(feature = "rust_decimal")]
pub use decimal::InexactDecimalError;
pub use decimal::{DecimalError, ExactDecimal};
pub use deposit_address::DepositAddress;
pub use enumeration::{
    AuthenticationMethod, FailureReason, FeeType, Flow, OrderStatus, PaymentMethodType, Priority,
    TagType,
};
pub use envelope::Envelope;
pub use envelope_error::EnvelopeError;
pub use name::{EventName, EventNameError};
pub use offramp::{OfframpDestination, OfframpOrder, OfframpOrigin, OfframpRefund};
pub use onramp::{OnrampDestination, OnrampOrder, OnrampOrigin, OnrampRefund};
pub use order::{DestinationTag, Fee, Ledger, OrderFailure, OrderUser, PaymentMethod, Widget};
pub use order_view::{OrderChange, OrderView, OtherOrderError};
pub use payload_error::PayloadError;
pub use timestamp::Timestamp;
pub use unknown::UnknownEvent;
pub use user::{
    CreatedUser, InitiatedKycSession, KycInitiated, KycUpdated, KycUser, LoggedInUser,
    UpdatedKycSession, UserCreated, UserLoggedIn,
};

use crate::text::Short;
use payload::Payload;

/// An event with its payload.
///
/// There is one variant for each event in Topper's webhook documentation, and
/// [`Unknown`](Self::Unknown) for all others, because Topper adds events and fields without notice. A
/// known event whose data cannot be read is a [`PayloadError`], so no `_ =>` can ignore it.
///
/// It is serialised as an object with `name` and `data`. `Debug` shows only the name.
///
/// # Examples
///
/// ```
/// use topper::{Envelope, Event};
///
/// # let json = br#"{
/// #   "id": "e9d5c7b5-ff4e-4b7d-8a34-0f0a3c2f6f5e",
/// #   "name": "user:created",
/// #   "data": {"user": {"id": "5ee3b3e1", "createdAt": "2026-01-31T08:00:00.000Z"}}
/// # }"#;
/// match Envelope::from_json(json)?.into_event()? {
///     Event::OrderCryptoOnrampCompleted(order) => println!("sent to {}", order.destination.asset),
///     Event::UserCreated(created) => assert_eq!(created.user.id, "5ee3b3e1"),
///     Event::Unknown(event) => println!("keep {} for later", event.name()),
///     _ => {}
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(
    feature = "schemars",
    derive(schemars::JsonSchema),
    schemars(tag = "name", content = "data", transform = schema::by_name)
)]
#[non_exhaustive]
pub enum Event {
    /// `order:crypto-onramp:committed`: a purchase was placed.
    OrderCryptoOnrampCommitted(Box<OnrampOrder>),
    /// `order:crypto-onramp:charged`: the user was charged.
    OrderCryptoOnrampCharged(Box<OnrampOrder>),
    /// `order:crypto-onramp:crypto-sent`: the crypto was sent on the blockchain.
    OrderCryptoOnrampCryptoSent(Box<OnrampOrder>),
    /// `order:crypto-onramp:completed`: the purchase is complete.
    OrderCryptoOnrampCompleted(Box<OnrampOrder>),
    /// `order:crypto-onramp:expired`: the user cancelled the purchase, or let it expire.
    OrderCryptoOnrampExpired(Box<OnrampOrder>),
    /// `order:crypto-onramp:failed`: the purchase failed.
    OrderCryptoOnrampFailed(Box<OnrampOrder>),
    /// `order:crypto-onramp:refund:completed`: the user got the money back.
    OrderCryptoOnrampRefundCompleted(Box<OnrampOrder>),
    /// `order:crypto-offramp:committed`: a sale was placed.
    OrderCryptoOfframpCommitted(Box<OfframpOrder>),
    /// `order:crypto-offramp:funds-sent`: the user has sent the crypto.
    OrderCryptoOfframpFundsSent(Box<OfframpOrder>),
    /// `order:crypto-offramp:funds-received`: Topper has received the crypto.
    OrderCryptoOfframpFundsReceived(Box<OfframpOrder>),
    /// `order:crypto-offramp:completed`: the sale is complete.
    OrderCryptoOfframpCompleted(Box<OfframpOrder>),
    /// `order:crypto-offramp:expired`: the user cancelled the sale, or let it expire.
    OrderCryptoOfframpExpired(Box<OfframpOrder>),
    /// `order:crypto-offramp:failed`: the sale failed.
    OrderCryptoOfframpFailed(Box<OfframpOrder>),
    /// `order:crypto-offramp:refund:completed`: the user got the crypto back.
    OrderCryptoOfframpRefundCompleted(Box<OfframpOrder>),
    /// `user:created`: an account was created.
    UserCreated(UserCreated),
    /// `user:logged-in`: a user logged in.
    UserLoggedIn(UserLoggedIn),
    /// `user:kyc:identity:initiated`: an identity check has started.
    UserKycIdentityInitiated(KycInitiated),
    /// `user:kyc:identity:succeeded`: an identity check was passed.
    UserKycIdentitySucceeded(KycUpdated),
    /// `user:kyc:identity:failed`: an identity check was not passed.
    UserKycIdentityFailed(KycUpdated),
    /// An event with a name that this version does not know.
    #[cfg_attr(feature = "schemars", schemars(skip))]
    Unknown(UnknownEvent),
}

impl Event {
    /// The event's name as received, such as `order:crypto-onramp:completed`.
    pub fn name(&self) -> &str {
        match self {
            Self::Unknown(event) => event.name(),
            known => known.known_name().map_or("", EventName::as_str),
        }
    }

    /// The id of the event's order.
    ///
    /// `None` for events about users, for [`Unknown`](Self::Unknown) events, and for orders of
    /// mid-2023, which had no id.
    pub fn order_id(&self) -> Option<&str> {
        self.payload().order_id()
    }

    /// Whether the user buys or sells crypto, according to the event's name.
    ///
    /// `None` for events about users and for [`Unknown`](Self::Unknown) events.
    pub fn flow(&self) -> Option<Flow> {
        self.known_name().and_then(EventName::flow)
    }

    /// Whether the order has ended; see [`EventName::is_terminal`].
    ///
    /// `false` for events about users and for [`Unknown`](Self::Unknown) events.
    pub fn is_terminal(&self) -> bool {
        self.known_name().is_some_and(EventName::is_terminal)
    }

    /// The time of the reported state, by Topper's clock.
    ///
    /// It is `updatedAt` of an order or a finished identity check, `initiatedAt` of an identity check
    /// that has started, and `createdAt` of a new account. It is `None` for [`Unknown`](Self::Unknown)
    /// events and for `user:logged-in`, whose `confirmedAt` belongs to the account and can be the same
    /// for each log-in.
    ///
    /// Events can arrive in any order. Compare this time with the stored one, so that an old event does
    /// not replace a newer state.
    pub fn updated_at(&self) -> Option<&Timestamp> {
        self.payload().updated_at()
    }

    /// The order of any on-ramp event.
    pub fn onramp_order(&self) -> Option<&OnrampOrder> {
        match self.payload() {
            Payload::Onramp(order) => Some(order),
            _ => None,
        }
    }

    /// The order of any off-ramp event.
    pub fn offramp_order(&self) -> Option<&OfframpOrder> {
        match self.payload() {
            Payload::Offramp(order) => Some(order),
            _ => None,
        }
    }
}

impl Serialize for Event {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_struct("Event", 2)?;
        object.serialize_field("name", self.name())?;
        object.serialize_field("data", &self.payload())?;
        object.end()
    }
}

impl fmt::Debug for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Event").field(&Short(self.name())).finish()
    }
}
