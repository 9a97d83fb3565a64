//! Events with a name that this version does not know.

use std::fmt;

use serde::{
    de::DeserializeOwned,
    ser::{Serialize, Serializer},
};
use serde_json::value::RawValue;

use super::{PayloadError, decode::object};
use crate::text::Short;

/// An authentic event with a name that this version does not know, kept as received.
///
/// It is serialised with the exact data. `Debug` shows the name, up to 64 characters.
///
/// # Examples
///
/// ```
/// use topper::{Envelope, Event};
///
/// let json = br#"{"id":"42","name":"user:renamed","data":{"user":"u-1"}}"#;
/// let Event::Unknown(event) = Envelope::from_json(json)?.into_event()? else { unreachable!() };
/// assert_eq!(event.name(), "user:renamed");
/// assert_eq!(event.data(), r#"{"user":"u-1"}"#);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct UnknownEvent {
    name: Box<str>,
    data: Box<RawValue>,
}

impl UnknownEvent {
    pub(super) fn new(name: &str, data: &RawValue) -> Self {
        Self { name: name.into(), data: data.to_owned() }
    }

    /// The event's name as received.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The event's data as well-formed JSON text; `null` if there was none.
    pub fn data(&self) -> &str {
        self.data.get()
    }

    /// Decodes the data into your own type.
    ///
    /// # Errors
    ///
    /// When the data does not match that type.
    pub fn decode<T: DeserializeOwned>(&self) -> Result<T, PayloadError> {
        object::any_from_json(self.data.get())
    }
}

impl PartialEq for UnknownEvent {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name && self.data() == other.data()
    }
}

impl Eq for UnknownEvent {}

impl fmt::Debug for UnknownEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UnknownEvent").field("name", &Short(&self.name)).finish_non_exhaustive()
    }
}

impl Serialize for UnknownEvent {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.data.serialize(serializer)
    }
}
