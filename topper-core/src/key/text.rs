//! Finding the JWK or the point in the text that people paste.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

use super::{der, pem, unlike};
use crate::ConfigError;

/// The depth of nesting: a key in quotes in base64 in quotes, and one more.
const MOST_LAYERS: usize = 4;

/// What the text contains.
pub(super) enum Pasted {
    /// A JSON object, valid or not.
    Json(String),
    /// The 64 bytes of a P-256 point, without the leading byte for the form.
    Point(Vec<u8>),
}

/// Accepts text that is unambiguous. For other text, the error says what it looks like.
pub(super) fn read(pasted: &str) -> Result<Pasted, ConfigError> {
    let mut text = trimmed(pasted).to_owned();
    for _ in 0..MOST_LAYERS {
        let Some(inner) = unquoted(&text).or_else(|| unescaped(&text)).or_else(|| decoded(&text))
        else {
            break;
        };
        text = trimmed(&inner).to_owned();
    }
    if text.is_empty() {
        Err(ConfigError::NoKey)
    } else if text.starts_with('{') {
        Ok(Pasted::Json(text))
    } else if pem::is_armored(&text) {
        pem::read(&text).map(Pasted::Point).map_err(ConfigError::KeyText)
    } else if let Some(der) = base64(&text).filter(|bytes| der::is_sequence(bytes)) {
        der::read(&der).map(Pasted::Point).map_err(ConfigError::KeyText)
    } else {
        Err(ConfigError::KeyText(unlike::text(&text)))
    }
}

/// Removes white space, byte order marks and zero-width characters at both ends.
fn trimmed(text: &str) -> &str {
    text.trim_matches(|c: char| c.is_whitespace() || matches!(c, '\u{feff}' | '\u{200b}' | '\0'))
}

/// The text inside quotation marks. A JSON string may have escapes.
fn unquoted(text: &str) -> Option<String> {
    ['"', '\'', '`'].into_iter().find_map(|mark| {
        let inner = text.strip_prefix(mark)?.strip_suffix(mark)?;
        let string = (mark == '"').then(|| serde_json::from_str(text).ok()).flatten();
        Some(string.unwrap_or_else(|| inner.to_owned()))
    })
}

/// Unescapes JSON whose quotation marks are all escaped, as inside a JSON string.
fn unescaped(text: &str) -> Option<String> {
    let is_escaped = text.starts_with('{') && text.contains("\\\"");
    is_escaped.then(|| serde_json::from_str(&format!("\"{text}\"")).ok()).flatten()
}

/// The decoded text, if it is a key in base64.
fn decoded(text: &str) -> Option<String> {
    let inner = String::from_utf8(base64(text)?).ok()?;
    let start = trimmed(&inner);
    (start.starts_with('{') || pem::is_armored(start)).then_some(inner)
}

/// In either alphabet, with or without padding, on one or more lines.
pub(super) fn base64(text: &str) -> Option<Vec<u8>> {
    let text: String = text
        .replace("\\n", "\n")
        .chars()
        .filter(|c| !c.is_whitespace())
        .map(|c| match c {
            '+' => '-',
            '/' => '_',
            other => other,
        })
        .collect();
    URL_SAFE_NO_PAD.decode(text.trim_end_matches('=')).ok()
}
