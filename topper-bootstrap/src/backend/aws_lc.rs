//! Signatures by aws-lc-rs.

use aws_lc_rs::{
    digest,
    rand::SystemRandom,
    signature::{
        ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, ECDSA_P521_SHA512_FIXED,
        ECDSA_P521_SHA512_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _, RSA_PKCS1_SHA256,
        RSA_PKCS1_SHA384, RSA_PKCS1_SHA512, RsaEncoding, RsaKeyPair, UnparsedPublicKey,
    },
};
use signature::{Error, Signer};

use super::KeySigner;
use crate::{
    Algorithm, PrivateKeyError,
    algorithm::Curve,
    key::{EcKey, RsaKey, of_number},
};

pub(super) fn elliptic(key: &EcKey) -> Result<(KeySigner, Vec<u8>), PrivateKeyError> {
    let algorithm = match key.curve {
        Curve::P256 => &ECDSA_P256_SHA256_FIXED_SIGNING,
        Curve::P384 => &ECDSA_P384_SHA384_FIXED_SIGNING,
        Curve::P521 => &ECDSA_P521_SHA512_FIXED_SIGNING,
    };
    let pair = EcdsaKeyPair::from_private_key_der(algorithm, &of_number(key))
        .map_err(|_| PrivateKeyError::Damaged)?;
    let point = pair.public_key().as_ref().to_vec();
    Ok((Box::new(EcSigner(pair)), point))
}

pub(super) fn rsa(algorithm: Algorithm, key: &RsaKey) -> Result<KeySigner, PrivateKeyError> {
    let encoding = match algorithm {
        Algorithm::Rs384 => &RSA_PKCS1_SHA384,
        Algorithm::Rs512 => &RSA_PKCS1_SHA512,
        _ => &RSA_PKCS1_SHA256,
    };
    let pair = RsaKeyPair::from_der(&key.pkcs1).map_err(|_| PrivateKeyError::Inconsistent)?;
    Ok(Box::new(RsaSigner { pair, encoding }))
}

pub(super) fn sha256(parts: &[&str]) -> Vec<u8> {
    let mut context = digest::Context::new(&digest::SHA256);
    parts.iter().for_each(|part| context.update(part.as_bytes()));
    context.finish().as_ref().to_vec()
}

struct EcSigner(EcdsaKeyPair);

impl Signer<Vec<u8>> for EcSigner {
    fn try_sign(&self, message: &[u8]) -> Result<Vec<u8>, Error> {
        let signature = self.0.sign(&SystemRandom::new(), message).map_err(|_| Error::new())?;
        Ok(signature.as_ref().to_vec())
    }
}

struct RsaSigner {
    pair: RsaKeyPair,
    encoding: &'static dyn RsaEncoding,
}

impl Signer<Vec<u8>> for RsaSigner {
    fn try_sign(&self, message: &[u8]) -> Result<Vec<u8>, Error> {
        let mut signature = vec![0; self.pair.public_modulus_len()];
        self.pair
            .sign(self.encoding, &SystemRandom::new(), message, &mut signature)
            .map_err(|_| Error::new())?;
        Ok(signature)
    }
}

pub(super) fn verifies_p521(point: &[u8], message: &[u8], signature: &[u8]) -> bool {
    UnparsedPublicKey::new(&ECDSA_P521_SHA512_FIXED, point).verify(message, signature).is_ok()
}
