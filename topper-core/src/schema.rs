//! JSON Schemas of the events, as text: name in, schema out.
//!
//! They are JSON Schema 2020-12, self-contained, with titles, descriptions and examples. They are
//! made from the types that decode the events, and they are open as these are: unknown fields and
//! values are valid. They use no `format`, because some validators assert it, and no event is lost
//! over an id that is not a UUID or a time without a zone. For code generators, each type has one
//! definition and `$ref` stands alone.
//!
//! A schema and the types agree on whether an event decodes as the known one that its name says.
//! There are exceptions, which a schema cannot express:
//!
//! - `id` is at most 255 *bytes* long; a schema counts characters.
//! - JSON text can hold what a JSON value cannot: a field that occurs twice, half a surrogate pair, a number
//!   of more than 128 bytes.
//!
//! For types of your own, the feature `schemars` implements `schemars::JsonSchema`.
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

/// The schema of what every event has in common, whatever its name.
pub const ENVELOPE: &str = include_str!("../schemas/envelope.json");

/// The schema of the union of the documented events, of which [`EventName`] lists the names.
///
/// No other event matches it, so that what a generator makes of it can be switched on by `name`.
pub const KNOWN_EVENT: &str = include_str!("../schemas/known-event.json");

/// The schema of any event: one of [`KNOWN_EVENT`], or one with another name.
pub const EVENT: &str = include_str!("../schemas/event.json");

/// The schema of the event with that name.
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
