//! The events Topper sends, typed, and what is in them.
//!
//! [`Event`] and [`EventName`] are at the root of the crate as well.

mod debug;
mod decimal;
mod decode;
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

/// An event: what happened, with its payload.
///
/// There is one variant for each event of Topper's webhook documentation, and
/// [`Unknown`](Self::Unknown) for those with another name: Topper adds events and fields without
/// notice. An event with a known name whose data cannot be read is not an `Event` but a
/// [`PayloadError`], so that no `_ =>` passes over it.
///
/// Serialising gives an object with `name` and `data`. `Debug` shows the event's name only.
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
    /// `order:crypto-onramp:crypto-sent`: the crypto is on its way on the chain.
    OrderCryptoOnrampCryptoSent(Box<OnrampOrder>),
    /// `order:crypto-onramp:completed`: the purchase is done.
    OrderCryptoOnrampCompleted(Box<OnrampOrder>),
    /// `order:crypto-onramp:expired`: the user gave the purchase up, or let it lapse.
    OrderCryptoOnrampExpired(Box<OnrampOrder>),
    /// `order:crypto-onramp:failed`: the purchase failed.
    OrderCryptoOnrampFailed(Box<OnrampOrder>),
    /// `order:crypto-onramp:refund:completed`: the user has the money back.
    OrderCryptoOnrampRefundCompleted(Box<OnrampOrder>),
    /// `order:crypto-offramp:committed`: a sale was placed.
    OrderCryptoOfframpCommitted(Box<OfframpOrder>),
    /// `order:crypto-offramp:funds-sent`: the user has sent the crypto.
    OrderCryptoOfframpFundsSent(Box<OfframpOrder>),
    /// `order:crypto-offramp:funds-received`: Topper has received the crypto.
    OrderCryptoOfframpFundsReceived(Box<OfframpOrder>),
    /// `order:crypto-offramp:completed`: the sale is done.
    OrderCryptoOfframpCompleted(Box<OfframpOrder>),
    /// `order:crypto-offramp:expired`: the user gave the sale up, or let it lapse.
    OrderCryptoOfframpExpired(Box<OfframpOrder>),
    /// `order:crypto-offramp:failed`: the sale failed.
    OrderCryptoOfframpFailed(Box<OfframpOrder>),
    /// `order:crypto-offramp:refund:completed`: the user has the crypto back.
    OrderCryptoOfframpRefundCompleted(Box<OfframpOrder>),
    /// `user:created`: an account was created.
    UserCreated(UserCreated),
    /// `user:logged-in`: a user logged in.
    UserLoggedIn(UserLoggedIn),
    /// `user:kyc:identity:initiated`: an identity check has begun.
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
    /// The event's name as it was sent, such as `order:crypto-onramp:completed`.
    pub fn name(&self) -> &str {
        match self {
            Self::Unknown(event) => event.name(),
            known => known.known_name().map_or("", EventName::as_str),
        }
    }

    /// The id of the order that the event is about.
    ///
    /// `None` for events about users, for [`Unknown`](Self::Unknown) ones, and for the orders of
    /// mid-2023, whose data had no id.
    pub fn order_id(&self) -> Option<&str> {
        self.payload().order_id()
    }

    /// Whether crypto is bought or sold, by the event's name.
    ///
    /// `None` for events about users and for [`Unknown`](Self::Unknown) ones.
    pub fn flow(&self) -> Option<Flow> {
        self.known_name().and_then(EventName::flow)
    }

    /// Whether the order has come to an end: see [`EventName::is_terminal`].
    ///
    /// `false` for events about users and for [`Unknown`](Self::Unknown) ones.
    pub fn is_terminal(&self) -> bool {
        self.known_name().is_some_and(EventName::is_terminal)
    }

    /// The time of the state that the event reports, by Topper's clock.
    ///
    /// That is `updatedAt` of an order and of a finished identity check, `initiatedAt` of one that
    /// has begun, and `createdAt` of a new account. `None` for `user:logged-in`, whose
    /// `confirmedAt` is a time of the account and may be the same at each log-in, and for
    /// [`Unknown`](Self::Unknown) events.
    ///
    /// Events can arrive in any order: compare this time with the one you stored before an event
    /// replaces a newer state.
    pub fn updated_at(&self) -> Option<&Timestamp> {
        self.payload().updated_at()
    }

    /// The order of an on-ramp event, whichever it is.
    pub fn onramp_order(&self) -> Option<&OnrampOrder> {
        match self.payload() {
            Payload::Onramp(order) => Some(order),
            _ => None,
        }
    }

    /// The order of an off-ramp event, whichever it is.
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
