//! Literals in the text of a statement: hexadecimal, or a number.

use std::fmt::Write as _;

/// So many bytes are written at a time.
const PORTION: usize = 128;

pub(super) fn push_bytes(text: &mut String, bytes: &[u8]) {
    // Independent of `standard_conforming_strings`, unlike '\x..'.
    text.push_str("E'\\\\x");
    text.reserve(bytes.len().saturating_mul(2));
    let mut digits = [b'0'; 2 * PORTION];
    for portion in bytes.chunks(PORTION) {
        for (pair, byte) in digits.chunks_exact_mut(2).zip(portion) {
            pair.copy_from_slice(&[digit(byte >> 4), digit(byte & 0xf)]);
        }
        let digits = digits.get(..2 * portion.len()).unwrap_or_default();
        text.push_str(std::str::from_utf8(digits).unwrap_or_default());
    }
    text.push_str("'::bytea");
}

fn digit(value: u8) -> u8 {
    if value < 10 { b'0' + value } else { b'a' - 10 + value }
}

pub(super) fn bytes(bytes: &[u8]) -> String {
    let mut text = String::new();
    push_bytes(&mut text, bytes);
    text
}

pub(super) fn push_some_bytes(text: &mut String, bytes: Option<&[u8]>) {
    match bytes {
        Some(bytes) => push_bytes(text, bytes),
        None => text.push_str("NULL::bytea"),
    }
}

pub(super) fn push_number(text: &mut String, number: Option<i64>) {
    // Writing to a string does not fail.
    let _ = match number {
        // Its sign is not part of a number: a cast would be of what follows it.
        Some(number) => write!(text, "'{number}'::bigint"),
        None => write!(text, "NULL::bigint"),
    };
}

/// A time, by how many microseconds after 1970 it is.
pub(super) fn time(microseconds: i64) -> String {
    format!("timestamptz 'epoch' + '{microseconds}'::bigint * interval '1 microsecond'")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_every_byte_as_two_digits() {
        for length in [0, 1, PORTION - 1, PORTION, PORTION + 1, 1000] {
            let all: Vec<u8> = (0..=255).cycle().take(length).collect();
            let digits: String = all.iter().map(|byte| format!("{byte:02x}")).collect();
            assert_eq!(bytes(&all), format!(r"E'\\x{digits}'::bytea"));
        }
    }
}
