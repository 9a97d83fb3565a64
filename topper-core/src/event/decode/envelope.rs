//! Reading the envelope, the one part of a body that must be readable.

use std::{borrow::Cow, cell::Cell, fmt};

use serde::de::{self, Deserializer as _, IgnoredAny, MapAccess, Visitor};
use serde_json::{error::Category, value::RawValue};

use crate::{
    event::envelope_error::{EnvelopeError, Problem},
    json::Text,
};

const LONGEST_ID: usize = 255;

pub(in crate::event) struct Fields<'a> {
    pub(in crate::event) id: Cow<'a, str>,
    pub(in crate::event) name: Cow<'a, str>,
    pub(in crate::event) bootstrap_token_id: Option<String>,
    pub(in crate::event) data: &'a RawValue,
}

pub(in crate::event) fn fields(json: &[u8]) -> Result<Fields<'_>, EnvelopeError> {
    // As text, since serde_json does not look at the bytes of a string that it skips.
    let text = std::str::from_utf8(json)
        .map_err(|error| EnvelopeError::not_utf8(json, error.valid_up_to()))?;

    // serde's own messages can quote the input, so the problem goes beside the error, not in it.
    let problem = Cell::new(None);
    let mut deserializer = serde_json::Deserializer::from_str(text);
    (&mut deserializer)
        .deserialize_map(FieldsVisitor { problem: &problem })
        .and_then(|fields| deserializer.end().map(|()| fields))
        .map_err(|error| {
            let problem = match error.classify() {
                Category::Data => problem.take().unwrap_or(Problem::NotAnObject),
                Category::Io | Category::Syntax | Category::Eof => Problem::Syntax,
            };
            EnvelopeError::new(problem, error.line(), error.column())
        })
}

/// Takes an object only: there is no `visit_seq`.
struct FieldsVisitor<'a> {
    problem: &'a Cell<Option<Problem>>,
}

impl FieldsVisitor<'_> {
    fn refuse<E: de::Error>(&self, problem: Problem) -> E {
        self.problem.set(Some(problem));
        E::custom("refused")
    }

    fn once<T, E: de::Error>(&self, seen: Option<&T>, name: &'static str) -> Result<(), E> {
        seen.map_or(Ok(()), |_| Err(self.refuse(Problem::Duplicate(name))))
    }

    fn text<'de, A: MapAccess<'de>>(
        &self,
        map: &mut A,
        name: &'static str,
    ) -> Result<Cow<'de, str>, A::Error> {
        let Text(text) =
            map.next_value().inspect_err(|_| self.problem.set(Some(Problem::Invalid(name))))?;
        Ok(text)
    }
}

impl<'de> Visitor<'de> for FieldsVisitor<'_> {
    type Value = Fields<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut id = None;
        let mut name = None;
        // The inner `None` when there are two, of which neither counts.
        let mut bootstrap_token_id: Option<Option<&RawValue>> = None;
        let mut data: Option<&RawValue> = None;
        while let Some(field) = map.next_key()? {
            match field {
                Field::Id => {
                    self.once(id.as_ref(), "id")?;
                    let text = self.text(&mut map, "id")?;
                    if text.is_empty() || text.len() > LONGEST_ID {
                        return Err(self.refuse(Problem::IdLength));
                    }
                    id = Some(text);
                }
                Field::Name => {
                    self.once(name.as_ref(), "name")?;
                    let text = self.text(&mut map, "name")?;
                    if text.is_empty() {
                        return Err(self.refuse(Problem::Invalid("name")));
                    }
                    name = Some(text);
                }
                Field::BootstrapTokenId => {
                    let value = map.next_value()?;
                    bootstrap_token_id = Some(bootstrap_token_id.is_none().then_some(value));
                }
                Field::Data => {
                    self.once(data.as_ref(), "data")?;
                    data = Some(map.next_value()?);
                }
                Field::Other => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(Fields {
            id: id.ok_or_else(|| self.refuse(Problem::Missing("id")))?,
            name: name.ok_or_else(|| self.refuse(Problem::Missing("name")))?,
            // An authentic event is not refused over a field that nothing here depends on.
            bootstrap_token_id: bootstrap_token_id
                .flatten()
                .and_then(|token_id| serde_json::from_str(token_id.get()).ok()),
            data: data.unwrap_or(RawValue::NULL),
        })
    }
}

/// Compared after escapes are resolved, so that no spelling of a name gets past the comparison.
#[derive(serde::Deserialize)]
#[serde(field_identifier)]
enum Field {
    #[serde(rename = "id")]
    Id,
    #[serde(rename = "name")]
    Name,
    #[serde(rename = "bootstrapTokenId")]
    BootstrapTokenId,
    #[serde(rename = "data")]
    Data,
    #[serde(other)]
    Other,
}
