//! Verifying a token with a public key.

use std::fmt;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::Value;
use topper_core::{Backend, ConfigError, KeySet};

use crate::{algorithm::Curve, backend};

/// A public key that verifies tokens: the one that Topper has of you.
///
/// Read from a JWK, or from a P-256 key in PEM. Its `kid` does not matter, because the one of a token
/// is the key id that Topper gave.
#[derive(Clone)]
pub struct TokenKey(Kind);

#[derive(Clone)]
enum Kind {
    Keys(KeySet),
    /// A point of P-521 without compression, which webhooks are never signed with.
    P521(Vec<u8>),
}

/// Why a public key cannot verify.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TokenKeyError {
    /// It is not a public key.
    #[error("{0}")]
    Key(ConfigError),
    /// It is on the curve P-521, which this back end does not have.
    #[error("a key on the curve P-521 needs the cargo feature `aws-lc`")]
    P521,
}

impl TokenKey {
    /// Reads a public JWK, or a P-256 key in PEM.
    ///
    /// # Errors
    ///
    /// When the text is something else, has a private part, or its algorithm is not offered.
    pub fn parse(text: &str) -> Result<Self, TokenKeyError> {
        let backend = backend::default();
        let Ok(Value::Object(mut jwk)) = serde_json::from_str(text) else {
            return Self::of_text(text, backend);
        };
        jwk.remove("kid");
        let field = |name: &str| jwk.get(name).and_then(Value::as_str);
        if field("crv") == Some(Curve::P521.name()) && !jwk.contains_key("d") {
            let coordinate =
                |name: &str| URL_SAFE_NO_PAD.decode(field(name)?).ok().filter(|it| it.len() == 66);
            if let (Some(x), Some(y)) = (coordinate("x"), coordinate("y")) {
                let point = [vec![4], x, y].concat();
                return if backend::has_p521() {
                    Ok(Self(Kind::P521(point)))
                } else {
                    Err(TokenKeyError::P521)
                };
            }
        }
        Self::of_text(&Value::Object(jwk).to_string(), backend)
    }

    fn of_text(text: &str, backend: Backend) -> Result<Self, TokenKeyError> {
        KeySet::parse_with(text, backend)
            .map(|keys| Self(Kind::Keys(keys)))
            .map_err(TokenKeyError::Key)
    }

    pub(super) fn matches(&self, header: &str, claims: &[u8], signature: &[u8]) -> bool {
        match &self.0 {
            Kind::Keys(keys) => {
                let detached = format!("{header}..{}", URL_SAFE_NO_PAD.encode(signature));
                keys.verify(detached.as_bytes(), claims).is_ok()
            }
            Kind::P521(point) => {
                let is_es512 = URL_SAFE_NO_PAD
                    .decode(header)
                    .ok()
                    .and_then(|bytes| serde_json::from_slice::<Value>(&bytes).ok())
                    .is_some_and(|header| header.get("alg").is_some_and(|alg| alg == "ES512"));
                let message = format!("{header}.{}", URL_SAFE_NO_PAD.encode(claims));
                is_es512 && backend::verifies_p521(point, message.as_bytes(), signature)
            }
        }
    }
}

impl fmt::Debug for TokenKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Keys(keys) => f.debug_tuple("TokenKey").field(keys).finish(),
            Kind::P521(_) => f.debug_tuple("TokenKey").field(&Curve::P521.name()).finish(),
        }
    }
}
