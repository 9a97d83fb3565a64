//! What can be wrong with a public key.

/// Why a public key cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// It is not a JSON object, has a field twice, or one that is not of its type.
    #[error("not a JWK: it must be a JSON object whose fields are of their type and occur once")]
    Unreadable,
    /// It has a private part.
    #[error(
        "it has a private part, which must not be on this machine: configure the public key only"
    )]
    Private,
    /// Its `kty` is missing or none that can verify.
    #[error("`kty` is neither EC nor RSA")]
    KeyType,
    /// Its `crv` is missing, or not one of its type.
    #[error("`crv` is neither P-256 nor P-384")]
    Curve,
    /// Its `use` is not `sig`.
    #[error("`use` is not `sig`")]
    Use,
    /// Its `key_ops` lacks `verify`.
    #[error("`key_ops` lacks `verify`")]
    Operations,
    /// It is an RSA key without `alg`.
    #[error("`alg` is missing, which an RSA key needs")]
    AlgorithmMissing,
    /// Its `alg` does not go with its type and curve.
    #[error("`alg` is not a signature algorithm that goes with the key's type and curve")]
    Algorithm,
    /// Its algorithm is not offered by the back end.
    #[error("the algorithm is not offered by this back end: feature `aws-lc` has more")]
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
    /// A field is not canonical base64url, or not of the length its type and curve ask for.
    #[error("`{0}` is not base64url without padding of the right length")]
    Encoding(&'static str),
    /// Its coordinates are not a point on its curve.
    #[error("the coordinates are not a point on the curve")]
    Point,
    /// Its numbers are not an RSA key of 2,048 to 8,192 bits.
    #[error("not an RSA key of 2048 to 8192 bits with an odd exponent")]
    Rsa,
}
