//! Finding the JWK or the point in the text that people paste.

use super::{
    der,
    pasted::{self, is_armored},
    pem, unlike,
};
use crate::ConfigError;

/// The escapes that stand for the ends of lines in base64.
const LINE_ENDS: &[&str] = &["\\n"];

/// What the text contains.
pub(super) enum Pasted {
    /// A JSON object, valid or not.
    Json(String),
    /// The 64 bytes of a P-256 point, without the leading byte for the form.
    Point(Vec<u8>),
}

/// Accepts text that is unambiguous. For other text, the error says what it looks like.
pub(super) fn read(pasted: &str) -> Result<Pasted, ConfigError> {
    let text: String = pasted::peeled::<_, Vec<u8>>(pasted, LINE_ENDS);
    if text.is_empty() {
        Err(ConfigError::NoKey)
    } else if text.starts_with('{') {
        Ok(Pasted::Json(text))
    } else if is_armored(&text) {
        pem::read(&text).map(Pasted::Point).map_err(ConfigError::KeyText)
    } else if let Some(der) = base64(&text).filter(|bytes| der::is_sequence(bytes)) {
        der::read(&der).map(Pasted::Point).map_err(ConfigError::KeyText)
    } else {
        Err(ConfigError::KeyText(unlike::text(&text)))
    }
}

/// In either alphabet, with or without padding, on one or more lines.
pub(super) fn base64(text: &str) -> Option<Vec<u8>> {
    pasted::base64::<String, _>(text, LINE_ENDS)
}
