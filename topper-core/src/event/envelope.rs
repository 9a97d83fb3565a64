//! The envelope, which all events share.

use std::fmt;

use serde::ser::{Serialize, SerializeStruct, Serializer};
use serde_json::value::RawValue;

use super::{
    Event, EventName, PayloadError, decode, envelope_error::EnvelopeError, unknown::UnknownEvent,
};
use crate::text::Short;

/// An event with its id.
///
/// It is serialised as JSON that equals the received JSON, for every field in Topper's webhook
/// documentation. There are three exceptions: `null` fields are left out, an amount that was a JSON
/// number becomes a string, and a lone surrogate in text for people becomes U+FFFD. `Debug` shows only
/// the id and the event's name, each up to 64 characters.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema), schemars(rename_all = "camelCase"))]
pub struct Envelope {
    /// The id of the event, 1 to 255 bytes; so far always a UUID.
    ///
    /// It is the same on every retry: use it as the key to process each event once.
    #[cfg_attr(
        feature = "schemars",
        schemars(length(min = 1, max = 255), extend("x-format" = "uuid"))
    )]
    id: String,
    /// The `jti` of the session's bootstrap token, if there was one.
    ///
    /// You choose it. It can be any string.
    #[cfg_attr(feature = "schemars", schemars(with = "Option<serde_json::Value>"))]
    bootstrap_token_id: Option<String>,
    /// The event, decoded.
    #[cfg_attr(feature = "schemars", schemars(flatten, with = "Event"))]
    content: Content,
}

/// The name and the data.
#[derive(Clone, PartialEq, Eq)]
enum Content {
    Read(Event),
    /// A known event whose data this version cannot read.
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
    /// Never fails: data that cannot be read is kept.
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
    /// Anyone can write such JSON. Use this in tests and tools, never for a request. For stored events,
    /// use [`Verifier::verify_stored`](crate::Verifier::verify_stored).
    ///
    /// # Errors
    ///
    /// When the input is not UTF-8 or not a JSON object; when `id` (a string of 1 to 255 bytes) or
    /// `name` (a string, not empty) is missing or invalid; or when `id`, `name` or `data` occurs twice.
    /// Unknown fields are not an error. An unknown name is not an error either: see [`Event::Unknown`].
    /// If the data of a known event cannot be read, [`event`](Self::event) returns the error.
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

    /// The id of the event, 1 to 255 bytes; the same on every retry.
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

    /// The `jti` of the bootstrap token with which your server created the session, if there was one.
    /// It can be any string.
    pub fn bootstrap_token_id(&self) -> Option<&str> {
        self.bootstrap_token_id.as_deref()
    }

    /// The event, decoded.
    ///
    /// # Errors
    ///
    /// When this version knows the name but cannot read the data. The error [names the
    /// field](PayloadError::field).
    pub fn event(&self) -> Result<&Event, PayloadError> {
        match &self.content {
            Content::Read(event) => Ok(event),
            Content::Unreadable(event) => Err(event.error.clone()),
        }
    }

    /// The event, decoded, by value.
    ///
    /// # Errors
    ///
    /// The same as for [`event`](Self::event).
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
