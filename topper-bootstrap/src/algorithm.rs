//! The algorithms that Topper takes for bootstrap tokens.

use std::{fmt, str::FromStr};

use crate::PrivateKeyError;

/// How a bootstrap token is signed (RFC 7518, section 3.1).
///
/// jsonwebtoken's own list lacks ES512, hence this one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Algorithm {
    /// ECDSA on the curve P-256 with SHA-256.
    Es256,
    /// ECDSA on the curve P-384 with SHA-384.
    Es384,
    /// ECDSA on the curve P-521 with SHA-512.
    Es512,
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    Rs256,
    /// RSASSA-PKCS1-v1_5 with SHA-384.
    Rs384,
    /// RSASSA-PKCS1-v1_5 with SHA-512.
    Rs512,
}

impl Algorithm {
    topper_core::__listed! {
        /// Every algorithm that Topper takes.
        Es256, Es384, Es512, Rs256, Rs384, Rs512,
    }

    /// The name in a token's header, such as `ES256`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Es256 => "ES256",
            Self::Es384 => "ES384",
            Self::Es512 => "ES512",
            Self::Rs256 => "RS256",
            Self::Rs384 => "RS384",
            Self::Rs512 => "RS512",
        }
    }

    /// The curve of its keys; none for RSA.
    pub(crate) const fn curve(self) -> Option<Curve> {
        match self {
            Self::Es256 => Some(Curve::P256),
            Self::Es384 => Some(Curve::P384),
            Self::Es512 => Some(Curve::P521),
            Self::Rs256 | Self::Rs384 | Self::Rs512 => None,
        }
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Algorithm {
    type Err = PrivateKeyError;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        let found = Self::ALL.iter().find(|algorithm| algorithm.as_str() == name);
        found.copied().ok_or(PrivateKeyError::Algorithm)
    }
}

/// The curve of a key.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Curve {
    P256,
    P384,
    P521,
}

impl Curve {
    pub(crate) const ALL: [Self; 3] = [Self::P256, Self::P384, Self::P521];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::P256 => "P-256",
            Self::P384 => "P-384",
            Self::P521 => "P-521",
        }
    }

    /// How many bytes a coordinate has, and the private number.
    pub(crate) const fn bytes(self) -> usize {
        match self {
            Self::P256 => 32,
            Self::P384 => 48,
            Self::P521 => 66,
        }
    }

    /// Its object identifier, without tag and length (RFC 5480, section 2.1.1.1).
    pub(crate) const fn identifier(self) -> &'static [u8] {
        match self {
            Self::P256 => b"\x2a\x86\x48\xce\x3d\x03\x01\x07",
            Self::P384 => b"\x2b\x81\x04\x00\x22",
            Self::P521 => b"\x2b\x81\x04\x00\x23",
        }
    }

    /// The one algorithm that goes with it.
    pub(crate) const fn algorithm(self) -> Algorithm {
        match self {
            Self::P256 => Algorithm::Es256,
            Self::P384 => Algorithm::Es384,
            Self::P521 => Algorithm::Es512,
        }
    }
}
