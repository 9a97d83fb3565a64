//! The second reading of a payload, once the first has failed: slower, and more lenient.
//!
//! It accepts only these deviations, because they are no reason to lose an event:
//!
//! - a lone surrogate in the name of a field, or in a [`LENIENT`] text, is read as U+FFFD;
//! - a [`DECIMAL`] may be a JSON number, whose text is kept.
//!
//! It also keeps track of the current field, so that an error can name it.

mod access;
mod fault;

use serde::{
    de::{Deserializer, Error as _, Visitor},
    forward_to_deserialize_any,
};
use serde_json::value::RawValue;

pub(in crate::event) use self::fault::Step;
use self::{
    access::{Fields, Items},
    fault::Fault,
};
use super::{
    lossy::Lossy,
    text::{DECIMAL, LENIENT},
};
use crate::event::payload_error::{PayloadError, Problem};

/// The same limit as serde_json's.
const MOST_DEPTH: u8 = 128;

/// Reads the text of a JSON value that is known to be well-formed.
#[cold]
#[inline(never)]
pub(super) fn read<'de, T>(
    json: &'de str,
    deserialize: impl FnOnce(Careful<'de>) -> Result<T, Fault>,
) -> Result<T, PayloadError> {
    deserialize(Careful { json, depth: 0 }).map_err(Fault::into_payload_error)
}

/// A JSON value as text without white space around it.
pub(super) struct Careful<'de> {
    json: &'de str,
    depth: u8,
}

enum Kind {
    Object,
    List,
    Text,
    Null,
    Number,
    Boolean,
}

impl<'de> Careful<'de> {
    /// The first byte decides, as the value is well-formed.
    fn kind(&self) -> Kind {
        match self.json.as_bytes().first() {
            Some(b'{') => Kind::Object,
            Some(b'[') => Kind::List,
            Some(b'"') => Kind::Text,
            Some(b't' | b'f') => Kind::Boolean,
            Some(b'-' | b'0'..=b'9') => Kind::Number,
            _ => Kind::Null,
        }
    }

    fn inner(value: &'de RawValue, depth: u8) -> Self {
        Self { json: value.get(), depth }
    }

    /// `null` counts as absent.
    fn other_than(&self, expected: Problem) -> Fault {
        Fault::new(if matches!(self.kind(), Kind::Null) { Problem::Missing } else { expected })
    }

    fn deeper(&self) -> Result<u8, Fault> {
        let depth = self.depth.saturating_add(1);
        if depth < MOST_DEPTH { Ok(depth) } else { Err(Fault::new(Problem::TooDeep)) }
    }

    fn object<V: Visitor<'de>>(
        self,
        known: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        visitor.visit_map(Fields::read(self.json, known, self.deeper()?)?)
    }

    fn list<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_seq(Items::read(self.json, self.deeper()?)?)
    }

    fn text<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        let text: String =
            serde_json::from_str(self.json).map_err(|_| Fault::new(Problem::NotUnicode))?;
        visitor.visit_string(text)
    }

    fn lenient<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        let Kind::Text = self.kind() else { return Err(self.other_than(Problem::NotText)) };
        let Lossy(text) = serde_json::from_str(self.json).map_err(Fault::custom)?;
        visitor.visit_str(&text)
    }

    fn decimal<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match self.kind() {
            Kind::Number => visitor.visit_str(self.json),
            Kind::Text => self.text(visitor),
            _ => return Err(self.other_than(Problem::NotDecimal)),
        }
        .map_err(|_| Fault::new(Problem::NotDecimal))
    }
}

/// Values of other types, as serde_json reads them.
macro_rules! as_serde_json {
    ($($method:ident)+) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
            serde_json::Deserializer::from_str(self.json).$method(visitor).map_err(Fault::custom)
        }
    )+};
}

impl<'de> Deserializer<'de> for Careful<'de> {
    type Error = Fault;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match self.kind() {
            Kind::Object => self.object(&[], visitor),
            Kind::List => self.list(visitor),
            Kind::Text => self.text(visitor),
            Kind::Null => visitor.visit_unit(),
            Kind::Number | Kind::Boolean => serde_json::Deserializer::from_str(self.json)
                .deserialize_any(visitor)
                .map_err(Fault::custom),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match self.kind() {
            Kind::Null => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        match self.kind() {
            Kind::Object => self.object(fields, visitor),
            Kind::List => {
                // `MapOnly` refuses it at once, but a user's own type may accept it.
                self.list(visitor).map_err(|fault| fault.or(Problem::NotAnObject))
            }
            _ => Err(self.other_than(Problem::NotAnObject)),
        }
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match self.kind() {
            Kind::Object => self.object(&[], visitor),
            _ => Err(self.other_than(Problem::NotAnObject)),
        }
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match self.kind() {
            Kind::List => self.list(visitor),
            _ => Err(self.other_than(Problem::NotAList)),
        }
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Fault> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: usize,
        visitor: V,
    ) -> Result<V::Value, Fault> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match self.kind() {
            Kind::Text => self.text(visitor),
            _ => Err(self.other_than(Problem::NotText)),
        }
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.deserialize_str(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Fault> {
        match name {
            DECIMAL => self.decimal(visitor),
            LENIENT => self.lenient(visitor),
            _ => visitor.visit_newtype_struct(self),
        }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        serde_json::Deserializer::from_str(self.json)
            .deserialize_enum(name, variants, visitor)
            .map_err(Fault::custom)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_unit()
    }

    as_serde_json! {
        deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 deserialize_i128
        deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64 deserialize_u128
        deserialize_f32 deserialize_f64 deserialize_bytes deserialize_byte_buf
    }

    forward_to_deserialize_any! { bool char unit unit_struct identifier }
}
