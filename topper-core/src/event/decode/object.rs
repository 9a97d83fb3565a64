//! Payloads are JSON objects, not arrays of the right length.
//!
//! A derived `Deserialize` accepts an array for a struct. Through [`ObjectOnly`], it does not.

use std::fmt;

use serde::{
    de::{Deserialize, Deserializer, MapAccess, Visitor},
    forward_to_deserialize_any,
};

use super::careful;
use crate::event::payload_error::{PayloadError, Problem};

/// Decodes a payload from the text of a whole JSON value.
pub fn from_json<'de, T: Deserialize<'de>>(data: &'de str) -> Result<T, PayloadError> {
    if !data.starts_with('{') {
        return Err(PayloadError::new(Problem::NotAnObject, &[]));
    }
    match required(&mut serde_json::Deserializer::from_str(data)) {
        Ok(payload) => Ok(payload),
        Err(_) => careful::read(data, required),
    }
}

/// Decodes a type of any kind from the text of a whole JSON value.
pub(in crate::event) fn any_from_json<'de, T: Deserialize<'de>>(
    data: &'de str,
) -> Result<T, PayloadError> {
    serde_json::from_str(data).or_else(|_| careful::read(data, T::deserialize))
}

/// For `#[serde(deserialize_with)]` on a struct.
pub fn required<'de, T, D>(deserializer: D) -> Result<T, D::Error>
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

/// For `#[serde(deserialize_with)]` on a list of structs.
pub fn list<'de, T, D>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    let list = Vec::<Object<T>>::deserialize(deserializer)?;
    Ok(list.into_iter().map(|Object(object)| object).collect())
}

/// For `#[serde(default, deserialize_with)]` on an optional list of structs.
pub fn optional_list<'de, T, D>(deserializer: D) -> Result<Option<Vec<T>>, D::Error>
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

    #[inline]
    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Self::Error> {
        self.0.deserialize_struct(name, fields, MapOnly(visitor))
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option
        unit unit_struct newtype_struct seq tuple tuple_struct map enum identifier ignored_any
    }

    fn is_human_readable(&self) -> bool {
        self.0.is_human_readable()
    }
}

/// A visitor without `visit_seq`.
struct MapOnly<V>(V);

impl<'de, V: Visitor<'de>> Visitor<'de> for MapOnly<V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.expecting(f)
    }

    #[inline]
    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<V::Value, A::Error> {
        self.0.visit_map(map)
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, PartialEq, Deserialize)]
    struct Amount {
        amount: u8,
    }

    #[derive(Debug, PartialEq, Deserialize)]
    struct Amounts {
        #[serde(deserialize_with = "list")]
        list: Vec<Amount>,
    }

    #[test]
    fn a_list_keeps_its_objects_in_order_and_has_nothing_else() {
        let read = |data| from_json::<Amounts>(data).map(|amounts| amounts.list);
        let expected = vec![Amount { amount: 2 }, Amount { amount: 1 }];
        assert_eq!(read(r#"{"list":[{"amount":2},{"amount":1}]}"#).unwrap(), expected);
        assert_eq!(read(r#"{"list":[]}"#).unwrap(), []);
        for wrong in [r#"{"list":[[2]]}"#, r#"{"list":null}"#, "{}"] {
            read(wrong).unwrap_err();
        }
    }
}
