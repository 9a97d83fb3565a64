//! The private key that signs: from what people configure to a signer that is known to work.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use topper_core::Backend;
use zeroize::Zeroizing;

use crate::{
    Algorithm, PrivateKeyError,
    algorithm::Curve,
    backend::{self, KeySigner},
};

mod der;
mod jwk;
mod pem;
mod text;

#[cfg(feature = "aws-lc")]
pub(crate) use der::of_number;

/// Bytes of a private key: overwritten when they are dropped.
pub(crate) type Secret = Zeroizing<Vec<u8>>;

/// The numbers of a private key, big-endian.
pub(crate) enum Material {
    Ec(EcKey),
    Rsa(RsaKey),
}

pub(crate) struct EcKey {
    pub(crate) curve: Curve,
    /// As long as the curve's coordinates.
    pub(crate) d: Secret,
    /// The public key as it was configured, if it was: a point without compression (SEC 1).
    pub(crate) point: Option<Vec<u8>>,
}

pub(crate) struct RsaKey {
    /// `RSAPrivateKey` in DER (RFC 8017, appendix A.1.2).
    #[cfg_attr(not(feature = "aws-lc"), expect(dead_code, reason = "only aws-lc signs with it"))]
    pub(crate) pkcs1: Secret,
    pub(crate) n: Vec<u8>,
    pub(crate) e: Vec<u8>,
}

/// What a text has besides the key itself.
pub(crate) struct Read {
    pub(crate) material: Material,
    /// The `alg` of a JWK.
    pub(crate) algorithm: Option<Algorithm>,
}

/// A private key that signs, and what others may know of it.
pub(crate) struct PrivateKey {
    pub(crate) signer: KeySigner,
    pub(crate) algorithm: Algorithm,
    /// A JWK in JSON.
    pub(crate) public_jwk: String,
}

impl PrivateKey {
    /// Reads a JWK or PEM, and checks it. `wanted` is the algorithm that the configuration names.
    pub(crate) fn parse(
        pasted: &str,
        wanted: Option<Algorithm>,
        backend: Backend,
    ) -> Result<Self, PrivateKeyError> {
        let Read { material, algorithm: own } = text::read(pasted)?;
        let (implied, key) = match &material {
            Material::Ec(key) => (Some(key.curve.algorithm()), describe(key.curve)),
            Material::Rsa(_) => (None, "an RSA key"),
        };
        for algorithm in [own, wanted].into_iter().flatten() {
            if implied.is_some_and(|implied| implied != algorithm)
                || (implied.is_none() && algorithm.curve().is_some())
            {
                return Err(PrivateKeyError::Mismatch { algorithm, key });
            }
        }
        if let (Some(own), Some(wanted)) = (own, wanted)
            && own != wanted
        {
            let key = "the `alg` of the key";
            return Err(PrivateKeyError::Mismatch { algorithm: wanted, key });
        }
        let algorithm = implied.or(own).or(wanted).unwrap_or(Algorithm::Rs256);
        let (signer, public_jwk) = match &material {
            Material::Ec(key) => {
                let (signer, point) = backend::elliptic(backend, key)?;
                if key.point.as_ref().is_some_and(|configured| *configured != point) {
                    return Err(PrivateKeyError::Inconsistent);
                }
                (signer, elliptic_jwk(key.curve, &point))
            }
            Material::Rsa(key) => {
                let bits = bits(&key.n);
                if !(2048..=8192).contains(&bits) {
                    return Err(PrivateKeyError::RsaSize { bits });
                }
                (backend::rsa(backend, algorithm, key)?, rsa_jwk(algorithm, key))
            }
        };
        Ok(Self { signer, algorithm, public_jwk })
    }
}

const fn describe(curve: Curve) -> &'static str {
    match curve {
        Curve::P256 => "a key on the curve P-256",
        Curve::P384 => "a key on the curve P-384",
        Curve::P521 => "a key on the curve P-521",
    }
}

fn bits(number: &[u8]) -> usize {
    let start = number.iter().position(|byte| *byte != 0).unwrap_or(number.len());
    let number = number.get(start..).unwrap_or_default();
    number.len() * 8 - number.first().map_or(0, |first| first.leading_zeros() as usize)
}

fn elliptic_jwk(curve: Curve, point: &[u8]) -> String {
    let coordinates = point.get(1..).unwrap_or_default();
    let (x, y) = coordinates.split_at(coordinates.len() / 2);
    format!(
        r#"{{"kty":"EC","crv":"{}","alg":"{}","x":"{}","y":"{}"}}"#,
        curve.name(),
        curve.algorithm(),
        URL_SAFE_NO_PAD.encode(x),
        URL_SAFE_NO_PAD.encode(y),
    )
}

fn rsa_jwk(algorithm: Algorithm, key: &RsaKey) -> String {
    format!(
        r#"{{"kty":"RSA","alg":"{algorithm}","n":"{}","e":"{}"}}"#,
        URL_SAFE_NO_PAD.encode(&key.n),
        URL_SAFE_NO_PAD.encode(&key.e),
    )
}
