//! Payloads are JSON objects: an array of the right length is not one.
//!
//! A derived `Deserialize` takes a struct from an array too. Going through [`ObjectOnly`], it does
//! not.

use serde::{
    de::{Deserialize, Deserializer, Visitor},
    forward_to_deserialize_any,
};

use crate::event::PayloadError;

/// Decodes a payload from the text of a whole JSON value.
pub(in crate::event) fn from_json<'de, T: Deserialize<'de>>(
    data: &'de str,
) -> Result<T, PayloadError> {
    if !data.starts_with('{') {
        return Err(PayloadError::NOT_AN_OBJECT);
    }
    let mut deserializer = serde_json::Deserializer::from_str(data);
    required(&mut deserializer).map_err(|error| PayloadError::from_json(&error))
}

/// For `#[serde(deserialize_with)]` on a struct.
pub(in crate::event) fn required<'de, T, D>(deserializer: D) -> Result<T, D::Error>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    T::deserialize(ObjectOnly(deserializer))
}

/// For `#[serde(default, deserialize_with)]` on an optional struct.
pub(in crate::event) fn optional<'de, T, D>(deserializer: D) -> Result<Option<T>, D::Error>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    Ok(Option::<Object<T>>::deserialize(deserializer)?.map(|Object(object)| object))
}

/// For `#[serde(default, deserialize_with)]` on an optional list of structs.
pub(in crate::event) fn optional_list<'de, T, D>(
    deserializer: D,
) -> Result<Option<Vec<T>>, D::Error>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    let list = Option::<Vec<Object<T>>>::deserialize(deserializer)?;
    Ok(list.map(|list| list.into_iter().map(|Object(object)| object).collect()))
}

struct Object<T>(T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        required(deserializer).map(Self)
    }
}

struct ObjectOnly<D>(D);

impl<'de, D: Deserializer<'de>> Deserializer<'de> for ObjectOnly<D> {
    type Error = D::Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        self.0.deserialize_map(visitor)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option
        unit unit_struct newtype_struct seq tuple tuple_struct map struct enum identifier
        ignored_any
    }

    fn is_human_readable(&self) -> bool {
        self.0.is_human_readable()
    }
}
