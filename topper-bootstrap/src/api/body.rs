//! Reading the body of an answer, as leniently as events are read.

use serde::{
    Deserializer,
    de::{Deserialize, DeserializeOwned},
};
use serde_json::value::RawValue;
use topper_core::internal::decode;

use super::ApiError;

/// Decodes a JSON object. The error names the field that is wrong, and quotes nothing.
pub(super) fn decode<T: DeserializeOwned>(body: &[u8]) -> Result<T, ApiError> {
    let unreadable = |problem: &str| ApiError::Unreadable { problem: problem.into() };
    // As text, because serde_json does not check the bytes of a string that it skips.
    let text = std::str::from_utf8(body).map_err(|_| unreadable("the body is not UTF-8 text"))?;
    let json: &RawValue =
        serde_json::from_str(text).map_err(|_| unreadable("the body is not JSON"))?;
    decode::from_json(json.get()).map_err(|error| {
        let problem = error.to_string();
        match (problem.strip_prefix("data."), problem.strip_prefix("data")) {
            (Some(field), _) => unreadable(field),
            (None, Some(whole)) => unreadable(&format!("the body{whole}")),
            (None, None) => unreadable(&problem),
        }
    })
}

/// A list of objects that may be absent: then it is empty.
pub(super) fn objects<'de, T, D>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    decode::optional_list(deserializer).map(Option::unwrap_or_default)
}

/// A list of texts that may be absent: then it is empty.
pub(super) fn texts<'de, T, D>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    Option::<Vec<T>>::deserialize(deserializer).map(Option::unwrap_or_default)
}

/// Writes `Type { .. }`, so that nothing that was received reaches a log by accident.
macro_rules! opaque_debug {
    ($($received:ident),+ $(,)?) => {$(
        impl ::std::fmt::Debug for $received {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.debug_struct(stringify!($received)).finish_non_exhaustive()
            }
        }
    )+};
}

pub(super) use opaque_debug;
