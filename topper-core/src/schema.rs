//! JSON Schemas of the events, as text: name in, schema out.
//!
//! They are JSON Schema 2020-12, self-contained, with titles, descriptions and examples. They are
//! made from the types that decode the events, and they are open as these are: fields and values
//! that no one knows yet are valid. `format` is a remark in them, as 2020-12 has it, since no event
//! is lost over an id that is not a UUID or a time that is none.
//!
//! A schema decides as the types do, whether an event decodes as the known one that its name says,
//! with the exceptions that a schema cannot express or that make it say more:
//!
//! - `id` is at most 255 *bytes* long; a schema counts characters.
//! - A field that occurs twice in the text makes an event invalid, as does half a surrogate pair in an
//!   id, a code, an address, a tag or an amount.
//! - An amount is at most 128 bytes long, also as a JSON number.
//! - A `bootstrapTokenId` that is not text is taken for none.
//!
//! For types of your own, the feature `schemars` implements `schemars::JsonSchema`.
//!
//! # Examples
//!
//! ```
//! use topper_core::{EventName, schema};
//!
//! let schema: serde_json::Value = serde_json::from_str(schema::of(EventName::UserCreated))?;
//! assert_eq!(schema["title"], "user:created");
//! assert_eq!(schema["examples"][0]["name"], "user:created");
//! # Ok::<(), serde_json::Error>(())
//! ```

use crate::EventName;

/// The schema of what every event has in common, whatever its name.
pub const ENVELOPE: &str = include_str!("../schemas/envelope.json");

/// The schema of any event: one that is known by its name, or one whose name is not known.
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
