//! The body of a delivery, as text or as a hex dump.

use std::fmt::Write as _;

use serde::de::IgnoredAny;
use serde_json::{Value, json};

use crate::reformat;

/// The most bytes of a text that are shown.
const MOST_TEXT: usize = 256 * 1024;
/// The most bytes of a hex dump, which takes five times as many characters.
const MOST_HEX: usize = 32 * 1024;

pub(super) fn of(body: &[u8]) -> Value {
    let (text, hex, shown) = match std::str::from_utf8(body) {
        Ok(text) => {
            let text = text.get(..text.floor_char_boundary(MOST_TEXT)).unwrap_or_default();
            (Some(text), None, text.len())
        }
        Err(_) => {
            let bytes = body.get(..body.len().min(MOST_HEX)).unwrap_or_default();
            (None, Some(dump(bytes)), bytes.len())
        }
    };
    let is_cut = shown < body.len();
    json!({
        "text": text,
        "hex": hex,
        "bytes": body.len(),
        "cut": is_cut,
        "pretty": text.filter(|_| !is_cut).and_then(pretty),
    })
}

/// Only white space is changed: numbers and the order of fields stay.
fn pretty(text: &str) -> Option<String> {
    serde_json::from_str::<IgnoredAny>(text).ok()?;
    reformat::pretty(text, "  ")
}

/// Lines such as `00000010  7b 22 61 22 3a 31 7d                              {"a":1}`.
fn dump(bytes: &[u8]) -> String {
    const WIDTH: usize = 16;
    let mut dump = String::with_capacity(bytes.len() * 5);
    for (index, line) in bytes.chunks(WIDTH).enumerate() {
        // Nothing can go wrong when writing into a text.
        let _ = write!(dump, "{:08x} ", index * WIDTH);
        for place in 0..WIDTH {
            let _ = match line.get(place) {
                Some(byte) => write!(dump, " {byte:02x}"),
                None => write!(dump, "   "),
            };
        }
        let is_shown = |byte: &u8| byte.is_ascii_graphic() || *byte == b' ';
        let text = line.iter().map(|byte| if is_shown(byte) { char::from(*byte) } else { '.' });
        dump.push_str("  ");
        dump.extend(text);
        dump.push('\n');
    }
    dump
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_text_exactly_and_indents_only_json() {
        let json = r#"{"b":1.00,"a":[1e2]}"#;
        let shown = of(json.as_bytes());
        assert_eq!(shown["text"], json);
        assert_eq!(shown["pretty"], "{\n  \"b\": 1.00,\n  \"a\": [\n    1e2\n  ]\n}");
        assert_eq!(of(b"{\"a\":\r\n\0}")["pretty"], Value::Null);
    }

    #[test]
    fn dumps_what_is_not_text() {
        let shown = of(b"{\"a\":1}\xff0123456789");
        assert_eq!(shown["text"], Value::Null);
        let expected = "00000000  7b 22 61 22 3a 31 7d ff 30 31 32 33 34 35 36 37  {\"a\":1}.01234567\n\
                        00000010  38 39                                            89\n";
        assert_eq!(shown["hex"], expected);
    }

    #[test]
    fn shows_the_first_part_of_what_is_long() {
        let text = of("é".repeat(MOST_TEXT).as_bytes());
        assert_eq!(text["text"].as_str().map(str::len), Some(MOST_TEXT));
        assert_eq!((&text["cut"], &text["bytes"]), (&json!(true), &json!(2 * MOST_TEXT)));
        let binary = of(&vec![0xff; 1024 * 1024]);
        assert!(binary["cut"] == true && binary["hex"].as_str().unwrap().len() < 6 * MOST_HEX);
    }
}
