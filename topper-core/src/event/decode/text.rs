//! Reading a string without allocating it first.
//!
//! A lenient string is requested under a special name. Formats ignore the name, but the careful reading
//! of JSON knows it.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, Visitor};

use crate::event::debug::opaque_debug;

/// A text for people to read. A lone surrogate in it is no reason to lose an event.
pub(in crate::event) const LENIENT: &str = "$topper_core::lenient";

/// An amount or a rate, which may be a JSON number.
pub(in crate::event) const DECIMAL: &str = "$topper_core::decimal";

/// Creates a value from a string. `make` returns `None` to refuse it.
pub(in crate::event) fn text<'de, D, F, T>(deserializer: D, make: F) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    F: FnOnce(&str) -> Option<T>,
{
    deserializer.deserialize_str(TextVisitor(make))
}

/// Creates a value from a text of the kind [`LENIENT`] or [`DECIMAL`].
#[inline]
pub(in crate::event) fn named<'de, D, F, T>(
    kind: &'static str,
    deserializer: D,
    make: F,
) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    F: FnOnce(&str) -> Option<T>,
{
    deserializer.deserialize_newtype_struct(kind, TextVisitor(make))
}

/// For `#[serde(default, deserialize_with)]` on an optional text that only people read.
pub fn optional_lenient<'de, D>(deserializer: D) -> Result<Option<String>, D::Error>
where
    D: Deserializer<'de>,
{
    Ok(Option::<Lenient>::deserialize(deserializer)?.map(|Lenient(text)| text))
}

/// A text in which a lone surrogate becomes U+FFFD.
#[expect(clippy::exhaustive_structs, reason = "it is for our own crates, which take the text")]
pub struct Lenient(pub String);

opaque_debug!(Lenient);

impl<'de> Deserialize<'de> for Lenient {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        named(LENIENT, deserializer, |text| Some(Self(text.to_owned())))
    }
}

struct TextVisitor<F>(F);

impl<'de, T, F: FnOnce(&str) -> Option<T>> Visitor<'de> for TextVisitor<F> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    #[inline]
    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<T, D::Error> {
        deserializer.deserialize_str(self)
    }

    #[inline]
    fn visit_str<E: Error>(self, text: &str) -> Result<T, E> {
        // The message is never shown.
        (self.0)(text).ok_or_else(|| E::custom("invalid text"))
    }
}
