//! Dotted paths into JSON.

use serde_json::{Map, Value};

/// The value at `path`, which is made if it is missing.
pub(super) fn make<'a>(root: &'a mut Value, path: &str) -> &'a mut Value {
    path.split('.').fold(root, |value, segment| {
        if value.is_null() {
            *value = match index(segment) {
                Some(_) => Value::Array(Vec::new()),
                None => Value::Object(Map::new()),
            };
        }
        member(value, segment).unwrap_or_else(|| impossible(path, segment))
    })
}

fn member<'a>(value: &'a mut Value, segment: &str) -> Option<&'a mut Value> {
    match value {
        Value::Object(members) => Some(members.entry(segment).or_insert(Value::Null)),
        Value::Array(items) => {
            let index = index(segment)?;
            if index == items.len() {
                items.push(Value::Null);
            }
            items.get_mut(index)
        }
        _ => None,
    }
}

/// Removes the value at `path`, which must be there.
pub(super) fn remove(root: &mut Value, path: &str) {
    let (parents, last) = match path.rsplit_once('.') {
        Some((parents, last)) => (Some(parents), last),
        None => (None, path),
    };
    let parent = parents.into_iter().flat_map(|parents| parents.split('.')).try_fold(
        root,
        |value, segment| match value {
            Value::Object(members) => members.get_mut(segment),
            Value::Array(items) => items.get_mut(index(segment)?),
            _ => None,
        },
    );
    let removed = parent.and_then(|parent| match parent {
        Value::Object(members) => members.remove(last),
        Value::Array(items) => {
            index(last).filter(|&index| index < items.len()).map(|index| items.remove(index))
        }
        _ => None,
    });
    if removed.is_none() {
        impossible(path, last)
    }
}

fn index(segment: &str) -> Option<usize> {
    segment.parse().ok()
}

#[expect(clippy::panic, reason = "a test with a path that leads nowhere must fail, and say so")]
fn impossible(path: &str, segment: &str) -> ! {
    panic!("the event has no place `{path}`: `{segment}` leads nowhere")
}
