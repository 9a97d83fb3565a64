//! Literals in the text of a statement: hexadecimal, or a number.

use std::fmt::Write as _;

const DIGITS: [char; 16] =
    ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'];

pub(super) fn push_bytes(text: &mut String, bytes: &[u8]) {
    // Independent of `standard_conforming_strings`, unlike '\x..'.
    text.push_str("E'\\\\x");
    text.reserve(bytes.len().saturating_mul(2));
    for byte in bytes {
        for digit in [byte >> 4, byte & 0xf] {
            text.push(DIGITS.get(usize::from(digit)).copied().unwrap_or('0'));
        }
    }
    text.push_str("'::bytea");
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
