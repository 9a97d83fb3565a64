//! Reading the envelope, the part of a body that must be readable.

use std::{borrow::Cow, cell::Cell, fmt, marker::PhantomData};

use serde::de::{self, Deserialize, Deserializer as _, IgnoredAny, MapAccess, Visitor};
use serde_json::{error::Category, value::RawValue};

use super::lossy::Lossy;
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
    // As text, because serde_json does not check the bytes of a string that it skips.
    let text = std::str::from_utf8(json)
        .map_err(|error| EnvelopeError::not_utf8(json, error.valid_up_to()))?;

    match read::<Field>(text) {
        // Well-formed JSON can fail here because of a lone surrogate, perhaps only in an unknown name.
        Err(error) if error.is_syntax() && is_well_formed(text) => read::<Lossy<'_>>(text),
        result => result,
    }
}

fn is_well_formed(text: &str) -> bool {
    serde_json::from_str::<IgnoredAny>(text).is_ok()
}

fn read<'a, F>(text: &'a str) -> Result<Fields<'a>, EnvelopeError>
where
    F: Deserialize<'a> + Into<Field>,
{
    // serde's messages can quote the input, so the problem is kept outside the error.
    let problem = Cell::new(None);
    let mut deserializer = serde_json::Deserializer::from_str(text);
    (&mut deserializer)
        .deserialize_map(FieldsVisitor::<F> { problem: &problem, field: PhantomData })
        .and_then(|fields| deserializer.end().map(|()| fields))
        .map_err(|error| {
            let problem = match error.classify() {
                Category::Data => problem.take().unwrap_or(Problem::NotAnObject),
                Category::Syntax => match problem.take() {
                    Some(problem @ Problem::Invalid(_)) if is_well_formed(text) => problem,
                    _ => Problem::Syntax,
                },
                Category::Io | Category::Eof => Problem::Syntax,
            };
            EnvelopeError::new(problem, error.line(), error.column())
        })
}

/// Accepts only an object: there is no `visit_seq`.
struct FieldsVisitor<'a, F> {
    problem: &'a Cell<Option<Problem>>,
    field: PhantomData<F>,
}

impl<F> FieldsVisitor<'_, F> {
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

impl<'de, F: Deserialize<'de> + Into<Field>> Visitor<'de> for FieldsVisitor<'_, F> {
    type Value = Fields<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut id = None;
        let mut name = None;
        // The inner value is `None` if the field occurs twice: then neither counts.
        let mut bootstrap_token_id: Option<Option<&RawValue>> = None;
        let mut data: Option<&RawValue> = None;
        while let Some(field) = map.next_key::<F>()? {
            match field.into() {
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
            // An authentic event is not refused because of a field that nothing depends on.
            bootstrap_token_id: bootstrap_token_id
                .flatten()
                .and_then(|token_id| serde_json::from_str(token_id.get()).ok()),
            data: data.unwrap_or(RawValue::NULL),
        })
    }
}

/// Names are compared after escapes are resolved, so that every spelling is recognised.
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

/// A name in which lone surrogates are replaced. Known names have none.
impl From<Lossy<'_>> for Field {
    fn from(Lossy(name): Lossy<'_>) -> Self {
        match &*name {
            "id" => Self::Id,
            "name" => Self::Name,
            "bootstrapTokenId" => Self::BootstrapTokenId,
            "data" => Self::Data,
            _ => Self::Other,
        }
    }
}
