//! The JSON Schemas: one file an event, the union, the envelope, an index.

use std::error::Error;

use serde_json::{Map, Value, json};
use topper_core::{Envelope, EventName};

use super::{Files, example, pretty, prose};

mod derived;
mod published;

pub(super) use derived::describe;
use derived::{accept_any_token, references, types};
pub(super) use published::published;

const FOLDER: &str = "docs/schemas";
const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";
/// The union of the events with a known name.
pub(super) const KNOWN_EVENT: &str = "KnownEvent";
/// An event with another name.
const UNKNOWN_EVENT: &str = "UnknownEvent";
const COMMENT: &str = "Made from the types of topper-core by `cargo xtask generate`.";

/// What the types say of themselves, made ready to be read.
pub(super) struct Schemas {
    pub(super) events: Vec<EventSchema>,
    /// An event with a name that is not known.
    pub(super) unknown: Value,
    /// All types within the events, by name.
    pub(super) types: Map<String, Value>,
    envelope: Value,
}

/// The schema of one event.
pub(super) struct EventSchema {
    pub(super) name: EventName,
    /// When it is sent.
    pub(super) when: String,
    /// The name of the type of its data.
    pub(super) payload: String,
    pub(super) examples: Vec<Value>,
    /// Its types are `$ref`s to `#/$defs/`.
    pub(super) schema: Value,
}

impl EventSchema {
    pub(super) fn type_name(&self) -> String {
        type_name(self.name)
    }

    pub(super) fn file(&self) -> String {
        format!("{}.json", self.name.as_str().replace(':', "."))
    }
}

impl Schemas {
    pub(super) fn derive() -> Result<Self, Box<dyn Error>> {
        let mut root = schemars::schema_for!(Envelope).to_value();
        describe(&mut root);
        let types = types(&mut root)?;
        let mut common = root.get("properties").cloned().ok_or("the envelope has no fields")?;
        accept_any_token(&mut common)?;
        let common = &common;
        let branches = root.get("oneOf").and_then(Value::as_array).ok_or("there are no events")?;
        let events = EventName::ALL
            .iter()
            .map(|&name| event(name, common, branches))
            .collect::<Result<_, _>>()?;
        let unnamed = branches.iter().find(|it| it.pointer("/properties/name/not").is_some());
        let unnamed = unnamed.ok_or("there is no branch for unknown names")?;
        let unknown = json!({
            "title": UNKNOWN_EVENT,
            "description": unnamed.get("description"),
            "type": "object",
            "properties": members(
                common,
                unnamed.pointer("/properties/name").cloned().unwrap_or_default(),
                json!({
                    "description": "What happened, in an unknown shape.",
                    "type": any_type(),
                }),
            ),
            "required": ["name", "id"],
            "examples": [example::unknown()],
        });
        let mut examples = vec![example::unknown()];
        examples.extend(example::of(EventName::OrderCryptoOnrampCompleted)?.into_iter().take(1));
        let envelope = json!({
            "title": "Envelope",
            "description": "What every event has in common, whatever its name.",
            "type": "object",
            "properties": members(
                common,
                json!({"type": "string", "minLength": 1, "examples": EventName::ALL}),
                json!({
                    "description": "What happened. Its shape depends on the name.",
                    "type": any_type(),
                }),
            ),
            "required": ["name", "id"],
            "examples": examples,
        });
        Ok(Self { events, unknown, types, envelope })
    }

    /// The files, each of which stands alone.
    pub(super) fn files(&self) -> Files {
        let mut files = Files::new();
        let mut write = |name: &str, schema: &Value| {
            files.insert(format!("{FOLDER}/{name}"), pretty(&published(schema.clone())));
        };
        for event in &self.events {
            write(&event.file(), &self.with_types(&event.schema));
        }
        write("envelope.json", &self.with_types(&self.envelope));
        write("known-event.json", &self.with_types(&self.known_events()));
        write("event.json", &self.with_types(&any_event()));
        let events: Vec<Value> = self
            .events
            .iter()
            .map(|event| {
                json!({"name": event.name.as_str(), "description": event.when, "schema": event.file()})
            })
            .collect();
        write(
            "index.json",
            &json!({
                "$comment": COMMENT,
                "envelope": "envelope.json",
                "union": "event.json",
                "known": "known-event.json",
                "events": events,
            }),
        );
        files
    }

    /// The union of the events whose name is known, without any other: a catch-all in it would leave
    /// no name for a generated type to be chosen by.
    pub(super) fn known_events(&self) -> Value {
        let branches: Vec<Value> =
            self.events.iter().map(|event| reference(&event.type_name())).collect();
        let examples: Vec<&Value> =
            self.events.iter().filter_map(|event| event.examples.first()).collect();
        json!({
            "title": KNOWN_EVENT,
            "description": "An event that Topper documents: its `name` decides the shape of its `data`.",
            "oneOf": branches,
            "examples": examples,
        })
    }

    /// Every schema that another can refer to, by name.
    pub(super) fn definitions(&self) -> Map<String, Value> {
        let mut definitions = self.types.clone();
        definitions
            .extend(self.events.iter().map(|event| (event.type_name(), event.schema.clone())));
        definitions.insert(KNOWN_EVENT.to_owned(), self.known_events());
        definitions.insert(UNKNOWN_EVENT.to_owned(), self.unknown.clone());
        definitions
    }

    fn with_types(&self, schema: &Value) -> Value {
        let mut whole = schema.clone();
        let needed = self.needed(schema);
        if let Some(members) = whole.as_object_mut() {
            members.insert("$schema".to_owned(), DIALECT.into());
            members.insert("$comment".to_owned(), COMMENT.into());
            if !needed.is_empty() {
                members.insert("$defs".to_owned(), needed.into());
            }
        }
        whole
    }

    /// The schemas that one refers to, directly or not.
    fn needed(&self, schema: &Value) -> Map<String, Value> {
        let all = self.definitions();
        let mut needed = Map::new();
        let mut names = references(schema);
        while let Some(name) = names.pop_first() {
            if let (Some(found), false) = (all.get(&name), needed.contains_key(&name)) {
                names.append(&mut references(found));
                needed.insert(name, found.clone());
            }
        }
        needed
    }
}

/// Any event: one of the known, or one whose name is not known.
pub(super) fn any_event() -> Value {
    json!({
        "title": "Event",
        "description": "Any event: one that Topper documents, or one with another name.",
        "anyOf": [reference(KNOWN_EVENT), reference(UNKNOWN_EVENT)],
        "examples": [example::unknown()],
    })
}

/// A name for an event where colons are not allowed, such as `UserCreatedEvent`: `UserCreated` is
/// the type of its data.
fn type_name(name: EventName) -> String {
    format!("{name:?}Event")
}

/// Nothing is next to a `$ref`: generators make a copy of the type for each that has more.
fn reference(name: &str) -> Value {
    json!({"$ref": format!("#/$defs/{name}")})
}

/// Any value. Without `type`, json-schema-to-typescript makes an object of it.
fn any_type() -> Value {
    json!(["string", "number", "boolean", "object", "array", "null"])
}

/// The members of an event, in which `name` and `data` differ.
fn members(common: &Value, mut name: Value, data: Value) -> Value {
    if let Some(name) = name.as_object_mut() {
        name.insert("description".to_owned(), "The name of the event.".into());
    }
    let mut members = common.clone();
    if let Some(members) = members.as_object_mut() {
        members.insert("name".to_owned(), name);
        members.insert("data".to_owned(), data);
    }
    members
}

fn event(
    name: EventName,
    common: &Value,
    branches: &[Value],
) -> Result<EventSchema, Box<dyn Error>> {
    let branch = branches
        .iter()
        .find(|it| it.pointer("/properties/name/const").is_some_and(|it| it == name.as_str()))
        .ok_or_else(|| format!("no type decodes {name}"))?;
    let data = branch.pointer("/properties/data/$ref").and_then(Value::as_str).unwrap_or_default();
    let docs = branch.get("description").and_then(Value::as_str).unwrap_or_default();
    let when = prose::after_name(docs);
    let examples = example::of(name)?;
    let schema = json!({
        "title": type_name(name),
        "description": when,
        "type": "object",
        "properties": members(
            common,
            json!({"type": "string", "const": name.as_str()}),
            json!({"description": "What happened.", "$ref": data}),
        ),
        "required": ["name", "id", "data"],
        "examples": examples,
    });
    let payload = data.rsplit('/').next().unwrap_or_default().to_owned();
    Ok(EventSchema { name, when, payload, examples, schema })
}

#[cfg(test)]
mod tests {
    use topper_core::schema;

    use super::*;

    #[test]
    fn gives_users_what_the_types_say_now() {
        let files = Schemas::derive().unwrap().files();
        let said = |text: &str| serde_json::from_str::<Value>(text).unwrap();
        let derived = |name: &str| said(files.get(&format!("{FOLDER}/{name}")).unwrap());
        for event in Schemas::derive().unwrap().events {
            assert!(said(schema::of(event.name)) == derived(&event.file()), "{}", event.name);
        }
        assert!(said(schema::EVENT) == derived("event.json"));
        assert!(said(schema::KNOWN_EVENT) == derived("known-event.json"));
        assert!(said(schema::ENVELOPE) == derived("envelope.json"));
    }
}
