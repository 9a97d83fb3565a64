//! What the types say, as validators and code generators need it.

use serde_json::{Map, Value};

/// The same schema, or document of schemas:
///
/// - `$ref` stands alone, since generators make one more type for each `$ref` with a neighbour;
/// - an object that has to be empty says so by `additionalProperties` too, which generators read;
/// - `x-format`, what a text usually is, becomes words. A `format` would be asserted by some
///   validators, which would then refuse what is received.
pub(in crate::generate) fn published(mut value: Value) -> Value {
    publish(&mut value);
    value
}

fn publish(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            if fields.get("$ref").is_some_and(Value::is_string) {
                fields.retain(|name, _| name == "$ref");
            }
            if fields.get("maxProperties").is_some_and(|most| most == 0) {
                fields.insert("additionalProperties".to_owned(), false.into());
            }
            describe_format(fields);
            fields.values_mut().for_each(publish);
        }
        Value::Array(values) => values.iter_mut().for_each(publish),
        _ => {}
    }
}

fn describe_format(schema: &mut Map<String, Value>) {
    let (what, example) = match schema.get("x-format").and_then(Value::as_str) {
        Some("uuid") => ("a UUID", "b6a9d5f0-2c1e-4e57-9f83-61d7c0a4eb12"),
        Some("date-time") => {
            ("an RFC 3339 time with milliseconds in UTC", "2026-03-02T09:15:27.120Z")
        }
        Some("uri") => ("a URL", "https://etherscan.io/tx/0x9b1f"),
        _ => return,
    };
    schema.remove("x-format");
    let description = schema.get("description").and_then(Value::as_str).unwrap_or_default();
    if !description.contains(what) {
        let description = format!("{description}\n\nUsually {what}.");
        schema.insert("description".to_owned(), description.trim_start().into());
    }
    schema.entry("examples").or_insert_with(|| vec![example].into());
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn leaves_a_reference_alone() {
        let member = json!({"anyOf": [{"$ref": "#/$defs/A", "description": "one"}]});
        assert_eq!(published(member), json!({"anyOf": [{"$ref": "#/$defs/A"}]}));
    }

    #[test]
    fn closes_an_empty_object() {
        let closed = json!({"type": "object", "maxProperties": 0, "additionalProperties": false});
        assert_eq!(published(json!({"type": "object", "maxProperties": 0})), closed);
    }

    #[test]
    fn says_a_format_in_words() {
        let member = json!({"type": "string", "x-format": "uuid", "description": "The id."});
        let words = published(member);
        assert_eq!(words.get("x-format"), None);
        assert_eq!(words["description"], "The id.\n\nUsually a UUID.");
        let member = json!({"properties": {"x-format": {"type": "string"}}});
        assert_eq!(published(member.clone()), member);
    }
}
