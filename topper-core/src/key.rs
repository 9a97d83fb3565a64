//! The configured public keys, and verification of a detached JWS with them.

use std::{fmt, sync::Arc};

use jsonwebtoken::Algorithm;

use crate::{
    Backend, ConfigError,
    backend::KeyVerifier,
    jws::{DetachedJws, JwsError},
};

mod jwk;
#[cfg(test)]
mod tests;

/// The most keys of a set: a forgery is checked against each of them.
const MOST_KEYS: usize = 16;

/// The public keys of one webhook; several while they are rotated.
///
/// Made from the text of a JWK or a JWK Set (RFC 7517), which Topper shows for each webhook URL.
/// Cheap to clone.
///
/// # Examples
///
/// ```
/// use topper_core::KeySet;
///
/// let keys = KeySet::from_json(r#"{
///     "kty": "EC", "crv": "P-256", "alg": "ES256", "kid": "15a5142e-c20f-466e-8132-234dbdae97e7",
///     "x": "7-INQ150R-MCWlj5X_wyGLRIRYAA-o8NakJiUq7gOGg",
///     "y": "dM-GsyJvdDOuALE3l-U9lPL8V3gY_5BPjLH539yTdKU"
/// }"#)?;
///
/// let token = "eyJhbGciOiJFUzI1NiJ9..2H0Ypm5sVzuSpgyZySdAJan05lYxctqhmO8btghFQQzkisvSlNvNWzQ1kqTPXTLP_dR4zQZrTsSsShAK51I4EQ";
/// let key = keys.verify(token.as_bytes(), br#"{"foo":"bar"}"#)?;
/// assert_eq!(key.id(), "15a5142e-c20f-466e-8132-234dbdae97e7");
///
/// assert!(keys.verify(token.as_bytes(), br#"{"foo": "bar"}"#).is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct KeySet {
    keys: Arc<[PublicKey]>,
}

impl KeySet {
    /// Reads a JWK, or a JWK Set of 1 to 16 keys, and checks every key.
    ///
    /// A key's algorithm is its `alg`; without one it follows from the curve (P-256: ES256, P-384:
    /// ES384), and an RSA key without `alg` is refused.
    ///
    /// # Errors
    ///
    /// When a key cannot be used: wrong or missing members, a point that is not on its curve, a
    /// `use` or `key_ops` that is not for verifying, a private part, an algorithm the back end does
    /// not offer.
    pub fn from_json(json: &str) -> Result<Self, ConfigError> {
        Self::with_backend(json, Backend::default())
    }

    /// The same with a back end of your choice.
    ///
    /// # Errors
    ///
    /// As [`from_json`](Self::from_json).
    pub fn with_backend(json: &str, backend: Backend) -> Result<Self, ConfigError> {
        let keys = jwk::read(json, backend)?;
        match keys.len() {
            0 => Err(ConfigError::NoKey),
            1..=MOST_KEYS => Ok(Self { keys: keys.into() }),
            _ => Err(ConfigError::TooManyKeys { most: MOST_KEYS }),
        }
    }

    /// The keys, in the order they were configured.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &PublicKey> {
        self.keys.iter()
    }

    /// Verifies a detached JWS over any bytes, and tells which key matched.
    ///
    /// `token` is the whole value of the signature header, `body` the raw bytes as they came. They
    /// are not decoded: that the signature holds does not make them an event.
    ///
    /// # Errors
    ///
    /// When the token breaks a rule, or no key matches.
    pub fn verify(&self, token: &[u8], body: &[u8]) -> Result<&PublicKey, SignatureError> {
        let jws = self.parse(token).map_err(SignatureError::Malformed)?;
        self.find(&jws, body).ok_or(SignatureError::Mismatch)
    }

    /// All rules that do not need the body.
    pub(crate) fn parse(&self, token: &[u8]) -> Result<DetachedJws, JwsError> {
        let jws = DetachedJws::parse(token)?;
        let mut keys = self.keys.iter().filter(|key| key.algorithm() == jws.algorithm()).peekable();
        if keys.peek().is_none() {
            return Err(if PUBLIC_KEY_ALGORITHMS.contains(&jws.algorithm()) {
                JwsError::OtherAlgorithm
            } else {
                JwsError::Algorithm
            });
        }
        if !keys.any(|key| key.0.signature_len == jws.signature().len()) {
            return Err(JwsError::SignatureLength);
        }
        Ok(jws)
    }

    /// The key that matches.
    pub(crate) fn find(&self, jws: &DetachedJws, body: &[u8]) -> Option<&PublicKey> {
        let signing_input = jws.signing_input(body);
        self.keys.iter().find(|key| key.fits(jws) && key.verify(&signing_input, jws.signature()))
    }
}

impl fmt::Debug for KeySet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.keys.iter()).finish()
    }
}

/// One configured public key. A clone costs nothing.
#[derive(Clone)]
pub struct PublicKey(Arc<Parts>);

struct Parts {
    verifier: KeyVerifier,
    signature_len: usize,
    key_id: Option<Box<str>>,
    thumbprint: Box<str>,
}

impl PublicKey {
    /// What to call the key: its `kid`, or its thumbprint when it has none.
    pub fn id(&self) -> &str {
        self.0.key_id.as_deref().unwrap_or(&self.0.thumbprint)
    }

    /// The SHA-256 thumbprint in base64url (RFC 7638).
    pub fn thumbprint(&self) -> &str {
        &self.0.thumbprint
    }

    /// The JWS algorithm, such as `ES256`.
    pub fn algorithm(&self) -> &'static str {
        name(self.0.verifier.algorithm())
    }

    /// Whether the token may be one of this key. A `kid` narrows the keys; it never adds one.
    fn fits(&self, jws: &DetachedJws) -> bool {
        let same_key_id = match (jws.key_id(), self.0.key_id.as_deref()) {
            (Some(claimed), Some(own)) => claimed == own,
            _ => true,
        };
        same_key_id && self.algorithm() == jws.algorithm()
    }

    /// Whether `signature` is one of `signing_input` by this key.
    fn verify(&self, signing_input: &[u8], signature: &Vec<u8>) -> bool {
        signature.len() == self.0.signature_len
            && self.0.verifier.verify(signing_input, signature).is_ok()
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PublicKey")
            .field("algorithm", &self.algorithm())
            .field("thumbprint", &self.thumbprint())
            .finish_non_exhaustive()
    }
}

/// Why a detached JWS does not verify.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum SignatureError {
    /// It breaks a rule of shape, or its protected header does.
    #[error("signature is malformed")]
    Malformed(#[source] JwsError),
    /// No key matches.
    #[error("signature does not match")]
    Mismatch,
}

/// Whatever may sign for a public key, also what cannot be configured here (RFC 7518, section 3.1;
/// RFC 8037, section 3.1).
const PUBLIC_KEY_ALGORITHMS: &[&str] =
    &["ES256", "ES384", "ES512", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "EdDSA"];

/// The algorithms that may be configured: asymmetric ones. There is no way to an HMAC from here.
fn algorithm(name: &str) -> Option<Algorithm> {
    use Algorithm::*;
    [ES256, ES384, RS256, RS384, RS512, PS256, PS384, PS512]
        .into_iter()
        .find(|&algorithm| self::name(algorithm) == name)
}

fn name(algorithm: Algorithm) -> &'static str {
    match algorithm {
        Algorithm::ES256 => "ES256",
        Algorithm::ES384 => "ES384",
        Algorithm::RS256 => "RS256",
        Algorithm::RS384 => "RS384",
        Algorithm::RS512 => "RS512",
        Algorithm::PS256 => "PS256",
        Algorithm::PS384 => "PS384",
        Algorithm::PS512 => "PS512",
        _ => "",
    }
}
