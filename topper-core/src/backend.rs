//! Computing signatures: one verifier for each key, created once, behind jsonwebtoken's trait.
//!
//! jsonwebtoken's own verifiers cannot be shared between threads and parse the key each time. They come
//! from a process-wide provider, which panics when none or both of its back ends are enabled anywhere
//! in the program. Nothing here uses that provider.

use jsonwebtoken::{Algorithm, crypto::JwtVerifier};

use crate::KeyError;

#[cfg(feature = "aws-lc")]
mod aws_lc;
#[cfg(feature = "graviola")]
mod graviola;
#[cfg(feature = "rust-crypto")]
mod rust_crypto;

/// The library that verifies signatures, chosen by cargo features.
///
/// Several may be on in one program; [`default`](Self::default) is then the first of this list that works
/// on the processor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Backend {
    /// aws-lc-rs, with feature `aws-lc`: the fastest. ES256, ES384, RS256, RS384, RS512, PS256,
    /// PS384 and PS512.
    #[cfg(feature = "aws-lc")]
    AwsLc,
    /// graviola, with feature `graviola`: fast, and needs no C compiler. ES256 and ES384, on x86-64
    /// processors since about 2014 and on most aarch64 processors.
    #[cfg(feature = "graviola")]
    Graviola,
    /// p256, with feature `rust-crypto`: needs no C compiler. ES256 only.
    #[cfg(feature = "rust-crypto")]
    RustCrypto,
}

impl Default for Backend {
    fn default() -> Self {
        #[cfg(feature = "aws-lc")]
        return Self::AwsLc;
        #[cfg(all(feature = "graviola", feature = "rust-crypto", not(feature = "aws-lc")))]
        return if graviola::works() { Self::Graviola } else { Self::RustCrypto };
        #[cfg(all(feature = "graviola", not(any(feature = "aws-lc", feature = "rust-crypto"))))]
        return Self::Graviola;
        #[cfg(not(any(feature = "aws-lc", feature = "graviola")))]
        return Self::RustCrypto;
    }
}

/// The verifier of one key.
pub(crate) type KeyVerifier = Box<dyn JwtVerifier + Send + Sync>;

/// The numbers of a public key, big-endian.
pub(crate) enum Material {
    /// A point in SEC 1 form without compression.
    Point(Vec<u8>),
    #[cfg_attr(not(feature = "aws-lc"), expect(dead_code, reason = "only aws-lc verifies with it"))]
    Rsa { n: Vec<u8>, e: Vec<u8> },
}

impl Backend {
    /// Creates the verifier of a key. A key that cannot be used is an error here, not at the first
    /// delivery.
    pub(crate) fn verifier(
        self,
        algorithm: Algorithm,
        key: &Material,
    ) -> Result<KeyVerifier, KeyError> {
        match self {
            #[cfg(feature = "aws-lc")]
            Self::AwsLc => aws_lc::verifier(algorithm, key),
            #[cfg(feature = "graviola")]
            Self::Graviola => graviola::verifier(algorithm, key),
            #[cfg(feature = "rust-crypto")]
            Self::RustCrypto => rust_crypto::verifier(algorithm, key),
        }
    }

    /// Nothing where the back end does not work.
    pub(crate) fn sha256(self, data: &[u8]) -> Option<Vec<u8>> {
        match self {
            #[cfg(feature = "aws-lc")]
            Self::AwsLc => Some(aws_lc::sha256(data)),
            #[cfg(feature = "graviola")]
            Self::Graviola => graviola::sha256(data),
            #[cfg(feature = "rust-crypto")]
            Self::RustCrypto => Some(rust_crypto::sha256(data)),
        }
    }
}
