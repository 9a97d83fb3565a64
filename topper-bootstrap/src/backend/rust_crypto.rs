//! ES256 by the p256 crate. RSA would bring the `rsa` crate, whose timing leaks keys
//! (RUSTSEC-2023-0071).

use p256::ecdsa::{Signature, SigningKey, signature::Signer as _};
#[cfg(not(feature = "aws-lc"))]
use sha2::{Digest as _, Sha256};
use signature::{Error, Signer};

use super::KeySigner;
use crate::{PrivateKeyError, algorithm::Curve, key::EcKey};

pub(super) fn elliptic(key: &EcKey) -> Result<(KeySigner, Vec<u8>), PrivateKeyError> {
    if !matches!(key.curve, Curve::P256) {
        return Err(PrivateKeyError::Unsupported(key.curve.algorithm()));
    }
    let key = SigningKey::from_slice(&key.d).map_err(|_| PrivateKeyError::Damaged)?;
    let point = key.verifying_key().to_sec1_point(false).as_bytes().to_vec();
    Ok((Box::new(Es256Signer(key)), point))
}

#[cfg(not(feature = "aws-lc"))]
pub(super) fn sha256(parts: &[&str]) -> Vec<u8> {
    let mut hash = Sha256::new();
    parts.iter().for_each(|part| hash.update(part.as_bytes()));
    hash.finalize().to_vec()
}

struct Es256Signer(SigningKey);

impl Signer<Vec<u8>> for Es256Signer {
    fn try_sign(&self, message: &[u8]) -> Result<Vec<u8>, Error> {
        let signature: Signature = self.0.try_sign(message).map_err(|_| Error::new())?;
        Ok(signature.to_bytes().to_vec())
    }
}
