//! Events with sensible defaults.

mod fixture;
mod id;
mod nearest;
mod path;
mod template;

#[cfg(test)]
mod tests;

use std::fmt;

use serde_json::{Value, json};
use topper_core::EventName;

pub use fixture::Fixture;
pub(crate) use id::fresh as fresh_id;
#[cfg(feature = "sender")]
pub(crate) use id::scramble;
pub use path::PathError;

/// Builds the JSON of an event: realistic by default, and you can change every field.
///
/// Wallets, ids and transactions are made up. Each builder has its own event id, and its own order
/// or user id.
///
/// # Examples
///
/// ```
/// use topper_core::{Envelope, EventName};
/// use topper_testkit::EventBuilder;
///
/// let json = EventBuilder::new(EventName::OrderCryptoOnrampCommitted)
///     .set("data.origin.amount", "250.00")
///     .remove("data.origin.paymentMethod")
///     .to_json();
///
/// let envelope = Envelope::from_json(&json)?;
/// let order = envelope.event()?.onramp_order().ok_or("an on-ramp order")?;
/// assert_eq!(order.origin.amount.as_str(), "250.00");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq)]
#[must_use]
pub struct EventBuilder {
    // Templates written by hand, not the types of `topper-core`: a test of the decoder must not
    // get its input from the decoder's own types, and must be able to say what they cannot.
    value: Value,
}

impl EventBuilder {
    /// Creates an event with all the fields that Topper documents for it and usually sends.
    pub fn new(name: EventName) -> Self {
        Self::with_data(name.as_str(), template::data(name))
    }

    /// Creates an event with an unknown name and some data.
    pub fn unknown(name: &str) -> Self {
        Self::with_data(name, json!({"subject": {"id": id::fresh()}, "count": 1}))
    }

    fn with_data(name: &str, data: Value) -> Self {
        let value = json!({
            "name": name,
            "id": id::fresh(),
            "bootstrapTokenId": id::fresh(),
            "data": data,
        });
        Self { value }
    }

    /// Sets the id of the event.
    pub fn id(self, id: &str) -> Self {
        self.put("id", id)
    }

    /// Sets the id of the bootstrap token.
    pub fn bootstrap_token_id(self, bootstrap_token_id: &str) -> Self {
        self.put("bootstrapTokenId", bootstrap_token_id)
    }

    /// Sets the id of the order, `data.id`.
    pub fn order_id(self, order_id: &str) -> Self {
        self.put("data.id", order_id)
    }

    /// Sets the time of the event, in RFC 3339, in the field that holds it.
    ///
    /// This is `data.updatedAt`, except for events about a user.
    pub fn updated_at(self, updated_at: &str) -> Self {
        let path = match self.name() {
            "user:created" => "data.user.createdAt",
            "user:logged-in" => "data.user.confirmedAt",
            "user:kyc:identity:initiated" => "data.kycSession.initiatedAt",
            "user:kyc:identity:succeeded" | "user:kyc:identity:failed" => {
                "data.kycSession.updatedAt"
            }
            _ => "data.updatedAt",
        };
        self.put(path, updated_at)
    }

    /// Changes a field that the event has, such as `data.origin.amount`. A number is an index into
    /// an array, as in `data.fees.0.amount`.
    ///
    /// # Panics
    ///
    /// When the event has no such field: a misspelt path would test nothing. The message shows the
    /// most similar path in the event. Use [`add`](Self::add) for a new field.
    pub fn set(self, path: &str, value: impl Into<Value>) -> Self {
        self.try_set(path, value).unwrap_or_else(|error| fail(&error))
    }

    /// Does the same as [`set`](Self::set), for a path from user input.
    ///
    /// # Errors
    ///
    /// When the event has no such field.
    pub fn try_set(mut self, path: &str, value: impl Into<Value>) -> Result<Self, PathError> {
        *path::existing(&mut self.value, path)? = value.into();
        Ok(self)
    }

    /// Adds a field that the event does not have, such as `data.brandNew.0.x`, or an element at the
    /// end of an array.
    ///
    /// It creates missing objects and arrays on the way.
    ///
    /// # Panics
    ///
    /// When the event already has the field (use [`set`](Self::set)), or when the path leads
    /// through text or a number, or past the end of an array.
    pub fn add(self, path: &str, value: impl Into<Value>) -> Self {
        self.try_add(path, value).unwrap_or_else(|error| fail(&error))
    }

    /// Does the same as [`add`](Self::add), for a path from user input.
    ///
    /// # Errors
    ///
    /// When the event already has the field, or when the path leads through text or a number, or
    /// past the end of an array.
    pub fn try_add(mut self, path: &str, value: impl Into<Value>) -> Result<Self, PathError> {
        *path::vacant(&mut self.value, path)? = value.into();
        Ok(self)
    }

    /// Removes a field, or an element of an array.
    ///
    /// # Panics
    ///
    /// When the event has no such field: a misspelt path would test nothing. The message shows the
    /// most similar path in the event.
    pub fn remove(mut self, path: &str) -> Self {
        path::remove(&mut self.value, path).unwrap_or_else(|error| fail(&error));
        self
    }

    /// Sets a field that each event may have, whether it is there or was removed.
    fn put(mut self, path: &str, value: &str) -> Self {
        *path::make(&mut self.value, path).unwrap_or_else(|error| fail(&error)) = value.into();
        self
    }

    /// Returns the name of the event; empty if you have set it to something other than text.
    pub fn name(&self) -> &str {
        self.text("name")
    }

    /// Returns the event as a JSON value.
    pub fn value(&self) -> &Value {
        &self.value
    }

    /// Returns the event as Topper sends it: JSON without white space.
    pub fn to_json(&self) -> Vec<u8> {
        self.value.to_string().into_bytes()
    }

    /// Returns the event as indented JSON, for a person to read.
    pub fn pretty(&self) -> String {
        format!("{:#}", self.value)
    }

    fn text(&self, field: &str) -> &str {
        self.value.get(field).and_then(Value::as_str).unwrap_or_default()
    }
}

impl fmt::Debug for EventBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventBuilder")
            .field("id", &self.text("id"))
            .field("name", &self.name())
            .finish_non_exhaustive()
    }
}

#[expect(
    clippy::panic,
    reason = "a test with a path that is not in the event must fail, and say so"
)]
fn fail(problem: &impl fmt::Display) -> ! {
    panic!("{problem}")
}
