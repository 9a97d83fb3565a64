//! ES256 and ES384 by graviola.

use graviola::{
    hashing::{Hash as _, Sha256, Sha384},
    signing::ecdsa::{P256, P384, VerifyingKey},
    util::is_cpu_supported,
};
use jsonwebtoken::{Algorithm, crypto::JwtVerifier};

use super::{KeyVerifier, Material};
use crate::KeyError;

/// Whether this processor has the instructions that graviola needs; without them it panics.
pub(super) fn works() -> bool {
    is_cpu_supported()
}

pub(super) fn verifier(algorithm: Algorithm, key: &Material) -> Result<KeyVerifier, KeyError> {
    if !works() {
        return Err(KeyError::Processor);
    }
    let Material::Point(point) = key else { return Err(KeyError::Unsupported) };
    let verifier: Option<KeyVerifier> = match algorithm {
        Algorithm::ES256 => {
            VerifyingKey::from_x962_uncompressed(point).map(|it| Box::new(Es256(it)) as _).ok()
        }
        Algorithm::ES384 => {
            VerifyingKey::from_x962_uncompressed(point).map(|it| Box::new(Es384(it)) as _).ok()
        }
        _ => return Err(KeyError::Unsupported),
    };
    verifier.ok_or(KeyError::Point)
}

pub(super) fn sha256(data: &[u8]) -> Option<Vec<u8>> {
    works().then(|| Sha256::hash(data).as_ref().to_vec())
}

struct Es256(VerifyingKey<P256>);

impl signature::Verifier<Vec<u8>> for Es256 {
    fn verify(&self, message: &[u8], signature: &Vec<u8>) -> Result<(), signature::Error> {
        self.0.verify::<Sha256>(&[message], signature).map_err(|_| signature::Error::new())
    }
}

impl JwtVerifier for Es256 {
    fn algorithm(&self) -> Algorithm {
        Algorithm::ES256
    }
}

struct Es384(VerifyingKey<P384>);

impl signature::Verifier<Vec<u8>> for Es384 {
    fn verify(&self, message: &[u8], signature: &Vec<u8>) -> Result<(), signature::Error> {
        self.0.verify::<Sha384>(&[message], signature).map_err(|_| signature::Error::new())
    }
}

impl JwtVerifier for Es384 {
    fn algorithm(&self) -> Algorithm {
        Algorithm::ES384
    }
}
