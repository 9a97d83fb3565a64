//! What every delivery has in common.

use std::fmt;

use serde::ser::{Serialize, SerializeStruct, Serializer};
use serde_json::value::RawValue;

use super::{
    Event, EventName, PayloadError, decode, envelope_error::EnvelopeError, unknown::UnknownEvent,
};
use crate::text::Short;

/// A delivered event with its id.
///
/// Serialising gives back JSON equal to what was received, for every field that Topper's webhook
/// documentation names; `null` counts as absent, an amount that was a JSON number becomes text, and a
/// lone surrogate in a text that only people read becomes U+FFFD. `Debug` shows the id and the
/// event's name, each up to 64 characters, and nothing else.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema), schemars(rename_all = "camelCase"))]
pub struct Envelope {
    /// The id of the event, a UUID so far, of 1 to 255 bytes.
    ///
    /// Topper sends the same id with every retry: it is the key for processing an event once.
    #[cfg_attr(
        feature = "schemars",
        schemars(length(min = 1, max = 255), extend("x-format" = "uuid"))
    )]
    id: String,
    /// The `jti` that you chose for the session's bootstrap token, if there was one.
    ///
    /// Any string, not always a UUID.
    #[cfg_attr(feature = "schemars", schemars(with = "Option<serde_json::Value>"))]
    bootstrap_token_id: Option<String>,
    /// What happened.
    #[cfg_attr(feature = "schemars", schemars(flatten, with = "Event"))]
    content: Content,
}

/// The name and the data.
#[derive(Clone, PartialEq, Eq)]
enum Content {
    Read(Event),
    /// A known name with data that this version cannot read.
    Unreadable(Box<Unreadable>),
}

#[derive(Clone)]
struct Unreadable {
    name: EventName,
    data: Box<RawValue>,
    error: PayloadError,
}

impl PartialEq for Unreadable {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name && self.data.get() == other.data.get()
    }
}

impl Eq for Unreadable {}

impl Content {
    /// Never fails: what cannot be read is kept.
    fn read(name: &str, data: &RawValue) -> Self {
        let Ok(known) = name.parse::<EventName>() else {
            return Self::Read(Event::Unknown(UnknownEvent::new(name, data)));
        };
        match Event::decode(known, data.get()) {
            Ok(event) => Self::Read(event),
            Err(error) => {
                let data = data.to_owned();
                Self::Unreadable(Box::new(Unreadable { name: known, data, error }))
            }
        }
    }
}

impl Envelope {
    /// Decodes an event **without verifying any signature**.
    ///
    /// Anyone can write such JSON. Use this for tests and for tools, never on a request; for stored
    /// events there is [`Verifier::verify_stored`](crate::Verifier::verify_stored).
    ///
    /// # Errors
    ///
    /// When the input is not UTF-8 throughout or not one JSON object, when `id` (a string of 1 to
    /// 255 bytes) or `name` (a string, not empty) is missing or invalid, or when one of these or
    /// `data` occurs twice. Neither unknown fields nor a lone surrogate in the name of one is an error.
    /// A name that is not known is no error, see [`Event::Unknown`]; that the
    /// data of a known one cannot be read is what [`event`](Self::event) says.
    ///
    /// # Examples
    ///
    /// ```
    /// use topper::Envelope;
    ///
    /// let json = br#"{"id":"42","name":"order:brand-new","data":{"n":1}}"#;
    /// let envelope = Envelope::from_json(json)?;
    /// assert_eq!(envelope.id(), "42");
    /// assert_eq!(envelope.name(), "order:brand-new");
    /// assert!(envelope.event()?.known_name().is_none());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn from_json(json: &[u8]) -> Result<Self, EnvelopeError> {
        let fields = decode::envelope::fields(json)?;
        Ok(Self {
            content: Content::read(&fields.name, fields.data),
            id: fields.id.into_owned(),
            bootstrap_token_id: fields.bootstrap_token_id,
        })
    }

    /// The id of the event, a UUID so far, of 1 to 255 bytes: the same on every retry.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The event's name as received, such as `order:crypto-onramp:completed`.
    pub fn name(&self) -> &str {
        match &self.content {
            Content::Read(event) => event.name(),
            Content::Unreadable(event) => event.name.as_str(),
        }
    }

    /// The `jti` of the bootstrap token your server made the session with, if there was one. Any
    /// string, not always a UUID.
    pub fn bootstrap_token_id(&self) -> Option<&str> {
        self.bootstrap_token_id.as_deref()
    }

    /// What happened.
    ///
    /// # Errors
    ///
    /// When the name is known but the data cannot be read by this version; the error
    /// [names the field](PayloadError::field).
    pub fn event(&self) -> Result<&Event, PayloadError> {
        match &self.content {
            Content::Read(event) => Ok(event),
            Content::Unreadable(event) => Err(event.error.clone()),
        }
    }

    /// What happened, by value.
    ///
    /// # Errors
    ///
    /// As [`event`](Self::event).
    pub fn into_event(self) -> Result<Event, PayloadError> {
        match self.content {
            Content::Read(event) => Ok(event),
            Content::Unreadable(event) => Err(event.error),
        }
    }
}

impl fmt::Debug for Envelope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Envelope")
            .field("id", &Short(&self.id))
            .field("name", &Short(self.name()))
            .finish_non_exhaustive()
    }
}

impl Serialize for Envelope {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let length = 3 + usize::from(self.bootstrap_token_id.is_some());
        let mut object = serializer.serialize_struct("Envelope", length)?;
        object.serialize_field("name", self.name())?;
        object.serialize_field("id", &self.id)?;
        if let Some(bootstrap_token_id) = &self.bootstrap_token_id {
            object.serialize_field("bootstrapTokenId", bootstrap_token_id)?;
        }
        match &self.content {
            Content::Read(event) => object.serialize_field("data", &event.payload())?,
            Content::Unreadable(event) => object.serialize_field("data", &event.data)?,
        }
        object.end()
    }
}
