//! Dotted paths into the JSON of an event.

use std::{error, fmt};

use serde_json::{Map, Value};

use super::nearest::nearest;

/// The value at `path`, which must be there.
pub(super) fn existing<'a>(root: &'a mut Value, path: &str) -> Result<&'a mut Value, PathError> {
    let pointer = pointer(path);
    if root.pointer(&pointer).is_none() {
        return Err(PathError::Missing { path: path.to_owned(), nearest: nearest(root, path) });
    }
    root.pointer_mut(&pointer)
        .ok_or_else(|| PathError::Missing { path: path.to_owned(), nearest: None })
}

/// The value at `path`, which must not be there yet: a `null`, with all that was missing on the way.
pub(super) fn vacant<'a>(root: &'a mut Value, path: &str) -> Result<&'a mut Value, PathError> {
    if root.pointer(&pointer(path)).is_some() {
        return Err(PathError::Exists { path: path.to_owned() });
    }
    make(root, path)
}

/// The value at `path`, which is made if it is missing.
pub(super) fn make<'a>(root: &'a mut Value, path: &str) -> Result<&'a mut Value, PathError> {
    path.split('.').try_fold(root, |value, segment| {
        if value.is_null() {
            *value = match index(segment) {
                Some(_) => Value::Array(Vec::new()),
                None => Value::Object(Map::new()),
            };
        }
        step(value, segment).ok_or_else(|| PathError::NoPlace {
            path: path.to_owned(),
            segment: segment.to_owned(),
        })
    })
}

fn step<'a>(value: &'a mut Value, segment: &str) -> Option<&'a mut Value> {
    match value {
        Value::Object(fields) => Some(fields.entry(segment).or_insert(Value::Null)),
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

/// Removes the value at `path`, which must be there; else says what is wrong.
pub(super) fn remove(root: &mut Value, path: &str) -> Result<(), String> {
    let (parent, last) = match path.rsplit_once('.') {
        Some((parent, last)) => (pointer(parent), last),
        None => (String::new(), path),
    };
    let removed = match root.pointer_mut(&parent) {
        Some(Value::Object(fields)) => fields.remove(last),
        Some(Value::Array(items)) => {
            index(last).filter(|&index| index < items.len()).map(|index| items.remove(index))
        }
        _ => None,
    };
    removed.map(drop).ok_or_else(|| no_field(path, nearest(root, path).as_deref()))
}

fn no_field(path: &str, nearest: Option<&str>) -> String {
    match nearest {
        Some(nearest) => format!("the event has no field `{path}`; the nearest is `{nearest}`"),
        None => format!("the event has no field `{path}`"),
    }
}

/// The same path as a JSON pointer (RFC 6901).
fn pointer(path: &str) -> String {
    path.split('.').fold(String::new(), |pointer, segment| {
        pointer + "/" + &segment.replace('~', "~0").replace('/', "~1")
    })
}

/// Only the usual spelling: `01` and `+1` are names of fields.
fn index(segment: &str) -> Option<usize> {
    segment.parse().ok().filter(|index: &usize| index.to_string() == segment)
}

/// A path does not lead to where a field can be set or added.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PathError {
    /// A field to be set is not in the event.
    Missing {
        /// The path that was asked for.
        path: String,
        /// The path in the event that is spelt most like it.
        nearest: Option<String>,
    },
    /// A field to be added is already in the event.
    Exists {
        /// The path that was asked for.
        path: String,
    },
    /// A field cannot be added: the path leads through text or a number, or past the end of an array.
    NoPlace {
        /// The path that was asked for.
        path: String,
        /// The part of it that leads nowhere.
        segment: String,
    },
}

impl fmt::Display for PathError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing { path, nearest } => {
                let problem = no_field(path, nearest.as_deref());
                write!(f, "{problem} (to add a new field, use `add`)")
            }
            Self::Exists { path } => write!(f, "the event already has a field `{path}`; use `set`"),
            Self::NoPlace { path, segment } => {
                write!(
                    f,
                    "the event has no place for `{path}`: what is before `{segment}` is neither an \
                     object nor a list that is long enough"
                )
            }
        }
    }
}

impl error::Error for PathError {}
