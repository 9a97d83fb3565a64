//! Dotted paths into JSON.

use std::{error, fmt};

use serde_json::{Map, Value};

/// The value at `path`, which is made if it is missing; a test that has no such place fails.
pub(super) fn make<'a>(root: &'a mut Value, path: &str) -> &'a mut Value {
    try_make(root, path).unwrap_or_else(|no_place| impossible(&no_place))
}

/// The value at `path`, which is made if it is missing.
pub(super) fn try_make<'a>(root: &'a mut Value, path: &str) -> Result<&'a mut Value, NoSuchPlace> {
    path.split('.').try_fold(root, |value, segment| {
        if value.is_null() {
            *value = match index(segment) {
                Some(_) => Value::Array(Vec::new()),
                None => Value::Object(Map::new()),
            };
        }
        member(value, segment).ok_or_else(|| NoSuchPlace::new(path, segment))
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
        impossible(&NoSuchPlace::new(path, last))
    }
}

fn index(segment: &str) -> Option<usize> {
    segment.parse().ok()
}

#[expect(clippy::panic, reason = "a test with a path that leads nowhere must fail, and say so")]
fn impossible(no_place: &NoSuchPlace) -> ! {
    panic!("{no_place}")
}

/// A path leads through a value that has no members, or past the end of an array.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct NoSuchPlace {
    path: String,
    segment: String,
}

impl NoSuchPlace {
    fn new(path: &str, segment: &str) -> Self {
        Self { path: path.to_owned(), segment: segment.to_owned() }
    }
}

impl fmt::Display for NoSuchPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { path, segment } = self;
        write!(f, "the event has no place `{path}`: `{segment}` leads nowhere")
    }
}

impl error::Error for NoSuchPlace {}
