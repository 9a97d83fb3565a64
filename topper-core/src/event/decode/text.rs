//! Reading a string without allocating it first.

use std::fmt;

use serde::de::{Deserializer, Error, Visitor};

/// Makes a value of a string; `make` refuses it with `None`.
pub(in crate::event) fn text<'de, D, F, T>(deserializer: D, make: F) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    F: FnOnce(&str) -> Option<T>,
{
    deserializer.deserialize_str(TextVisitor(make))
}

struct TextVisitor<F>(F);

impl<T, F: FnOnce(&str) -> Option<T>> Visitor<'_> for TextVisitor<F> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<T, E> {
        // The message is never shown.
        (self.0)(text).ok_or_else(|| E::custom("invalid text"))
    }
}
