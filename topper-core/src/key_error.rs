//! What can be wrong with a public key.

/// Why a public key cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// The key is not a JSON object, or a field occurs twice or has the wrong type.
    #[error(
        "not a JWK: it must be a JSON object in which each field has the right type and occurs once"
    )]
    Unreadable,
    /// The key has a private part.
    #[error(
        "it has a private part, which must not be on this machine: configure the public key only"
    )]
    Private,
    /// `kty` is missing, or is not a type for verifying.
    #[error("`kty` is neither EC nor RSA")]
    KeyType,
    /// `crv` is missing, or does not match the type.
    #[error("`crv` is neither P-256 nor P-384")]
    Curve,
    /// `use` is not `sig`.
    #[error("`use` is not `sig`")]
    Use,
    /// `key_ops` does not contain `verify`.
    #[error("`key_ops` does not contain `verify`")]
    Operations,
    /// An RSA key has no `alg`.
    #[error("`alg` is missing: an RSA key needs it")]
    AlgorithmMissing,
    /// `alg` does not match the type and curve.
    #[error("`alg` is not a signature algorithm for the key's type and curve")]
    Algorithm,
    /// The back end does not support the algorithm.
    #[error(
        "this back end does not support the algorithm: the cargo feature `aws-lc` supports more"
    )]
    Unsupported,
    /// The back end needs instructions that this processor does not have.
    #[error(
        "this processor lacks instructions that the back end `graviola` needs: \
         use feature `aws-lc` or `rust-crypto` instead"
    )]
    Processor,
    /// A field is missing.
    #[error("`{0}` is missing")]
    Missing(&'static str),
    /// A field is not canonical base64url, or has the wrong length for the type and curve.
    #[error("`{0}` is not base64url without padding, or has the wrong length")]
    Encoding(&'static str),
    /// The coordinates are not a point on the curve.
    #[error("the coordinates are not a point on the curve")]
    Point,
    /// The numbers are not an RSA key of 2,048 to 8,192 bits.
    #[error("not an RSA key of 2048 to 8192 bits with an odd exponent")]
    Rsa,
}
