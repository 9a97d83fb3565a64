//! Verifying ES256 with the p256 crate.
//!
//! jsonwebtoken's own feature `rust_crypto` would add the `rsa` crate, and with it RUSTSEC-2023-0071,
//! to every program.

use jsonwebtoken::{Algorithm, crypto::JwtVerifier};
use p256::ecdsa::{Signature, VerifyingKey, signature::Verifier as _};
use sha2::{Digest as _, Sha256};

use super::{KeyVerifier, Material};
use crate::KeyError;

pub(super) fn verifier(algorithm: Algorithm, key: &Material) -> Result<KeyVerifier, KeyError> {
    match (algorithm, key) {
        (Algorithm::ES256, Material::Point(point)) => {
            let key = VerifyingKey::from_sec1_bytes(point).map_err(|_| KeyError::Point)?;
            Ok(Box::new(Es256Verifier(key)))
        }
        _ => Err(KeyError::Unsupported),
    }
}

pub(super) fn sha256(data: &[u8]) -> Vec<u8> {
    Sha256::digest(data).to_vec()
}

struct Es256Verifier(VerifyingKey);

impl signature::Verifier<Vec<u8>> for Es256Verifier {
    fn verify(&self, message: &[u8], signature: &Vec<u8>) -> Result<(), signature::Error> {
        Signature::from_slice(signature)
            .and_then(|signature| self.0.verify(message, &signature))
            .map_err(|_| signature::Error::new())
    }
}

impl JwtVerifier for Es256Verifier {
    fn algorithm(&self) -> Algorithm {
        Algorithm::ES256
    }
}
