//! JSON strings with half a surrogate pair in them.

use std::{borrow::Cow, fmt};

use serde::de::{self, Deserialize, Deserializer, Visitor};

/// A string in which each lone surrogate is U+FFFD.
///
/// Use it only for JSON that a strict reading refused: for bytes, serde_json does not refuse control
/// characters that are not escaped.
pub(super) struct Lossy<'a>(pub(super) Cow<'a, str>);

impl<'de> Deserialize<'de> for Lossy<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // As bytes, serde_json keeps the surrogates, in WTF-8.
        deserializer.deserialize_bytes(LossyVisitor).map(Self)
    }
}

struct LossyVisitor;

impl<'de> Visitor<'de> for LossyVisitor {
    type Value = Cow<'de, str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_borrowed_bytes<E: de::Error>(self, bytes: &'de [u8]) -> Result<Self::Value, E> {
        Ok(std::str::from_utf8(bytes).map_or_else(|_| Cow::Owned(replaced(bytes)), Cow::Borrowed))
    }

    fn visit_bytes<E: de::Error>(self, bytes: &[u8]) -> Result<Self::Value, E> {
        Ok(Cow::Owned(replaced(bytes)))
    }
}

/// One U+FFFD for each surrogate, whose three bytes are each invalid.
fn replaced(wtf8: &[u8]) -> String {
    const FIRST_BYTE: u8 = 0xed;

    let mut text = String::with_capacity(wtf8.len());
    for chunk in wtf8.utf8_chunks() {
        text.push_str(chunk.valid());
        if chunk.invalid().starts_with(&[FIRST_BYTE]) {
            text.push(char::REPLACEMENT_CHARACTER);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replaces_each_lone_surrogate_by_one_character() {
        for (json, expected) in [
            (r#""shop""#, "shop"),
            (r#""shop \ud83d""#, "shop \u{fffd}"),
            (r#""\ude00\ud83d!""#, "\u{fffd}\u{fffd}!"),
            (r#""\ud83d\ude00 \u00e9é""#, "\u{1f600} éé"),
            (r#""\ud83d\ud83d\ude00""#, "\u{fffd}\u{1f600}"),
            (r#""\ud83d\n""#, "\u{fffd}\n"),
        ] {
            let Lossy(text) = serde_json::from_str(json).unwrap();
            assert_eq!(text, expected, "{json}");
        }
    }
}
