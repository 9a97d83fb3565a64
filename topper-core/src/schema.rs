//! JSON Schemas of the events, as compact text.
//!
//! They are self-contained JSON Schemas 2020-12 with titles, descriptions and examples. They are
//! generated from the types that decode the events, and are just as open: unknown fields and values are
//! valid. They do not use `format`, because some validators assert it, and an id that is not a UUID or
//! a time without a zone must not lose an event. For code generators, each type has one definition, and
//! `$ref` has no siblings.
//!
//! An event matches its schema exactly when it decodes as its type. A schema cannot express these
//! exceptions:
//!
//! - `id` is at most 255 *bytes* long, but a schema counts characters.
//! - JSON text can contain a field that occurs twice, half a surrogate pair, or a number of more than
//!   128 bytes. A JSON value cannot.
//!
//! For schemas of your own types, the feature `schemars` implements `schemars::JsonSchema`.
//!
//! # Examples
//!
//! ```
//! # extern crate topper_core as topper;
//! use topper::{EventName, schema};
//!
//! let schema: serde_json::Value = serde_json::from_str(schema::of(EventName::UserCreated))?;
//! assert_eq!(schema["title"], "UserCreatedEvent");
//! assert_eq!(schema["examples"][0]["name"], "user:created");
//! # Ok::<(), serde_json::Error>(())
//! ```

use crate::EventName;

/// The schema of the envelope, which all events share.
pub const ENVELOPE: &str = include_str!("../schemas/envelope.json");

/// The schema of the documented events, whose names are in [`EventName`].
///
/// No other event matches it, so generated code can distinguish the events by `name`.
pub const KNOWN_EVENT: &str = include_str!("../schemas/known-event.json");

/// The schema of any event: a [`KNOWN_EVENT`], or an event with another name.
pub const EVENT: &str = include_str!("../schemas/event.json");

/// The schema of the event with this name.
pub const fn of(name: EventName) -> &'static str {
    match name {
        EventName::OrderCryptoOnrampCommitted => {
            include_str!("../schemas/order.crypto-onramp.committed.json")
        }
        EventName::OrderCryptoOnrampCharged => {
            include_str!("../schemas/order.crypto-onramp.charged.json")
        }
        EventName::OrderCryptoOnrampCryptoSent => {
            include_str!("../schemas/order.crypto-onramp.crypto-sent.json")
        }
        EventName::OrderCryptoOnrampCompleted => {
            include_str!("../schemas/order.crypto-onramp.completed.json")
        }
        EventName::OrderCryptoOnrampExpired => {
            include_str!("../schemas/order.crypto-onramp.expired.json")
        }
        EventName::OrderCryptoOnrampFailed => {
            include_str!("../schemas/order.crypto-onramp.failed.json")
        }
        EventName::OrderCryptoOnrampRefundCompleted => {
            include_str!("../schemas/order.crypto-onramp.refund.completed.json")
        }
        EventName::OrderCryptoOfframpCommitted => {
            include_str!("../schemas/order.crypto-offramp.committed.json")
        }
        EventName::OrderCryptoOfframpFundsSent => {
            include_str!("../schemas/order.crypto-offramp.funds-sent.json")
        }
        EventName::OrderCryptoOfframpFundsReceived => {
            include_str!("../schemas/order.crypto-offramp.funds-received.json")
        }
        EventName::OrderCryptoOfframpCompleted => {
            include_str!("../schemas/order.crypto-offramp.completed.json")
        }
        EventName::OrderCryptoOfframpExpired => {
            include_str!("../schemas/order.crypto-offramp.expired.json")
        }
        EventName::OrderCryptoOfframpFailed => {
            include_str!("../schemas/order.crypto-offramp.failed.json")
        }
        EventName::OrderCryptoOfframpRefundCompleted => {
            include_str!("../schemas/order.crypto-offramp.refund.completed.json")
        }
        EventName::UserCreated => {
            include_str!("../schemas/user.created.json")
        }
        EventName::UserLoggedIn => {
            include_str!("../schemas/user.logged-in.json")
        }
        EventName::UserKycIdentityInitiated => {
            include_str!("../schemas/user.kyc.identity.initiated.json")
        }
        EventName::UserKycIdentitySucceeded => {
            include_str!("../schemas/user.kyc.identity.succeeded.json")
        }
        EventName::UserKycIdentityFailed => {
            include_str!("../schemas/user.kyc.identity.failed.json")
        }
    }
}
