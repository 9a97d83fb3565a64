//! The parts of the derived schemas, made ready.

use std::{collections::BTreeSet, error::Error};

use serde_json::{Map, Value};

use super::any_type;
use crate::generate::prose;

/// An event is read whatever its token is.
pub(super) fn accept_any_token(common: &mut Value) -> Result<(), Box<dyn Error>> {
    let token = common.get_mut("bootstrapTokenId").and_then(Value::as_object_mut);
    let token = token.ok_or("the envelope has no `bootstrapTokenId`")?;
    token.insert("type".to_owned(), any_type());
    let description = token.get("description").and_then(Value::as_str).unwrap_or_default();
    let description =
        format!("{description}\n\nA value that is not a string is read as if it were absent.");
    token.insert("description".to_owned(), description.into());
    Ok(())
}

/// Takes the types out, and gives each its name as title.
pub(super) fn types(root: &mut Value) -> Result<Map<String, Value>, Box<dyn Error>> {
    let types = root.as_object_mut().and_then(|root| root.remove("$defs"));
    let Some(Value::Object(mut types)) = types else { return Err("there are no types".into()) };
    for (name, schema) in &mut types {
        if let Some(schema) = schema.as_object_mut() {
            schema.insert("title".to_owned(), name.as_str().into());
        }
    }
    Ok(types)
}

/// Makes every description readable for people who may not know Rust.
pub(in crate::generate) fn describe(value: &mut Value) {
    match value {
        Value::Object(members) => {
            if let Some(Value::String(description)) = members.get_mut("description") {
                *description = prose::text(description);
            }
            members.values_mut().for_each(describe);
        }
        Value::Array(values) => values.iter_mut().for_each(describe),
        _ => {}
    }
}

pub(super) fn references(value: &Value) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    match value {
        Value::Object(members) => {
            let own = members.get("$ref").and_then(Value::as_str);
            found.extend(own.and_then(|path| path.rsplit('/').next()).map(str::to_owned));
            members.values().for_each(|member| found.append(&mut references(member)));
        }
        Value::Array(values) => values.iter().for_each(|it| found.append(&mut references(it))),
        _ => {}
    }
    found
}
