//! The headers of a delivery, without credentials.

use serde_json::{Value, json};
use topper_testkit::Delivery;

use crate::inspector::hidden::is_hidden;

/// The most lines that are shown.
const MOST: usize = 1000;
/// The most bytes of a value that are shown.
const MOST_BYTES: usize = 16 * 1024;

pub(super) fn of(delivery: &Delivery) -> Vec<Value> {
    delivery.headers.iter().take(MOST).map(|(name, value)| line(name, value)).collect()
}

fn line(name: &str, value: &[u8]) -> Value {
    let shown = value.get(..value.len().min(MOST_BYTES)).unwrap_or_default();
    let (text, hex) = match plain(value) {
        _ if is_hidden(name) => (None, None),
        Some(text) => (Some(text.get(..text.floor_char_boundary(MOST_BYTES))), None),
        None => (None, Some(hex(shown))),
    };
    json!({"name": name, "value": text, "hex": hex, "hidden": is_hidden(name)})
}

/// The value as text; `None` if some of it cannot be shown.
pub(in crate::inspector) fn plain(value: &[u8]) -> Option<&str> {
    std::str::from_utf8(value).ok().filter(|it| !it.contains(|c: char| c.is_control() && c != '\t'))
}

/// Bytes such as `ff fe`.
fn hex(bytes: &[u8]) -> String {
    let bytes: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    bytes.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hides_credentials_but_not_the_signature() {
        for name in [
            "Authorization",
            "proxy-authorization",
            "Cookie",
            "SET-COOKIE",
            "X-Amz-Security-Token",
            "x-api-key",
            "X-ApiKey",
            "X-Key",
            "ocp-apim-subscription-key",
            "X-Client-Secret",
            "x-session-id",
            "X-Auth",
        ] {
            assert!(is_hidden(name), "{name}");
            let line = line(name, b"hunter2");
            assert_eq!(
                (&line["value"], &line["hex"], &line["hidden"]),
                (&Value::Null, &Value::Null, &json!(true))
            );
        }
        for name in ["X-Topper-JWS-Signature", "content-type", "x-monkey", "keyboard", "author"] {
            assert!(!is_hidden(name), "{name}");
        }
    }

    #[test]
    fn shows_bytes_that_are_not_text() {
        for (value, text, hex) in [
            (&b"caf\xc3\xa9\tx"[..], Some("café\tx"), None),
            (b"\xff\xfe", None, Some("ff fe")),
            (b"a\x1b[2J", None, Some("61 1b 5b 32 4a")),
        ] {
            let line = line("x", value);
            assert_eq!((line["value"].as_str(), line["hex"].as_str()), (text, hex));
        }
        let line = line("x", "é".repeat(MOST_BYTES).as_bytes());
        assert_eq!(line["value"].as_str().map(str::len), Some(MOST_BYTES));
    }
}
