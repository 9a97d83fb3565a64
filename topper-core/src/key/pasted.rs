//! What people paste in place of a key: in quotes, escaped, in base64, and all of that at once.
//!
//! `T` holds texts, and `B` bytes. For a private key they are types that overwrite themselves when they are
//! dropped, so nothing here keeps a copy outside of them.

use base64::{Engine as _, decoded_len_estimate, engine::general_purpose::URL_SAFE_NO_PAD};

/// The depth of nesting: a key in quotes in base64 in quotes, and one more.
const MOST_LAYERS: usize = 4;
/// The start of a key in PEM (RFC 7468).
const BEGIN: &str = "-----BEGIN ";

/// The innermost text. `line_ends` are the escapes that stand for the ends of lines in base64, such as
/// the two characters `\n`.
pub fn peeled<T, B>(pasted: &str, line_ends: &[&str]) -> T
where
    T: From<String> + AsRef<str>,
    B: From<Vec<u8>> + AsRef<[u8]>,
{
    let mut text = T::from(trimmed(pasted).to_owned());
    for _ in 0..MOST_LAYERS {
        let outer = text.as_ref();
        let inner: Option<T> = unquoted(outer)
            .or_else(|| unescaped(outer))
            .or_else(|| decoded::<T, B>(outer, line_ends));
        let Some(inner) = inner else { break };
        text = T::from(trimmed(inner.as_ref()).to_owned());
    }
    text
}

/// The bytes of base64 in either alphabet, with or without padding, on one or more lines.
pub fn base64<T, B>(text: &str, line_ends: &[&str]) -> Option<B>
where
    T: From<String> + AsRef<str>,
    B: From<Vec<u8>>,
{
    let mut lines = T::from(text.to_owned());
    for line_end in line_ends {
        lines = T::from(lines.as_ref().replace(line_end, "\n"));
    }
    let lines = lines.as_ref();
    // With room from the start, so that no copy is left where it grew.
    let mut clean = String::with_capacity(lines.len());
    clean.extend(lines.chars().filter(|c| !c.is_whitespace()).map(|c| match c {
        '+' => '-',
        '/' => '_',
        other => other,
    }));
    let clean = T::from(clean);
    let digits = clean.as_ref().trim_end_matches('=');
    let mut bytes = vec![0; decoded_len_estimate(digits.len())];
    let written = URL_SAFE_NO_PAD.decode_slice(digits, &mut bytes).ok();
    bytes.truncate(written.unwrap_or_default());
    let bytes = B::from(bytes);
    written.map(|_| bytes)
}

/// Whether the text is, or contains, a key in PEM.
pub fn is_armored(text: &str) -> bool {
    text.contains(BEGIN)
}

/// The blocks of PEM, each from its label on.
pub fn blocks(text: &str) -> impl Iterator<Item = &str> {
    text.split(BEGIN).skip(1)
}

/// The label of a block, such as `PUBLIC KEY`.
pub fn label(block: &str) -> Option<&str> {
    block.split_once("-----").map(|(label, _)| label.trim())
}

/// Whether the text is a key where the path of a file belongs.
pub fn is_key(path: &str) -> bool {
    path.starts_with('{') || path.contains("-----BEGIN")
}

/// Removes white space, byte order marks and zero-width characters at both ends.
fn trimmed(text: &str) -> &str {
    text.trim_matches(|c: char| c.is_whitespace() || matches!(c, '\u{feff}' | '\u{200b}' | '\0'))
}

/// The text inside quotation marks. A JSON string may have escapes.
fn unquoted<T: From<String>>(text: &str) -> Option<T> {
    ['"', '\'', '`'].into_iter().find_map(|mark| {
        let inner = text.strip_prefix(mark)?.strip_suffix(mark)?;
        let string = (mark == '"').then(|| serde_json::from_str(text).ok()).flatten();
        Some(T::from(string.unwrap_or_else(|| inner.to_owned())))
    })
}

/// Unescapes JSON whose quotation marks are all escaped, as inside a JSON string.
fn unescaped<T: From<String> + AsRef<str>>(text: &str) -> Option<T> {
    if !text.starts_with('{') || !text.contains("\\\"") {
        return None;
    }
    let quoted = T::from(format!("\"{text}\""));
    serde_json::from_str::<String>(quoted.as_ref()).ok().map(T::from)
}

/// The decoded text, if it is a key in base64.
fn decoded<T, B>(text: &str, line_ends: &[&str]) -> Option<T>
where
    T: From<String> + AsRef<str>,
    B: From<Vec<u8>> + AsRef<[u8]>,
{
    let bytes: B = base64::<T, B>(text, line_ends)?;
    let inner = str::from_utf8(bytes.as_ref()).ok()?;
    let start = trimmed(inner);
    (start.starts_with('{') || is_armored(start)).then(|| T::from(inner.to_owned()))
}
