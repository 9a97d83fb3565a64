//! Where tokens are signed: one signer a key, made once.
//!
//! jsonwebtoken's `encode` comes from a process-wide choice that panics when no back end or both are
//! on somewhere in the program, and its list of algorithms lacks ES512. So a signer here implements
//! the trait on which those of jsonwebtoken are built, [`signature::Signer`], and nothing goes
//! through that choice.

use signature::Signer;
use topper_core::Backend;

use crate::{
    Algorithm, PrivateKeyError,
    key::{EcKey, RsaKey},
};

#[cfg(feature = "aws-lc")]
mod aws_lc;
#[cfg(feature = "rust-crypto")]
mod rust_crypto;

/// A key's own signer.
pub(crate) type KeySigner = Box<dyn Signer<Vec<u8>> + Send + Sync>;

/// The one that is used when none is named: the one with more algorithms.
pub(crate) const fn default() -> Backend {
    #[cfg(feature = "aws-lc")]
    return Backend::AwsLc;
    #[cfg(not(feature = "aws-lc"))]
    return Backend::RustCrypto;
}

/// The signer of a key on a curve, and the key's public point without compression.
pub(crate) fn elliptic(
    backend: Backend,
    key: &EcKey,
) -> Result<(KeySigner, Vec<u8>), PrivateKeyError> {
    match backend {
        #[cfg(feature = "aws-lc")]
        Backend::AwsLc => aws_lc::elliptic(key),
        #[cfg(feature = "rust-crypto")]
        Backend::RustCrypto => rust_crypto::elliptic(key),
        _ => Err(PrivateKeyError::Backend),
    }
}

/// The signer of an RSA key.
pub(crate) fn rsa(
    backend: Backend,
    algorithm: Algorithm,
    key: &RsaKey,
) -> Result<KeySigner, PrivateKeyError> {
    // Which only one of the two reads.
    let _ = key;
    match backend {
        #[cfg(feature = "aws-lc")]
        Backend::AwsLc => aws_lc::rsa(algorithm, key),
        #[cfg(feature = "rust-crypto")]
        Backend::RustCrypto => Err(PrivateKeyError::Unsupported(algorithm)),
        _ => Err(PrivateKeyError::Backend),
    }
}

/// SHA-256 in hexadecimal digits.
pub(crate) fn sha256_hex(parts: &[&str]) -> String {
    use std::fmt::Write as _;

    #[cfg(feature = "aws-lc")]
    let digest = aws_lc::sha256(parts);
    #[cfg(all(feature = "rust-crypto", not(feature = "aws-lc")))]
    let digest = rust_crypto::sha256(parts);
    digest.iter().fold(String::with_capacity(64), |mut hex, byte| {
        // Writing to a `String` does not fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

/// Whether tokens by a key on the curve P-521 can be verified.
pub(crate) const fn has_p521() -> bool {
    cfg!(feature = "aws-lc")
}

/// Whether a signature is one with ES512 by the key of a point.
pub(crate) fn verifies_p521(point: &[u8], message: &[u8], signature: &[u8]) -> bool {
    #[cfg(feature = "aws-lc")]
    return aws_lc::verifies_p521(point, message, signature);
    #[cfg(not(feature = "aws-lc"))]
    {
        let _ = (point, message, signature);
        false
    }
}
