//! Verifying signatures with aws-lc-rs.

use aws_lc_rs::{
    digest,
    signature::{
        ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, ParsedPublicKey,
        RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512,
        RSA_PSS_2048_8192_SHA256, RSA_PSS_2048_8192_SHA384, RSA_PSS_2048_8192_SHA512,
        RsaParameters, RsaPublicKeyComponents, VerificationAlgorithm,
    },
};
use jsonwebtoken::{Algorithm, crypto::JwtVerifier};

use super::{KeyVerifier, Material};
use crate::KeyError;

pub(super) fn verifier(algorithm: Algorithm, key: &Material) -> Result<KeyVerifier, KeyError> {
    let key = match key {
        Material::Point(bytes) => {
            ParsedPublicKey::new(on_a_curve(algorithm)?, bytes).map_err(|_| KeyError::Point)?
        }
        Material::Rsa { n, e } => RsaPublicKeyComponents { n, e }
            .to_parsed_public_key(rsa(algorithm)?)
            .map_err(|_| KeyError::Rsa)?,
    };
    Ok(Box::new(AwsLcVerifier { algorithm, key }))
}

pub(super) fn sha256(data: &[u8]) -> Vec<u8> {
    digest::digest(&digest::SHA256, data).as_ref().to_vec()
}

fn on_a_curve(algorithm: Algorithm) -> Result<&'static dyn VerificationAlgorithm, KeyError> {
    match algorithm {
        Algorithm::ES256 => Ok(&ECDSA_P256_SHA256_FIXED),
        Algorithm::ES384 => Ok(&ECDSA_P384_SHA384_FIXED),
        _ => Err(KeyError::Unsupported),
    }
}

fn rsa(algorithm: Algorithm) -> Result<&'static RsaParameters, KeyError> {
    match algorithm {
        Algorithm::RS256 => Ok(&RSA_PKCS1_2048_8192_SHA256),
        Algorithm::RS384 => Ok(&RSA_PKCS1_2048_8192_SHA384),
        Algorithm::RS512 => Ok(&RSA_PKCS1_2048_8192_SHA512),
        Algorithm::PS256 => Ok(&RSA_PSS_2048_8192_SHA256),
        Algorithm::PS384 => Ok(&RSA_PSS_2048_8192_SHA384),
        Algorithm::PS512 => Ok(&RSA_PSS_2048_8192_SHA512),
        _ => Err(KeyError::Unsupported),
    }
}

struct AwsLcVerifier {
    algorithm: Algorithm,
    key: ParsedPublicKey,
}

impl signature::Verifier<Vec<u8>> for AwsLcVerifier {
    fn verify(&self, message: &[u8], signature: &Vec<u8>) -> Result<(), signature::Error> {
        self.key.verify_sig(message, signature).map_err(|_| signature::Error::new())
    }
}

impl JwtVerifier for AwsLcVerifier {
    fn algorithm(&self) -> Algorithm {
        self.algorithm
    }
}
