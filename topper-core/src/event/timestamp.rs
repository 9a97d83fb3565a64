//! Times, stored as text.

mod rfc3339;

use std::{convert::Infallible, fmt, str::FromStr, time::SystemTime};

use serde::{
    de::{Deserialize, Deserializer},
    ser::{Serialize, Serializer},
};

use super::decode::text;

/// A point in time as Topper sent it, usually RFC 3339 with milliseconds in UTC.
///
/// The text is kept as received, even if it is not a valid time, because that is no reason to lose an
/// authentic event. A lone surrogate in it becomes U+FFFD. Values are equal if their texts are equal.
/// `Display` shows the text, `Debug` does not.
///
/// # Examples
///
/// ```
/// use std::time::{Duration, UNIX_EPOCH};
///
/// use topper::event::Timestamp;
///
/// let timestamp = Timestamp::from("1970-01-01T00:00:01.500Z");
/// assert_eq!(timestamp.to_system_time(), Some(UNIX_EPOCH + Duration::from_millis(1500)));
/// assert_eq!(Timestamp::from("soon").to_system_time(), None);
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
#[cfg_attr(
    feature = "schemars",
    derive(schemars::JsonSchema),
    schemars(inline, extend("x-format" = "date-time"))
)]
pub struct Timestamp(Box<str>);

impl Timestamp {
    /// The text as received.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The time, if the text is a valid RFC 3339 time from 1970 on, with any offset (`Z`, `+02:00`). Of
    /// the fraction digits, nine count. `None` without an offset.
    pub fn to_system_time(&self) -> Option<SystemTime> {
        rfc3339::parse(&self.0)
    }

    /// Parses the time as another type, such as `jiff::Timestamp` or `chrono::DateTime<chrono::Utc>`.
    ///
    /// # Errors
    ///
    /// The errors of that type.
    ///
    /// # Examples
    ///
    /// ```
    /// use topper::event::Timestamp;
    ///
    /// let time = Timestamp::from("2026-03-02T10:18:41.903+01:00").parse::<jiff::Timestamp>()?;
    /// assert_eq!(time.to_string(), "2026-03-02T09:18:41.903Z");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn parse<T: FromStr>(&self) -> Result<T, T::Err> {
        self.0.parse()
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl AsRef<str> for Timestamp {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

impl FromStr for Timestamp {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(text.into())
    }
}

impl From<String> for Timestamp {
    fn from(text: String) -> Self {
        Self(text.into())
    }
}

impl From<&str> for Timestamp {
    fn from(text: &str) -> Self {
        Self(text.into())
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Timestamp").finish_non_exhaustive()
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        text::named(text::LENIENT, deserializer, |text| Some(Self::from(text)))
    }
}
