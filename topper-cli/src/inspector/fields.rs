//! The fields that Topper documents for an event, whether or not its example has them.

use serde_json::Value;
use topper_core::EventName;
use topper_testkit::EventBuilder;

use super::schema::Schema;

/// No reference in a schema leads through more references than these.
const MOST_REFERENCES: usize = 8;

/// The schema of an event.
pub(super) struct Fields(Value);

impl Fields {
    pub(super) fn of(event: &EventBuilder) -> Self {
        let name = event.name().parse::<EventName>().ok();
        let schema = name.and_then(|name| serde_json::to_value(Schema::of(name)).ok());
        Self(schema.unwrap_or_default())
    }

    /// Whether it has a field such as `data.destination.tag.value` or `data.fees.0.amount`.
    pub(super) fn have(&self, path: &str) -> bool {
        let mut found = vec![&self.0];
        for segment in path.split('.') {
            let shapes = found.into_iter().flat_map(|it| self.shapes(it, 0));
            found = shapes.filter_map(|shape| inside(shape, segment)).collect();
        }
        !found.is_empty()
    }

    /// What a part of the schema allows, without references and choices.
    fn shapes<'a>(&'a self, part: &'a Value, references: usize) -> Vec<&'a Value> {
        if references > MOST_REFERENCES {
            return Vec::new();
        }
        if let Some(reference) = part.get("$ref").and_then(Value::as_str) {
            let target = reference.strip_prefix('#').and_then(|pointer| self.0.pointer(pointer));
            return target.map(|it| self.shapes(it, references + 1)).unwrap_or_default();
        }
        let choices = ["anyOf", "oneOf", "allOf"].iter().find_map(|it| part.get(it)?.as_array());
        match choices {
            Some(all) => all.iter().flat_map(|it| self.shapes(it, references + 1)).collect(),
            None => vec![part],
        }
    }
}

fn inside<'a>(shape: &'a Value, segment: &str) -> Option<&'a Value> {
    let item = || segment.parse::<usize>().ok().and_then(|_| shape.get("items"));
    shape.get("properties").and_then(|fields| fields.get(segment)).or_else(item)
}

#[cfg(test)]
mod tests {
    use topper_core::EventName;

    use super::*;

    #[test]
    fn knows_optional_fields_and_no_others() {
        let fields = Fields::of(&EventBuilder::new(EventName::OrderCryptoOnrampCompleted));
        for path in [
            "id",
            "data.origin.amount",
            "data.destination.tag.value",
            "data.error.reason",
            "data.fees.0.amount",
        ] {
            assert!(fields.have(path), "{path}");
        }
        for path in ["", "x", "data.origin.amounts", "data.fees.first.amount", "data.id.0", "$defs"]
        {
            assert!(!fields.have(path), "{path}");
        }
        assert!(!Fields::of(&EventBuilder::unknown("order:new")).have("id"));
    }

    /// A form made from the schema can set what the examples have.
    #[test]
    fn knows_every_field_of_the_examples() {
        fn check(fields: &Fields, path: &str, value: &Value) {
            assert!(path.is_empty() || fields.have(path), "{path}");
            let inner: Vec<(String, &Value)> = match value {
                Value::Object(all) => all.iter().map(|(name, it)| (name.clone(), it)).collect(),
                Value::Array(all) => {
                    (0..).zip(all).map(|(it, all)| (format!("{it}"), all)).collect()
                }
                _ => Vec::new(),
            };
            for (name, value) in inner {
                check(fields, format!("{path}.{name}").trim_start_matches('.'), value);
            }
        }
        for name in EventName::ALL {
            let event = EventBuilder::new(*name);
            check(&Fields::of(&event), "", event.value());
        }
    }
}
