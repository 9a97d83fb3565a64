//! Parsing the text of a key or a set of keys into keys that are checked.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::{
    MOST_KEYS, PublicKey,
    jwk::Jwk,
    text::{self, Pasted},
    unlike,
};
use crate::{Backend, ConfigError, KeyError, LOG_TARGET, text::Short};

/// Reads one key or a set of keys.
pub(super) fn read(text: &str, backend: Backend) -> Result<Vec<PublicKey>, ConfigError> {
    let json = match text::read(text)? {
        Pasted::Json(json) => json,
        Pasted::Point(point) => return Ok(vec![single(&Jwk::of_point(&point), backend)?]),
    };
    let document: &RawValue = serde_json::from_str(&json).map_err(|error| {
        unlike::broken_json(&json, error.is_eof())
            .map_or_else(|| unreadable("not valid JSON", &error), ConfigError::KeyText)
    })?;
    if let Some(other) = unlike::object(&json) {
        return Err(ConfigError::KeyText(other));
    }
    let set: JwkSet<'_> = serde_json::from_str(&json)
        .map_err(|error| unreadable("field `keys` is not an array", &error))?;
    match set.keys {
        Some(keys) => several(&keys, backend),
        None => {
            let jwk = Jwk::parse(document).map_err(|problem| refused(1, None, problem, backend))?;
            Ok(vec![single(&jwk, backend)?])
        }
    }
}

#[derive(Deserialize)]
struct JwkSet<'a> {
    #[serde(borrow)]
    keys: Option<Vec<&'a RawValue>>,
}

/// A single key must be usable.
fn single(jwk: &Jwk, backend: Backend) -> Result<PublicKey, ConfigError> {
    jwk.check(backend).map_err(|problem| refused(1, Some(jwk), problem, backend))
}

/// The usable keys of a set. The others are ignored, with a warning.
fn several(texts: &[&RawValue], backend: Backend) -> Result<Vec<PublicKey>, ConfigError> {
    if texts.len() > MOST_KEYS {
        return Err(ConfigError::TooManyKeys { most: MOST_KEYS });
    }
    let (mut keys, mut ignored) = (Vec::new(), Vec::new());
    for (text, index) in texts.iter().zip(1..) {
        let jwk = Jwk::parse(text).map_err(|problem| refused(index, None, problem, backend))?;
        match jwk.check(backend) {
            Ok(key) => keys.push(key),
            Err(problem) => {
                let error = refused(index, Some(&jwk), problem, backend);
                if !jwk.is_ignorable(problem) {
                    return Err(error);
                }
                ignored.push((jwk, error));
            }
        }
    }
    if keys.is_empty() && !ignored.is_empty() {
        let ignored = ignored.into_iter().map(|(_, error)| error).collect();
        return Err(ConfigError::NoUsableKey { ignored });
    }
    for (jwk, error) in &ignored {
        warn_of(jwk.kid(), jwk.thumbprint(backend).as_deref(), error);
    }
    Ok(keys)
}

/// Logs that a key of a set is ignored.
fn warn_of(kid: Option<&str>, thumbprint: Option<&str>, error: &ConfigError) {
    tracing::warn!(
        target: LOG_TARGET,
        kid = kid.map(|kid| tracing::field::display(Short(kid))),
        thumbprint,
        reason = %error,
        "a key of the JWK Set is ignored",
    );
}

fn refused(index: usize, jwk: Option<&Jwk>, problem: KeyError, backend: Backend) -> ConfigError {
    ConfigError::Key {
        index,
        kid: jwk.and_then(Jwk::kid).map(|kid| Short(kid).to_string()),
        thumbprint: jwk.and_then(|jwk| jwk.thumbprint(backend)),
        problem,
    }
}

fn unreadable(problem: &'static str, error: &serde_json::Error) -> ConfigError {
    ConfigError::KeyUnreadable { problem, line: error.line(), column: error.column() }
}
