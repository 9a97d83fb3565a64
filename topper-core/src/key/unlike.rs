//! Recognising text that is not a key, so that the error can say what to do.

use std::collections::BTreeMap;

use serde::de::IgnoredAny;

use super::text::base64;
use crate::KeyTextError;

/// The fields that show that an object is meant to be a JWK or a JWK Set.
const FIELDS: &[&str] = &["keys", "kty", "crv", "x", "y", "n", "e", "d", "k", "use", "key_ops"];

/// Texts that programs write for a missing value.
const MISSING: &[&str] =
    &["undefined", "null", "none", "nil", "nan", "true", "false", "[object object]", "(null)"];

/// Recognises text that is neither a JSON object nor PEM.
pub(super) fn text(text: &str) -> KeyTextError {
    let lower = text.to_ascii_lowercase();
    let is_word = !text.contains(char::is_whitespace);
    if MISSING.contains(&lower.as_str()) {
        KeyTextError::MissingValue
    } else if is_assignment(text) {
        KeyTextError::Assignment
    } else if is_placeholder(&lower) {
        KeyTextError::Placeholder
    } else if text.starts_with('<') {
        KeyTextError::Markup
    } else if text.starts_with('[') {
        KeyTextError::Array
    } else if is_ssh(&lower) {
        KeyTextError::Ssh
    } else if lower.contains("kty:") && !text.contains('"') {
        KeyTextError::LostQuotes
    } else if lower.contains("\"kty\"") || text.starts_with('"') {
        KeyTextError::Truncated
    } else if lower.contains("begin public key") || text.starts_with("-----") {
        KeyTextError::DamagedPem
    } else if lower.starts_with("file:") {
        KeyTextError::FileName
    } else if lower.starts_with("arn:") || lower.starts_with("projects/") {
        KeyTextError::SecretReference
    } else if is_word && text.contains("://") {
        KeyTextError::Url
    } else if lower.starts_with("whsec_") {
        KeyTextError::SigningSecret
    } else if is_token(text) {
        KeyTextError::Token
    } else if is_uuid(text) {
        KeyTextError::KeyId
    } else if is_hex(text) {
        KeyTextError::Hex
    } else if is_file_name(text) {
        KeyTextError::FileName
    } else if base64(text).is_some_and(|bytes| is_point(&bytes)) {
        KeyTextError::BarePoint
    } else if (is_word && text.len() >= 16) || lower.starts_with("bearer ") {
        KeyTextError::Secret
    } else {
        KeyTextError::Unknown
    }
}

/// Recognises text that starts with a brace and is not JSON. `None` if the position of the mistake says
/// more.
pub(super) fn broken_json(text: &str, is_cut: bool) -> Option<KeyTextError> {
    let inside = text.trim_start_matches('{').trim_start();
    if text.starts_with("{{") {
        Some(KeyTextError::Placeholder)
    } else if text.contains(['\u{201c}', '\u{201d}', '\u{201e}', '\u{2018}', '\u{2019}', '«']) {
        Some(KeyTextError::TypographicQuotes)
    } else if inside.starts_with('\'') {
        Some(KeyTextError::SingleQuotes)
    } else if inside.starts_with(|c: char| c.is_ascii_alphabetic()) {
        Some(KeyTextError::LostQuotes)
    } else {
        is_cut.then_some(KeyTextError::Truncated)
    }
}

/// Recognises a JSON object that is not meant to be a JWK or a JWK Set.
pub(super) fn object(json: &str) -> Option<KeyTextError> {
    let fields: BTreeMap<String, IgnoredAny> = serde_json::from_str(json).ok()?;
    let has = |names: &[&str]| names.iter().any(|name| fields.contains_key(*name));
    if fields.is_empty() {
        Some(KeyTextError::EmptyObject)
    } else if has(FIELDS) {
        None
    } else if has(&["private_key", "privateKey", "private_jwk", "secret"]) {
        Some(KeyTextError::PrivateKey)
    } else if has(&["jwks_uri", "issuer"]) {
        Some(KeyTextError::DiscoveryDocument)
    } else if has(&["error", "errors", "message", "detail", "code", "status"]) {
        Some(KeyTextError::ErrorDocument)
    } else {
        Some(KeyTextError::OtherObject)
    }
}

fn is_placeholder(lower: &str) -> bool {
    let is_tag = lower.starts_with('<')
        && lower.ends_with('>')
        && lower.matches('<').count() == 1
        && !lower.starts_with("<!");
    let is_variable = lower.starts_with('$') || (lower.starts_with('%') && lower.ends_with('%'));
    let is_word =
        ["changeme", "change-me", "change_me", "todo", "tbd", "replace", "your-", "your_"]
            .iter()
            .any(|word| lower.starts_with(word));
    let is_filler = lower.chars().all(|c| matches!(c, '.' | '…' | 'x' | '*' | '-' | '?'));
    is_tag || is_variable || is_word || is_filler
}

fn is_ssh(lower: &str) -> bool {
    ["ssh-", "ecdsa-sha2-", "sk-ssh-", "sk-ecdsa-", "---- begin ssh2"]
        .iter()
        .any(|start| lower.starts_with(start))
}

fn is_assignment(text: &str) -> bool {
    let text = text.strip_prefix("export ").unwrap_or(text);
    text.split_once('=').is_some_and(|(name, value)| {
        !value.trim_start_matches('=').is_empty()
            && name.contains('_')
            && name.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
    })
}

fn is_token(text: &str) -> bool {
    let parts: Vec<&str> = text.split('.').collect();
    let is_base64url = |part: &&str| {
        part.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
    };
    matches!(parts.len(), 3 | 5) && text.starts_with("ey") && parts.iter().all(is_base64url)
}

fn is_uuid(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    parts.iter().map(|part| part.len()).eq([8, 4, 4, 4, 12])
        && parts.iter().all(|part| part.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

fn is_hex(text: &str) -> bool {
    let digits = text.strip_prefix("0x").unwrap_or(text);
    let is_digit = |c: char| c.is_ascii_hexdigit() || c == ':' || c.is_whitespace();
    digits.len() >= 16 && digits.chars().all(is_digit)
}

fn is_file_name(text: &str) -> bool {
    const EXTENSIONS: &[&str] =
        &[".pem", ".jwk", ".jwks", ".json", ".key", ".pub", ".txt", ".crt", ".cer", ".der", ".env"];
    let lower = text.to_ascii_lowercase();
    let is_drive =
        matches!(text.as_bytes(), [letter, b':', b'\\' | b'/', ..] if letter.is_ascii_alphabetic());
    let is_relative = text.contains(['/', '\\']) && text.len() < 40 && !text.contains(['+', '=']);
    !text.contains('\n')
        && (text.starts_with(['@', '/', '~', '.', '\\'])
            || is_drive
            || is_relative
            || EXTENSIONS.iter().any(|extension| lower.ends_with(extension)))
}

/// A point in SEC 1 form, on any of the curves of JWS.
fn is_point(bytes: &[u8]) -> bool {
    matches!((bytes.first(), bytes.len()), (Some(4), 65 | 97 | 133) | (Some(2 | 3), 33 | 49 | 67))
}
