//! Changes to the derived JSON Schemas.

use schemars::Schema;
use serde_json::{Value, json};

use super::EventName;

/// An enumeration: a list of the known values, any other text, and a description of what each value
/// means.
pub(super) fn open(schema: &mut Schema) {
    let mut known = Vec::new();
    let mut meanings = String::new();
    let alternatives = schema.remove("anyOf").or_else(|| schema.remove("oneOf"));
    for value in leaves(alternatives.as_ref()) {
        if let Some(text) = value.get("const") {
            known.push(text.clone());
            let meaning = value.get("description").and_then(Value::as_str).unwrap_or_default();
            meanings.push_str(&format!("\n- {meaning}"));
        }
        known.extend(value.get("enum").and_then(Value::as_array).into_iter().flatten().cloned());
    }
    let description = schema.get("description").and_then(Value::as_str).unwrap_or_default();
    let description = format!("{description}\n{meanings}\n\nOther values are possible.");
    schema.insert("description".to_owned(), description.into());
    schema
        .insert("anyOf".to_owned(), json!([{"type": "string", "enum": known}, {"type": "string"}]));
}

fn leaves(alternatives: Option<&Value>) -> Vec<&Value> {
    alternatives
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .flat_map(|value| match value.get("oneOf") {
            Some(inner) => leaves(Some(inner)),
            None => vec![value],
        })
        .collect()
}

/// Adds the other spelling of the expiry of a deposit address.
pub(super) fn both_expiries(schema: &mut Schema) {
    let Some(Value::Object(properties)) = schema.get_mut("properties") else { return };
    let Some(mut expiry) = properties.get("expiresAt").cloned() else { return };
    if let Some(description) = expiry.get_mut("description") {
        *description = "Another spelling of `expiresAt`.".into();
    }
    properties.insert("expiredAt".to_owned(), expiry);
}

/// Names the events as Topper sends them, not as the variants are called, and allows any other name.
pub(super) fn by_name(schema: &mut Schema) {
    let Some(Value::Array(events)) = schema.get_mut("oneOf") else { return };
    for event in events.iter_mut() {
        let Some(variant) = event.pointer_mut("/properties/name/const") else { continue };
        let sent = EventName::ALL
            .iter()
            .find(|name| variant.as_str().is_some_and(|variant| format!("{name:?}") == variant));
        if let Some(name) = sent {
            *variant = name.as_str().into();
        }
    }
    events.push(json!({
        "description": "An event whose name this version does not know.",
        "type": "object",
        "properties": {
            "name": {
                "type": "string",
                "minLength": 1,
                "not": {"enum": EventName::ALL},
            },
            "data": true,
        },
        "required": ["name"],
    }));
}
