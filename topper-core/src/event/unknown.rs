//! Events that are kept although they do not fit a type.

use std::fmt;

use serde::{
    de::DeserializeOwned,
    ser::{Serialize, Serializer},
};
use serde_json::{error::Category, value::RawValue};

use super::opaque::Clipped;

/// An authentic event that has no type here, kept as it came.
///
/// Either nobody knew its name when this version was made, or its data does not fit; the
/// [`reason`](Self::reason) tells which. Serialising it gives back the exact data. `Debug` shows
/// the name up to 64 characters and the reason.
///
/// # Examples
///
/// ```
/// use topper_core::{Envelope, Event, UnknownReason};
///
/// let json = br#"{"id":"42","name":"user:renamed","data":{"user":"u-1"}}"#;
/// let Event::Unknown(event) = Envelope::from_json(json)?.event else { unreachable!() };
/// assert_eq!(event.name(), "user:renamed");
/// assert_eq!(event.data(), r#"{"user":"u-1"}"#);
/// assert_eq!(event.reason(), UnknownReason::Name);
/// # Ok::<(), topper_core::UnreadableEvent>(())
/// ```
#[derive(Clone)]
pub struct UnknownEvent {
    name: Box<str>,
    data: Box<RawValue>,
    reason: UnknownReason,
}

impl UnknownEvent {
    pub(super) fn new(name: &str, data: &RawValue, reason: UnknownReason) -> Self {
        Self { name: name.into(), data: data.to_owned(), reason }
    }

    /// The event's name as it came.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The text of the event's data, which is well-formed JSON; `null` if there was none.
    pub fn data(&self) -> &str {
        self.data.get()
    }

    /// Why the event has no type.
    pub fn reason(&self) -> UnknownReason {
        self.reason
    }

    /// How the data of an event of a known name does not fit; `None` when the name is not known.
    ///
    /// A handler that returns it as its error has the event sent again, for about three hours: time
    /// to deploy an update that can read it.
    ///
    /// # Examples
    ///
    /// ```
    /// use topper_core::{Envelope, Event, Reply, Retry};
    ///
    /// fn process(event: &Event) -> Result<Reply, Retry> {
    ///     match event {
    ///         Event::Unknown(event) => match event.misfit() {
    ///             Some(misfit) => Err(misfit.into()),
    ///             None => Ok(Reply::Ignored),
    ///         },
    ///         _ => Ok(Reply::Processed),
    ///     }
    /// }
    ///
    /// let unfit = Envelope::from_json(br#"{"id":"42","name":"user:created","data":{}}"#)?;
    /// assert_eq!(Reply::from(process(&unfit.event)), Reply::Retry);
    /// let new = Envelope::from_json(br#"{"id":"43","name":"user:renamed","data":{}}"#)?;
    /// assert_eq!(Reply::from(process(&new.event)), Reply::Ignored);
    /// # Ok::<(), topper_core::UnreadableEvent>(())
    /// ```
    pub fn misfit(&self) -> Option<Misfit> {
        match self.reason {
            UnknownReason::Name => None,
            UnknownReason::Data(misfit) => Some(misfit),
        }
    }

    /// Reads the data with a type of your own.
    ///
    /// # Errors
    ///
    /// When the data does not fit that type.
    pub fn decode<T: DeserializeOwned>(&self) -> Result<T, Misfit> {
        serde_json::from_str(self.data.get()).map_err(|error| Misfit::from_json(&error))
    }
}

impl PartialEq for UnknownEvent {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name && self.data() == other.data() && self.reason == other.reason
    }
}

impl Eq for UnknownEvent {}

impl fmt::Debug for UnknownEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UnknownEvent")
            .field("name", &Clipped(&self.name))
            .field("reason", &self.reason)
            .finish_non_exhaustive()
    }
}

impl Serialize for UnknownEvent {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.data.serialize(serializer)
    }
}

/// Why an event has no type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum UnknownReason {
    /// The name is not one of [`EventName`](crate::EventName).
    Name,
    /// The name is known, but the data does not fit it.
    Data(Misfit),
}

/// Data does not fit a type.
///
/// The message tells the category and the place within the data, and nothing of the data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{category} at line {line} column {column}")]
pub struct Misfit {
    category: MisfitCategory,
    line: usize,
    column: usize,
}

impl Misfit {
    pub(super) const NOT_AN_OBJECT: Self =
        Self { category: MisfitCategory::NotAnObject, line: 1, column: 1 };

    pub(super) fn from_json(error: &serde_json::Error) -> Self {
        let category = match error.classify() {
            Category::Data => MisfitCategory::Member,
            Category::Io | Category::Syntax | Category::Eof => MisfitCategory::Syntax,
        };
        Self { category, line: error.line(), column: error.column() }
    }

    /// The line of the data, from 1 where the data begins.
    pub const fn line(&self) -> usize {
        self.line
    }

    /// The column in bytes; that of the end of an object that lacks a member.
    pub const fn column(&self) -> usize {
        self.column
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
enum MisfitCategory {
    #[error("data is not a JSON object")]
    NotAnObject,
    #[error("data lacks a member, or has one that is unfit")]
    Member,
    /// The text is well-formed as such, but a string may hold half a surrogate pair.
    #[error("data has text that is not Unicode, or is nested too deeply")]
    Syntax,
}
