//! The fields of a body, as they are in its text.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Value, value::RawValue};

/// The most fields that are listed.
const MOST: usize = 10_000;
/// The most bytes of all their paths: a long name is in the path of each field inside of it.
const MOST_BYTES: usize = 4 * 1024 * 1024;
/// Deeper ones are listed as one.
const DEEPEST: usize = 32;

/// A field whose value is not an object or an array with content.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Field {
    path: Vec<String>,
    /// Its text in JSON.
    json: String,
}

impl Field {
    /// Such as `data.fees.0.amount`.
    pub(super) fn path(&self) -> String {
        self.path.join(".")
    }

    /// Whether it is this field of the body, or inside of it.
    pub(super) fn is_of(&self, name: &str) -> bool {
        self.path.first().is_some_and(|first| first == name)
    }

    /// Text without its quotes; everything else as in the body.
    pub(super) fn value(&self) -> String {
        serde_json::from_str(&self.json).unwrap_or_else(|_| self.json.clone())
    }

    /// Whether a decoded event has it. A field that is `null` counts as absent.
    pub(super) fn is_in(&self, typed: &Value) -> bool {
        if self.json == "null" {
            return true;
        }
        let found = self.path.iter().try_fold(typed, |value, name| {
            lookup(value, name).or_else(|| {
                // One field with two spellings in Topper's documentation.
                let other = match name.as_str() {
                    "expiresAt" => "expiredAt",
                    "expiredAt" => "expiresAt",
                    _ => return None,
                };
                lookup(value, other)
            })
        });
        found.is_some()
    }
}

/// All of them in the order of the text, and whether there were too many.
pub(super) fn of(body: &[u8]) -> (Vec<Field>, bool) {
    let mut found = Found::default();
    if let Ok(raw) = serde_json::from_slice::<&RawValue>(body) {
        found.collect(raw, &mut Vec::new());
    }
    (found.fields, found.is_full)
}

/// The value of a field or an item.
fn lookup<'a>(value: &'a Value, name: &str) -> Option<&'a Value> {
    match value {
        Value::Object(fields) => fields.get(name),
        Value::Array(items) => items.get(name.parse::<usize>().ok()?),
        _ => None,
    }
}

/// The fields so far.
#[derive(Default)]
struct Found {
    fields: Vec<Field>,
    /// Of their paths.
    bytes: usize,
    is_full: bool,
}

impl Found {
    fn collect(&mut self, raw: &RawValue, path: &mut Vec<String>) {
        if self.is_full {
            return;
        }
        let json = raw.get();
        let has_fields = json.starts_with(['{', '[']) && path.len() < DEEPEST;
        let before = self.fields.len();
        if has_fields {
            let mut deserializer = serde_json::Deserializer::from_str(json);
            // A value that cannot be read is listed as its text.
            let _ = deserializer.deserialize_any(Inner { path, found: self });
        }
        if self.fields.len() == before {
            self.push(Field { path: path.clone(), json: json.to_owned() });
        }
    }

    fn push(&mut self, field: Field) {
        self.bytes += field.path.iter().map(|name| name.len() + size_of::<String>()).sum::<usize>();
        self.fields.push(field);
        self.is_full = self.fields.len() >= MOST || self.bytes > MOST_BYTES;
    }
}

/// Visits the fields of one object or the items of one array.
struct Inner<'a> {
    path: &'a mut Vec<String>,
    found: &'a mut Found,
}

impl Inner<'_> {
    fn add(&mut self, name: String, raw: &RawValue) {
        self.path.push(name);
        self.found.collect(raw, self.path);
        self.path.pop();
    }
}

impl<'de> Visitor<'de> for Inner<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object or an array")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<(), A::Error> {
        while let Some(name) = map.next_key::<String>()? {
            self.add(name, map.next_value_seed(Raw)?);
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut items: A) -> Result<(), A::Error> {
        let mut index = 0_usize;
        while let Some(raw) = items.next_element_seed(Raw)? {
            self.add(index.to_string(), raw);
            index += 1;
        }
        Ok(())
    }
}

struct Raw;

impl<'de> DeserializeSeed<'de> for Raw {
    type Value = &'de RawValue;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        serde::Deserialize::deserialize(deserializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(json: &str) -> Vec<(String, String)> {
        of(json.as_bytes()).0.iter().map(|it| (it.path(), it.value())).collect()
    }

    #[test]
    fn lists_fields_in_the_order_of_the_text() {
        let all = listed(r#"{"b":[1.00,{"x":"\u00e9"}],"a":{},"c":null}"#);
        let all: Vec<_> = all.iter().map(|(path, value)| (path.as_str(), value.as_str())).collect();
        assert_eq!(all, [("b.0", "1.00"), ("b.1.x", "é"), ("a", "{}"), ("c", "null")]);
    }

    #[test]
    fn is_not_led_into_the_depth() {
        let deep = format!("{{\"a\":{}{}}}", "[".repeat(100_000), "]".repeat(100_000));
        assert_eq!(listed(&deep).len(), 1);
    }

    #[test]
    fn stops_at_too_many() {
        let many = format!("[{}0]", "0,".repeat(20_000));
        assert_eq!(of(many.as_bytes()).0.len(), MOST);
    }

    #[test]
    fn does_not_copy_a_long_name_again_and_again() {
        let name = "a".repeat(500_000);
        let wide = format!("{{\"{name}\":[{}0]}}", "0,".repeat(9000));
        let (fields, is_cut) = of(wide.as_bytes());
        let bytes: usize = fields.iter().map(|field| field.path().len()).sum();
        assert!(is_cut && (1..10_000_000).contains(&bytes), "{bytes}");
    }
}
