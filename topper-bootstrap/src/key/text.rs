//! From what people paste to a JWK, PEM or DER: takes off what is around it.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use zeroize::Zeroizing;

use super::{Read, Secret, der, jwk, pem};
use crate::PrivateKeyError;

/// A key in quotes in base64 in quotes, and one more.
const MOST_LAYERS: usize = 4;

/// Takes what is unambiguous, and says what the rest looks like.
pub(super) fn read(pasted: &str) -> Result<Read, PrivateKeyError> {
    let mut text = Zeroizing::new(trimmed(pasted).to_owned());
    for _ in 0..MOST_LAYERS {
        let Some(inner) = unquoted(&text).or_else(|| unescaped(&text)).or_else(|| decoded(&text))
        else {
            break;
        };
        text = Zeroizing::new(trimmed(&inner).to_owned());
    }
    if text.starts_with('{') {
        jwk::read(&text)
    } else if pem::is_armored(&text) {
        pem::read(&text)
    } else if let Some(der) = base64(&text).filter(|bytes| bytes.first() == Some(&0x30)) {
        der::read(&der)
    } else if is_file_name(&text) {
        Err(PrivateKeyError::FileName)
    } else if text.starts_with("ssh-") {
        Err(PrivateKeyError::OtherPem)
    } else {
        Err(PrivateKeyError::Unknown)
    }
}

/// Without white space, byte order marks and characters of no width at either end.
fn trimmed(text: &str) -> &str {
    text.trim_matches(|c: char| c.is_whitespace() || matches!(c, '\u{feff}' | '\u{200b}' | '\0'))
}

/// What is inside quotation marks; a JSON string may have escapes.
fn unquoted(text: &str) -> Option<Zeroizing<String>> {
    ['"', '\'', '`'].into_iter().find_map(|mark| {
        let inner = text.strip_prefix(mark)?.strip_suffix(mark)?;
        let string = (mark == '"').then(|| serde_json::from_str(text).ok()).flatten();
        Some(Zeroizing::new(string.unwrap_or_else(|| inner.to_owned())))
    })
}

/// JSON all of whose quotation marks are escaped, as inside a JSON string.
fn unescaped(text: &str) -> Option<Zeroizing<String>> {
    if !text.starts_with('{') || !text.contains("\\\"") {
        return None;
    }
    let quoted = Zeroizing::new(format!("\"{text}\""));
    serde_json::from_str(&quoted).ok().map(Zeroizing::new)
}

/// A JWK or PEM in base64.
fn decoded(text: &str) -> Option<Zeroizing<String>> {
    let bytes = base64(text)?;
    let inner = std::str::from_utf8(&bytes).ok()?;
    let start = trimmed(inner);
    let is_key = start.starts_with('{') || pem::is_armored(start);
    is_key.then(|| Zeroizing::new(inner.to_owned()))
}

/// Either alphabet, with or without padding, in one line or several.
pub(super) fn base64(text: &str) -> Option<Secret> {
    let lines = Zeroizing::new(text.replace("\\r", "").replace("\\n", "\n"));
    let mut clean = Zeroizing::new(String::with_capacity(lines.len()));
    for c in lines.chars().filter(|c| !c.is_whitespace()) {
        clean.push(match c {
            '+' => '-',
            '/' => '_',
            other => other,
        });
    }
    // With room from the start, so that no copy is left where it grew.
    let mut bytes = Zeroizing::new(vec![0; clean.len()]);
    let written =
        URL_SAFE_NO_PAD.decode_slice(clean.trim_end_matches('=').as_bytes(), &mut bytes).ok()?;
    bytes.truncate(written);
    Some(bytes)
}

fn is_file_name(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let extensions = [".pem", ".jwk", ".json", ".key", ".p8", ".der", ".txt"];
    !text.contains('\n')
        && text.len() < 1024
        && (text.starts_with(['@', '/', '~', '.', '\\'])
            || lower.starts_with("file:")
            || extensions.iter().any(|extension| lower.ends_with(extension)))
}
