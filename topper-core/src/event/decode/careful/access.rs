//! The fields of an object and the items of a list, each as text.

use std::{borrow::Cow, fmt, iter::Enumerate, vec};

use serde::de::{
    self, Deserialize, DeserializeSeed, Deserializer as _, Error as _, MapAccess, SeqAccess,
    Visitor, value::CowStrDeserializer,
};
use serde_json::value::RawValue;

use super::{Careful, Fault, Step};
use crate::event::decode::lossy::Lossy;

pub(super) struct Fields<'de> {
    rest: vec::IntoIter<(Cow<'de, str>, &'de RawValue)>,
    known: &'static [&'static str],
    depth: u8,
    current: Option<(Option<Step>, &'de RawValue)>,
}

impl<'de> Fields<'de> {
    pub(super) fn read(
        json: &'de str,
        known: &'static [&'static str],
        depth: u8,
    ) -> Result<Self, Fault> {
        let fields = serde_json::Deserializer::from_str(json)
            .deserialize_map(FieldsVisitor)
            .map_err(Fault::custom)?;
        Ok(Self { rest: fields.into_iter(), known, depth, current: None })
    }
}

impl<'de> MapAccess<'de> for Fields<'de> {
    type Error = Fault;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Fault> {
        let Some((name, value)) = self.rest.next() else { return Ok(None) };
        let step = self.known.iter().find(|known| **known == name).copied().map(Step::Field);
        self.current = Some((step, value));
        seed.deserialize(CowStrDeserializer::new(name)).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Fault> {
        let (step, value) = self.current.take().ok_or_else(|| Fault::custom("no name before"))?;
        seed.deserialize(Careful::inner(value, self.depth)).map_err(|fault| fault.within(step))
    }
}

struct FieldsVisitor;

impl<'de> Visitor<'de> for FieldsVisitor {
    type Value = Vec<(Cow<'de, str>, &'de RawValue)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut fields = Vec::new();
        while let Some((Lossy(name), value)) = map.next_entry()? {
            fields.push((name, value));
        }
        Ok(fields)
    }
}

pub(super) struct Items<'de> {
    rest: Enumerate<vec::IntoIter<&'de RawValue>>,
    depth: u8,
}

impl<'de> Items<'de> {
    pub(super) fn read(json: &'de str, depth: u8) -> Result<Self, Fault> {
        let items: Vec<&RawValue> = Vec::deserialize(&mut serde_json::Deserializer::from_str(json))
            .map_err(<Fault as de::Error>::custom)?;
        Ok(Self { rest: items.into_iter().enumerate(), depth })
    }
}

impl<'de> SeqAccess<'de> for Items<'de> {
    type Error = Fault;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Fault> {
        let Some((index, value)) = self.rest.next() else { return Ok(None) };
        let step = Some(Step::Item(index));
        let value = Careful::inner(value, self.depth);
        seed.deserialize(value).map(Some).map_err(|fault| fault.within(step))
    }
}
