//! Private keys where they must not be.

use serde_json::Value;

/// The private fields of a JWK (RFC 7518, sections 6.2.2, 6.3.2 and 6.4; RFC 9964).
const PARTS: &[&str] = &["d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv"];

/// The path of the first private key in a JSON value, if there is one.
pub(crate) fn place(value: &Value, path: &str) -> Option<String> {
    match value {
        Value::Object(fields) => fields.iter().find_map(|(name, value)| {
            let path = format!("{path}.{name}");
            if is_part(fields, name) { Some(path) } else { place(value, &path) }
        }),
        Value::Array(values) => {
            values.iter().enumerate().find_map(|(at, value)| place(value, &format!("{path}[{at}]")))
        }
        Value::String(text) => is_key(text).then(|| path.to_owned()),
        _ => None,
    }
}

/// Whether a field is the private part of a key.
pub(super) fn is_part(fields: &serde_json::Map<String, Value>, name: &str) -> bool {
    let is_jwk = fields.contains_key("kty") || fields.contains_key("crv");
    let plain = name.replace(['_', '-'], "").to_ascii_lowercase();
    (is_jwk && PARTS.contains(&name)) || matches!(plain.as_str(), "privatekey" | "privatejwk")
}

/// Whether a text is a private key: in PEM, or as a JWK in text.
pub(super) fn is_key(text: &str) -> bool {
    if text.contains("PRIVATE KEY-----") {
        return true;
    }
    let is_object = text.trim_start().starts_with('{');
    is_object
        && serde_json::from_str::<Value>(text).is_ok_and(|inner| match inner {
            Value::Object(fields) => fields.keys().any(|name| is_part(&fields, name)),
            _ => false,
        })
}

/// What stands in the place of a private key that is not shown.
pub(super) const LEFT_OUT: &str = "(left out)";

/// Puts [`LEFT_OUT`] in the place of every private key.
pub(super) fn remove(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            let names: Vec<String> = fields.keys().cloned().collect();
            for name in names {
                let is_part = is_part(fields, &name);
                match fields.get_mut(&name) {
                    Some(value) if is_part => *value = LEFT_OUT.into(),
                    Some(value) => remove(value),
                    None => {}
                }
            }
        }
        Value::Array(values) => values.iter_mut().for_each(remove),
        Value::String(text) if is_key(text) => *value = LEFT_OUT.into(),
        _ => {}
    }
}
