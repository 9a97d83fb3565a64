//! The JSON Schema of one event: a reference into the schema of all events, which is in the program once.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use topper_core::{EventName, schema::KNOWN_EVENT};

#[derive(Serialize)]
pub(super) struct Schema<'a> {
    #[serde(rename = "$ref")]
    reference: String,
    /// As they are written, so that the order of fields stays.
    #[serde(rename = "$defs")]
    definitions: &'a RawValue,
}

#[derive(Deserialize)]
struct Known<'a> {
    #[serde(borrow, rename = "$defs")]
    definitions: &'a RawValue,
}

/// A definition, if it is that of an event.
#[derive(Deserialize)]
struct Definition {
    properties: Properties,
}

#[derive(Deserialize)]
struct Properties {
    name: Name,
}

#[derive(Deserialize)]
struct Name {
    r#const: EventName,
}

impl Schema<'static> {
    pub(super) fn of(event: EventName) -> Self {
        let known = serde_json::from_str::<Known<'static>>(KNOWN_EVENT);
        let definitions = known.map_or(RawValue::NULL, |known| known.definitions);
        let all: BTreeMap<&str, &RawValue> =
            serde_json::from_str(definitions.get()).unwrap_or_default();
        let is_of = |definition: &RawValue| {
            let definition = serde_json::from_str::<Definition>(definition.get());
            definition.is_ok_and(|it| it.properties.name.r#const == event)
        };
        let found = all.iter().find(|(_, definition)| is_of(definition));
        let name = found.map_or("", |(name, _)| name);
        Self { reference: format!("#/$defs/{name}"), definitions }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;
    use topper_core::schema;

    use super::*;

    #[test]
    fn of_each_event_says_the_same_as_its_own() {
        for name in EventName::ALL {
            let own: Value = serde_json::from_str(schema::of(*name)).unwrap();
            let schema = serde_json::to_value(Schema::of(*name)).unwrap();
            let reference = schema["$ref"].as_str().unwrap().trim_start_matches('#');
            let found = schema.pointer(reference).unwrap();
            for field in ["title", "properties", "required", "type"] {
                let (own, found) = (own.get(field), found.get(field));
                assert!(field == "title" || own == found, "{name}: {field}");
            }
            for (name, definition) in own["$defs"].as_object().unwrap() {
                assert_eq!(&schema["$defs"][name], definition, "{name}");
            }
        }
    }
}
