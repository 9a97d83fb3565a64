//! The pages of the events.

use std::{collections::BTreeSet, error::Error, fmt::Write as _};

use serde_json::{Map, Value};

use super::lower;
use crate::generate::{
    code, prose,
    schema::{EventSchema, Schemas},
};

/// The page of the orders of a flow.
pub(super) fn orders(schemas: &Schemas, flow: &str) -> Result<String, Box<dyn Error>> {
    let value = format!("crypto_{flow}");
    let events: Vec<&EventSchema> = schemas
        .events
        .iter()
        .filter(|event| event.name.flow().is_some_and(|flow| flow.as_str() == value))
        .collect();
    let flows = code::variants("topper-core/src/event/enumeration.rs", "Flow")?;
    let docs = flows.iter().find(|it| it.docs.contains(&value)).ok_or("a flow without docs")?;
    let mut page = format!(
        "{}\n\n| event | when | `data.status` | ends the order |\n|---|---|---|---|\n",
        prose::after_name(&docs.docs)
    );
    for event in &events {
        let status = event.examples.iter().find_map(|it| it.pointer("/data/status")?.as_str());
        let status = status.ok_or("an order without status")?;
        let end = if event.name.is_terminal() { "yes" } else { "" };
        writeln!(page, "| `{}` | {} | `{status}` | {end} |", event.name, when(event))?;
    }
    page.push_str(
        "\nA field is optional if some documented event, or an older format, does not have it; `null` counts as absent. \
         A decimal is text; a JSON number is also accepted, and its text is kept. \
         [Payments, states and recurring orders](orders.md) says more about orders.\n",
    );
    finish(page, schemas, &events)
}

/// The page of what is known of orders in words, written by hand but for the known values.
pub(super) fn orders_in_words(schemas: &Schemas) -> Result<String, Box<dyn Error>> {
    let page = include_str!("orders.md")
        .replace("{types}", &known_values(schemas, "PaymentMethodType")?)
        .replace("{states}", &known_values(schemas, "OrderStatus")?);
    Ok(page)
}

/// Of an open enumeration.
fn known_values(schemas: &Schemas, name: &str) -> Result<String, Box<dyn Error>> {
    let values = schemas.types.get(name).and_then(|it| it.pointer("/anyOf/0/enum")?.as_array());
    let values = values.ok_or_else(|| format!("{name} has no known values"))?;
    let values: Vec<String> =
        values.iter().filter_map(|it| Some(format!("`{}`", it.as_str()?))).collect();
    Ok(values.join(", "))
}

/// The page of the events about users.
pub(super) fn users(schemas: &Schemas) -> Result<String, Box<dyn Error>> {
    let events: Vec<&EventSchema> =
        schemas.events.iter().filter(|event| event.name.flow().is_none()).collect();
    let mut page =
        "Accounts and identity checks. These events have no status.\n\n| event | when |\n|---|---|\n"
            .to_owned();
    for event in &events {
        writeln!(page, "| `{}` | {} |", event.name, when(event))?;
    }
    finish(page, schemas, &events)
}

fn when(event: &EventSchema) -> String {
    lower(&prose::cell(&event.when))
}

/// Fields, values and examples.
fn finish(
    mut page: String,
    schemas: &Schemas,
    events: &[&EventSchema],
) -> Result<String, Box<dyn Error>> {
    let first = events.first().ok_or("a family without events")?;
    let mut common = first.schema.get("properties").cloned().unwrap_or_default();
    if let Some(members) = common.as_object_mut() {
        members.remove("data");
    }
    let mut listed = Listed { types: &schemas.types, enumerations: BTreeSet::new() };
    let required = first.schema.get("required").cloned().unwrap_or_default();
    let envelope = serde_json::json!({"properties": common, "required": required});
    page.push_str("\n## Fields of every event\n\n");
    listed.table(&mut page, &envelope, "", &all_examples(events))?;

    let mut payloads: Vec<&str> = events.iter().map(|event| event.payload.as_str()).collect();
    payloads.dedup();
    for payload in payloads {
        let of: Vec<&EventSchema> =
            events.iter().copied().filter(|event| event.payload == payload).collect();
        if of.len() == events.len() {
            page.push_str("\n## Fields of `data`\n\n");
        } else {
            let names: Vec<String> = of.iter().map(|event| format!("`{}`", event.name)).collect();
            write!(page, "\n## Fields of `data` of {}\n\n", names.join(", "))?;
        }
        let schema = schemas.types.get(payload).ok_or("a payload without type")?;
        listed.table(&mut page, schema, "data", &all_examples(&of))?;
    }

    let enumerations = listed.enumerations;
    if !enumerations.is_empty() {
        page.push_str("\n## Values\n");
    }
    for name in enumerations {
        let description = schemas.types.get(&name).and_then(|it| it.get("description"));
        let description = description.and_then(Value::as_str).unwrap_or_default();
        write!(page, "\n### {name}\n\n{description}\n")?;
    }

    page.push_str("\n## Examples\n");
    for event in events {
        let example = event.examples.first().ok_or("an event without example")?;
        write!(page, "\n### `{}`\n\n```json\n{example:#}\n```\n", event.name)?;
    }
    Ok(page)
}

fn all_examples<'a>(events: &[&'a EventSchema]) -> Vec<&'a Value> {
    events.iter().flat_map(|event| &event.examples).collect()
}

/// What a field is in words, and for an object or a list of them, the schema and the step to it.
type Kind = (String, Option<(Value, &'static str)>);

struct Listed<'a> {
    types: &'a Map<String, Value>,
    /// Those met so far.
    enumerations: BTreeSet<String>,
}

impl Listed<'_> {
    fn table(
        &mut self,
        page: &mut String,
        schema: &Value,
        path: &str,
        examples: &[&Value],
    ) -> Result<(), Box<dyn Error>> {
        page.push_str("| field | type | present | meaning | example |\n|---|---|---|---|---|\n");
        self.rows(page, schema, path, examples)
    }

    /// A row for each field, and for the fields of those.
    fn rows(
        &mut self,
        page: &mut String,
        schema: &Value,
        path: &str,
        examples: &[&Value],
    ) -> Result<(), Box<dyn Error>> {
        let required = schema.get("required").and_then(Value::as_array);
        let members = schema.get("properties").and_then(Value::as_object);
        for (name, member) in members.into_iter().flatten() {
            let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
            let is_required =
                required.is_some_and(|names| names.iter().any(|required| required == name));
            let mut presence = if is_required { "always" } else { "optional" }.to_owned();
            if member.get("deprecated").is_some() {
                presence.push_str(", deprecated");
            }
            let meaning = member.get("description").and_then(Value::as_str).unwrap_or_default();
            let (kind, inner) = self.kind(member)?;
            let example = match &inner {
                Some(_) => String::new(),
                None => example(&path, examples)?,
            };
            writeln!(
                page,
                "| `{path}` | {kind} | {presence} | {} | {example} |",
                prose::cell(meaning)
            )?;
            if let Some((inner, step)) = inner {
                self.rows(page, &inner, &format!("{path}{step}"), examples)?;
            }
        }
        Ok(())
    }

    fn kind(&mut self, member: &Value) -> Result<Kind, String> {
        let alternatives = member.get("anyOf").and_then(Value::as_array);
        if let Some(inner) =
            alternatives.and_then(|all| all.iter().find(|it| it.get("$ref").is_some()))
        {
            return self.kind(inner);
        }
        if let Some(reference) = member.get("$ref").and_then(Value::as_str) {
            let name = reference.rsplit('/').next().unwrap_or_default();
            let found = self.types.get(name).ok_or_else(|| format!("there is no type {name}"))?;
            if found.get("properties").is_some() {
                return Ok(("object".to_owned(), Some((found.clone(), ""))));
            }
            self.enumerations.insert(name.to_owned());
            return Ok((format!("[text](#{})", name.to_lowercase()), None));
        }
        if let Some(items) = member.get("items") {
            let (_, inner) = self.kind(items)?;
            return Ok(("list".to_owned(), inner.map(|(inner, _)| (inner, "[]"))));
        }
        let format = member.get("x-format").and_then(Value::as_str);
        let kind = match format {
            Some("date-time") => "time",
            Some("uuid") => "UUID",
            Some("uri") => "URL",
            _ if has_pattern(member) => "decimal",
            _ => "text",
        };
        Ok((kind.to_owned(), None))
    }
}

/// Only decimals have one.
fn has_pattern(member: &Value) -> bool {
    let alternatives = member.get("anyOf").and_then(Value::as_array).into_iter().flatten();
    member.get("pattern").is_some() || alternatives.into_iter().any(has_pattern)
}

/// The first value at that path, as code.
fn example(path: &str, examples: &[&Value]) -> Result<String, String> {
    const MOST: usize = 32;
    let found = examples.iter().find_map(|example| {
        path.split('.').try_fold(*example, |value, step| match step.strip_suffix("[]") {
            Some(list) => value.get(list)?.get(0),
            None => value.get(step),
        })
    });
    let text = found
        .ok_or_else(|| {
            format!("no example has `{path}`: xtask/src/generate/example.rs gives them")
        })?
        .to_string();
    let clipped: String = text.chars().take(MOST).collect();
    let dots = if clipped.len() < text.len() { "…" } else { "" };
    Ok(format!("`{clipped}{dots}`"))
}
