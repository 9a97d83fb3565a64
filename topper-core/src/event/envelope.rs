//! What every delivery has in common.

use std::fmt;

use serde::ser::{Serialize, SerializeStruct, Serializer};

use super::{Event, UnreadableEvent, opaque::Clipped, read, typed::Data};

/// A delivered event with its id.
///
/// Serialising gives back JSON equal to what came, for every member that Topper's webhook
/// documentation names; `null` counts as absent. `Debug` shows the id and the event's name, each
/// up to 64 characters, and nothing else.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema), schemars(rename_all = "camelCase"))]
#[non_exhaustive]
pub struct Envelope {
    /// The id of the event, a UUID so far, of 1 to 255 bytes.
    ///
    /// Topper sends the same id with every retry: it is the key for processing an event once.
    #[cfg_attr(
        feature = "schemars",
        schemars(length(min = 1, max = 255), extend("format" = "uuid"))
    )]
    pub id: String,
    /// The `jti` that you chose for the session's bootstrap token, if there was one.
    ///
    /// Any string, not always a UUID.
    pub bootstrap_token_id: Option<String>,
    /// What happened.
    #[cfg_attr(feature = "schemars", schemars(flatten))]
    pub event: Event,
}

impl Envelope {
    /// Decodes an event **without verifying any signature**.
    ///
    /// Anyone can write such JSON. Use this for stored bytes that were verified when they came, for
    /// tests and for tools; never on a request.
    ///
    /// # Errors
    ///
    /// When the input is not UTF-8 throughout or not one JSON object, when `id` (a string of 1 to
    /// 255 bytes) or `name` (a string, not empty) is missing or unfit, or when one of these or
    /// `data` occurs twice. A name that is not known and data that does not fit are no
    /// errors: see [`Event::Unknown`].
    ///
    /// # Examples
    ///
    /// ```
    /// use topper_core::Envelope;
    ///
    /// let json = br#"{"id":"42","name":"order:brand-new","data":{"n":1}}"#;
    /// let envelope = Envelope::from_json(json)?;
    /// assert_eq!(envelope.id, "42");
    /// assert_eq!(envelope.event.name(), "order:brand-new");
    /// assert!(envelope.event.known_name().is_none());
    /// # Ok::<(), topper_core::UnreadableEvent>(())
    /// ```
    pub fn from_json(json: &[u8]) -> Result<Self, UnreadableEvent> {
        let members = read::members(json)?;
        Ok(Self {
            event: Event::from_raw(&members.name, members.data),
            id: members.id.into_owned(),
            bootstrap_token_id: members.bootstrap_token_id,
        })
    }
}

impl fmt::Debug for Envelope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Envelope")
            .field("id", &Clipped(&self.id))
            .field("name", &Clipped(self.event.name()))
            .finish_non_exhaustive()
    }
}

impl Serialize for Envelope {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let length = 3 + usize::from(self.bootstrap_token_id.is_some());
        let mut object = serializer.serialize_struct("Envelope", length)?;
        object.serialize_field("name", self.event.name())?;
        object.serialize_field("id", &self.id)?;
        if let Some(bootstrap_token_id) = &self.bootstrap_token_id {
            object.serialize_field("bootstrapTokenId", bootstrap_token_id)?;
        }
        object.serialize_field("data", &Data(&self.event))?;
        object.end()
    }
}
