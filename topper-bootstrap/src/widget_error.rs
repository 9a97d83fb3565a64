//! What can go wrong at start.

use std::io;

use crate::{Algorithm, Environment};

/// Why a widget cannot be used: met at start, never when the first user arrives.
///
/// No message shows a key or a value, but where the mistake is.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WidgetError {
    /// An environment variable is missing or cannot be used.
    #[error("environment variable {name}: {problem}; it should look like {example}")]
    #[non_exhaustive]
    Variable {
        /// The variable.
        name: String,
        /// What is wrong with it.
        problem: Box<Self>,
        /// What it should look like.
        example: &'static str,
    },
    /// A setting is missing or blank.
    #[error("{0} is missing")]
    Missing(&'static str),
    /// The value is not Unicode.
    #[error("the value is not Unicode text")]
    NotUnicode,
    /// Two variables are set that mean the same.
    #[error("{other} is set too: set only one of the two")]
    #[non_exhaustive]
    SetTwice {
        /// The other variable.
        other: String,
    },
    /// The environment is not named.
    #[error(
        "neither `{}` nor `{}`",
        Environment::Sandbox.as_str(),
        Environment::Production.as_str()
    )]
    Environment,
    /// The file with the private key cannot be read.
    #[error("the file cannot be read: {kind}")]
    #[non_exhaustive]
    KeyFile {
        /// Why.
        kind: io::ErrorKind,
    },
    /// A private key, or what was configured in its place, cannot be used.
    #[error("private key: {0}")]
    PrivateKey(PrivateKeyError),
}

impl From<PrivateKeyError> for WidgetError {
    fn from(problem: PrivateKeyError) -> Self {
        Self::PrivateKey(problem)
    }
}

/// Why a private key cannot be used. No message shows any part of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum PrivateKeyError {
    /// It is the public key of a pair.
    #[error(
        "it is a public key, which cannot sign: configure the private key of the pair, and give \
         the public one to Topper"
    )]
    Public,
    /// It is encrypted.
    #[error("it is encrypted: decrypt it with `openssl pkcs8 -in key.pem -out plain.pem`")]
    Encrypted,
    /// It is a path.
    #[error("it looks like a file name: set TOPPER_PRIVATE_KEY_FILE to read the key from a file")]
    FileName,
    /// It is a key where the path of a file belongs.
    #[error("it looks like a key, not a file name: set TOPPER_PRIVATE_KEY to it instead")]
    NotFileName,
    /// It is neither a JWK nor PEM.
    #[error("it is neither a JWK nor a private key in PEM (PKCS#8, SEC 1 or PKCS#1)")]
    Unknown,
    /// It has more than one PEM block that could be meant.
    #[error("it has more than one key: keep the one PEM block with the private key")]
    Several,
    /// It is a JWK Set.
    #[error("it is a JWK Set: paste the one key that Topper gave the key id for")]
    Set,
    /// It is a certificate, an SSH key or another PEM block.
    #[error("it is a PEM block of another kind: paste the one whose label ends with `PRIVATE KEY`")]
    OtherPem,
    /// Its PEM or DER is cut or damaged.
    #[error("its PEM or DER is damaged: paste it whole, with its first and its last line")]
    Damaged,
    /// It is not a JSON object, or has a field twice or of another type.
    #[error("not a JWK: it must be a JSON object whose fields are text and occur once")]
    Unreadable,
    /// It is not an EC or RSA key.
    #[error("Topper takes EC and RSA keys, and it is neither")]
    KeyType,
    /// Its curve is not one that Topper takes.
    #[error("its curve is none of P-256, P-384 and P-521, which Topper takes")]
    Curve,
    /// Its `use` or `key_ops` is not for signing.
    #[error("its `use` or `key_ops` is not for signing")]
    Use,
    /// An algorithm that Topper does not take.
    #[error("the algorithm is none that Topper takes: ES256, ES384, ES512, RS256, RS384, RS512")]
    Algorithm,
    /// The algorithm does not go with the key's type and curve.
    #[error("the algorithm is {algorithm}, which does not go with {key}")]
    #[non_exhaustive]
    Mismatch {
        /// The algorithm that was asked for.
        algorithm: Algorithm,
        /// What the key is, such as `a key on the curve P-256`.
        key: &'static str,
    },
    /// A field is missing.
    #[error("`{0}` is missing")]
    Missing(&'static str),
    /// A field is not base64url, or not of the length that its curve asks for.
    #[error("`{0}` is not base64url without padding of the right length")]
    Encoding(&'static str),
    /// Its public part is not the one of its private part.
    #[error("its public and its private part do not go together")]
    Inconsistent,
    /// It is an RSA key that is too short or too long.
    #[error("an RSA key of {bits} bits: it must have 2048 to 8192")]
    #[non_exhaustive]
    RsaSize {
        /// How many it has.
        bits: usize,
    },
    /// The back end cannot sign with it.
    #[error(
        "{0} is not offered by the back end `rust-crypto`, which has ES256: switch on the cargo \
         feature `aws-lc`"
    )]
    Unsupported(Algorithm),
    /// The back end that was asked for is not compiled in.
    #[error("that back end is not switched on in topper-bootstrap")]
    Backend,
}
