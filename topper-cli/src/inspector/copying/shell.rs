//! Words of a command that is pasted into a shell: whatever they contain, the shell runs nothing of it.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use topper_core::internal::Escaped;

/// Characters in a line of base64: a terminal may cut longer lines.
const WIDTH: usize = 76;

/// One word, for an argument without line breaks at its end.
pub(super) fn word(bytes: &[u8]) -> String {
    match plain(bytes) {
        Some(text) => quoted(text),
        None => format!("\"$({})\"", decoded(bytes)),
    }
}

/// A command that prints the bytes.
pub(super) fn printing(bytes: &[u8]) -> String {
    match plain(bytes) {
        Some(text) => format!("printf '%s' {}", quoted(text)),
        None => decoded(bytes),
    }
}

/// Text that means the same between single quotes in every shell, and that a person can read.
fn plain(bytes: &[u8]) -> Option<&str> {
    let text = std::str::from_utf8(bytes).ok()?;
    let is_visible = text.split('\n').all(|line| Escaped(line).to_string() == line);
    // In fish a backslash escapes a quote and a backslash, also between single quotes. Some shells
    // replace `!` even there.
    let is_same = !text.contains(['\'', '!']) && !text.contains("\\\\") && !text.ends_with('\\');
    (is_visible && is_same).then_some(text)
}

fn quoted(text: &str) -> String {
    format!("'{text}'")
}

/// A command that prints the bytes, with them in base64.
fn decoded(bytes: &[u8]) -> String {
    let text = STANDARD.encode(bytes);
    // Base64 is ASCII, so it is cut between characters.
    let lines: Vec<_> = text.as_bytes().chunks(WIDTH).map(String::from_utf8_lossy).collect();
    format!("printf '%s' '{}' | base64 -d", lines.join("\n"))
}
