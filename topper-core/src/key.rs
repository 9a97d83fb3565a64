//! The configured public keys, and verification of a detached JWS with them.

use std::{fmt, sync::Arc};

use jsonwebtoken::Algorithm;

use crate::{
    Backend, ConfigError,
    backend::KeyVerifier,
    jws::{DetachedJws, JwsError},
    text::Short,
};

mod der;
mod jwk;
pub mod pasted;
mod pem;
mod set;
#[cfg(test)]
mod tests;
mod text;
mod unlike;

/// The maximum number of keys: a forgery is checked against each of them.
const MOST_KEYS: usize = 16;

/// The public keys of one webhook: usually one, several during a key rotation.
///
/// It is parsed from a JWK or a JWK Set (RFC 7517), which Topper shows for each webhook URL, or from a
/// key in PEM. Cloning is cheap.
///
/// # Examples
///
/// ```
/// use topper::KeySet;
///
/// let keys = KeySet::parse(r#"{
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
    /// Reads a JWK, a JWK Set of 1 to 16 keys, or a P-256 key in PEM, and checks every key.
    ///
    /// Quotation marks, white space and a byte order mark around the text are ignored. The text may be
    /// encoded in base64. In PEM, the two characters `\n` count as a line break.
    ///
    /// The algorithm of a key is its `alg`. Without `alg` it follows from the curve (P-256: ES256,
    /// P-384: ES384); an RSA key needs `alg`.
    ///
    /// In a JWK Set, keys for another purpose, and keys with an unsupported type, curve or algorithm,
    /// are ignored with a warning in the log (RFC 7517, section 5).
    ///
    /// # Errors
    ///
    /// When the text is not a key, or a key cannot be used: wrong or missing fields, a point that is
    /// not on its curve, a `use` or `key_ops` that does not allow verifying, a private part, or an
    /// algorithm that the back end does not support. The error says what the text looks like, and what
    /// to do.
    pub fn parse(text: &str) -> Result<Self, ConfigError> {
        Self::parse_with(text, Backend::default())
    }

    /// Reads keys like [`parse`](Self::parse), with a back end of your choice.
    ///
    /// # Errors
    ///
    /// The same as for [`parse`](Self::parse).
    pub fn parse_with(text: &str, backend: Backend) -> Result<Self, ConfigError> {
        Self::from_keys(set::read(text, backend)?)
    }

    /// Combines keys that were read before, such as from several files.
    ///
    /// # Errors
    ///
    /// When there is no key, or more than 16.
    pub fn from_keys(keys: impl IntoIterator<Item = PublicKey>) -> Result<Self, ConfigError> {
        let keys: Arc<[PublicKey]> = keys.into_iter().take(MOST_KEYS + 1).collect();
        match keys.len() {
            0 => Err(ConfigError::NoKey),
            1..=MOST_KEYS => Ok(Self { keys }),
            _ => Err(ConfigError::TooManyKeys { most: MOST_KEYS }),
        }
    }

    /// The keys, in the order they were configured.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &PublicKey> {
        self.keys.iter()
    }

    /// Verifies a detached JWS over any bytes, and returns the key that matched.
    ///
    /// `token` is the whole value of the signature header, and `body` the raw bytes as received. The
    /// body is not decoded: a valid signature alone does not make it an event.
    ///
    /// # Errors
    ///
    /// When the token is malformed, or no key matches.
    pub fn verify(&self, token: &[u8], body: &[u8]) -> Result<&PublicKey, SignatureError> {
        let jws = self.parse_token(token).map_err(SignatureError::Malformed)?;
        self.find(&jws, body).map(|(_, key)| key).ok_or(SignatureError::Mismatch)
    }

    /// Checks all rules that do not need the body.
    pub(crate) fn parse_token(&self, token: &[u8]) -> Result<DetachedJws, JwsError> {
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

    /// The key that matches, and its index.
    pub(crate) fn find(&self, jws: &DetachedJws, body: &[u8]) -> Option<(usize, &PublicKey)> {
        let signing_input = jws.signing_input(body);
        let matches =
            |key: &PublicKey| key.fits(jws) && key.verify(&signing_input, jws.signature());
        self.keys.iter().enumerate().find(|(_, key)| matches(key))
    }
}

impl fmt::Debug for KeySet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.keys.iter()).finish()
    }
}

/// A configured public key. Cloning is cheap.
#[derive(Clone)]
pub struct PublicKey(Arc<Parts>);

struct Parts {
    verifier: KeyVerifier,
    signature_len: usize,
    key_id: Option<Box<str>>,
    thumbprint: Box<str>,
    jwk: Box<str>,
}

impl PublicKey {
    /// The name of the key: its `kid`, or its thumbprint if it has no `kid`.
    pub fn id(&self) -> &str {
        self.0.key_id.as_deref().unwrap_or(&self.0.thumbprint)
    }

    /// The `kid` of its JWK, if it has one.
    pub fn kid(&self) -> Option<&str> {
        self.0.key_id.as_deref()
    }

    /// The SHA-256 thumbprint in base64url (RFC 7638).
    pub fn thumbprint(&self) -> &str {
        &self.0.thumbprint
    }

    /// The key as a JWK (RFC 7517), with its `alg`, and its `kid` if it has one. Use it to store the
    /// key; [`KeySet::parse`] reads it again.
    ///
    /// # Examples
    ///
    /// ```
    /// # use topper::KeySet;
    /// # let text = topper_testkit::TestKey::generate().public_jwk();
    /// let keys = KeySet::parse(&text)?;
    /// let jwk = keys.iter().next().map(|key| key.jwk()).unwrap_or_default();
    ///
    /// let again = KeySet::parse(jwk)?;
    /// assert!(again.iter().map(|key| key.thumbprint()).eq(keys.iter().map(|key| key.thumbprint())));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn jwk(&self) -> &str {
        &self.0.jwk
    }

    /// The JWS algorithm, such as `ES256`.
    pub fn algorithm(&self) -> &'static str {
        name(self.0.verifier.algorithm())
    }

    /// Whether this key may have signed the token. A `kid` only excludes keys.
    fn fits(&self, jws: &DetachedJws) -> bool {
        let same_key_id = match (jws.key_id(), self.0.key_id.as_deref()) {
            (Some(claimed), Some(own)) => claimed == own,
            _ => true,
        };
        same_key_id && self.algorithm() == jws.algorithm()
    }

    /// Whether `signature` is this key's signature of `signing_input`.
    fn verify(&self, signing_input: &[u8], signature: &Vec<u8>) -> bool {
        signature.len() == self.0.signature_len
            && self.0.verifier.verify(signing_input, signature).is_ok()
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PublicKey")
            .field("algorithm", &self.algorithm())
            .field("kid", &self.kid().map(Short))
            .field("thumbprint", &self.thumbprint())
            .finish_non_exhaustive()
    }
}

/// Why a detached JWS does not verify.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum SignatureError {
    /// The JWS or its protected header is malformed.
    #[error("signature is malformed")]
    Malformed(#[source] JwsError),
    /// No configured key matches.
    #[error("signature does not match")]
    Mismatch,
}

/// All algorithms for public keys, including those that cannot be configured here (RFC 7518, section
/// 3.1; RFC 8037, section 3.1).
const PUBLIC_KEY_ALGORITHMS: &[&str] =
    &["ES256", "ES384", "ES512", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "EdDSA"];

/// The algorithms that can be configured. All are asymmetric: HMAC is impossible.
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
