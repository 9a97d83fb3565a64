//! The protected header: its algorithm and key id.

use std::{borrow::Cow, fmt};

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};

use super::JwsError;
use crate::json::Text;

pub(super) struct ProtectedHeader {
    pub(super) algorithm: Box<str>,
    pub(super) key_id: Option<Box<str>>,
}

impl ProtectedHeader {
    pub(super) fn parse(json: &[u8]) -> Result<Self, JwsError> {
        // As text, because serde_json does not check the bytes of a string that it skips.
        let json = std::str::from_utf8(json).map_err(|_| JwsError::Header)?;
        let fields: Fields<'_> = serde_json::from_str(json).map_err(|_| JwsError::Header)?;
        if fields.has_duplicate() {
            return Err(JwsError::DuplicateMember);
        }
        if fields.names.iter().any(|name| matches!(name.as_ref(), "crit" | "b64")) {
            return Err(JwsError::Extension);
        }
        Ok(Self {
            algorithm: fields.algorithm.ok_or(JwsError::Algorithm)?.as_ref().into(),
            key_id: fields.key_id.map(|key_id| key_id.as_ref().into()),
        })
    }
}

/// The fields of the header. Fields that could name a key (`jwk`, `jku`, `x5u`, `x5c`) are skipped,
/// like all unknown fields: keys come only from the configuration.
struct Fields<'a> {
    names: Vec<Cow<'a, str>>,
    algorithm: Option<Cow<'a, str>>,
    key_id: Option<Cow<'a, str>>,
}

impl Fields<'_> {
    fn has_duplicate(&self) -> bool {
        if self.names.len() < 2 {
            return false;
        }
        let mut names: Vec<&str> = self.names.iter().map(AsRef::as_ref).collect();
        names.sort_unstable();
        names.iter().zip(names.iter().skip(1)).any(|(one, next)| one == next)
    }
}

impl<'de> Deserialize<'de> for Fields<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(FieldsVisitor)
    }
}

struct FieldsVisitor;

impl<'de> Visitor<'de> for FieldsVisitor {
    type Value = Fields<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut fields = Fields { names: Vec::new(), algorithm: None, key_id: None };
        while let Some(Text(name)) = map.next_key()? {
            match name.as_ref() {
                "alg" => fields.algorithm = Some(map.next_value::<Text<'_>>()?.0),
                "kid" => fields.key_id = Some(map.next_value::<Text<'_>>()?.0),
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
            fields.names.push(name);
        }
        Ok(fields)
    }
}
