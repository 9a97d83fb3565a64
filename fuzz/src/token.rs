//! The signature header.

use std::{collections::HashSet, fmt, sync::LazyLock};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::Value;
use topper_core::{KeySet, SignatureError};

use crate::signature::KEY;

const BODY: &[u8] = b"{}";

static KEYS: LazyLock<KeySet> = LazyLock::new(|| KeySet::parse(&KEY.public_jwk()).unwrap());

/// The parser accepts what a second one, which is written from the RFC alone, accepts.
pub fn signature_header(token: &[u8]) {
    let verdict = KEYS.verify(token, BODY).map(|_| ());
    if token == KEY.sign(BODY).as_bytes() {
        assert_eq!(verdict, Ok(()));
    }
    let is_malformed = matches!(verdict, Err(SignatureError::Malformed(_)));
    assert_eq!(!is_malformed, is_well_formed(token).is_some(), "{verdict:?}");
}

fn is_well_formed(token: &[u8]) -> Option<()> {
    let token = std::str::from_utf8(token).ok().filter(|token| token.len() <= 8 * 1024)?;
    let [header, "", signature] = token.split('.').collect::<Vec<_>>()[..] else { return None };
    let header = String::from_utf8(bytes(header)?).ok()?;
    let Fields(fields) = serde_json::from_str(&header).ok()?;
    let names: HashSet<&str> = fields.iter().map(|(name, _)| name.as_str()).collect();
    let is_text = |(name, value): &(String, Value)| name != "kid" || value.is_string();
    let is_ours = |(name, value): &(String, Value)| name == "alg" && value == "ES256";
    let is_fine = names.len() == fields.len()
        && !names.contains("crit")
        && !names.contains("b64")
        && fields.iter().all(is_text)
        && fields.iter().any(is_ours)
        && bytes(signature)?.len() == 64;
    is_fine.then_some(())
}

/// Decoded, if encoding gives the same text again.
fn bytes(text: &str) -> Option<Vec<u8>> {
    let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
    (URL_SAFE_NO_PAD.encode(&bytes) == text).then_some(bytes)
}

/// The fields of an object, each as often as it occurs.
struct Fields(Vec<(String, Value)>);

impl<'de> Deserialize<'de> for Fields {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Each;
        impl<'de> Visitor<'de> for Each {
            type Value = Fields;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Fields, A::Error> {
                let mut fields = Vec::new();
                while let Some(field) = map.next_entry()? {
                    fields.push(field);
                }
                Ok(Fields(fields))
            }
        }
        deserializer.deserialize_map(Each)
    }
}
