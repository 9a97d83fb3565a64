//! Throw-away keys.

use std::fmt;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use p256::{
    ecdsa::{Signature, SigningKey, signature::Signer as _},
    elliptic_curve::Generate as _,
};

/// An ES256 key pair that lives as long as a test.
pub struct TestKey {
    signing: SigningKey,
    key_id: String,
}

impl TestKey {
    /// A new random key, with a `kid`.
    pub fn generate() -> Self {
        let signing = SigningKey::generate();
        let point = signing.verifying_key().to_sec1_point(true);
        let key_id = URL_SAFE_NO_PAD.encode(point.as_bytes().get(1..13).unwrap_or_default());
        Self { signing, key_id }
    }

    /// The `kid` of its JWK.
    pub fn key_id(&self) -> &str {
        &self.key_id
    }

    /// The public key as a point in SEC 1 form without compression: 65 bytes.
    pub fn public_point(&self) -> Vec<u8> {
        self.signing.verifying_key().to_sec1_point(false).as_bytes().to_vec()
    }

    /// The public key as a `SubjectPublicKeyInfo` in DER (RFC 5480).
    pub fn public_spki(&self) -> Vec<u8> {
        // A sequence of the algorithm (id-ecPublicKey with secp256r1) and the point as bit string.
        const PREFIX: [u8; 26] = [
            0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06,
            0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
        ];
        [&PREFIX[..], &self.public_point()].concat()
    }

    /// The public key as Topper shows it: the text of a JWK.
    pub fn public_jwk(&self) -> String {
        let point = self.public_point();
        let coordinate = |range| URL_SAFE_NO_PAD.encode(point.get(range).unwrap_or_default());
        serde_json::json!({
            "kty": "EC",
            "crv": "P-256",
            "alg": "ES256",
            "kid": self.key_id,
            "x": coordinate(1..33),
            "y": coordinate(33..65),
        })
        .to_string()
    }

    /// The public keys of several as a JWK Set, as during a rotation.
    pub fn public_jwk_set<'a>(keys: impl IntoIterator<Item = &'a Self>) -> String {
        let keys: Vec<String> = keys.into_iter().map(Self::public_jwk).collect();
        format!("{{\"keys\":[{}]}}", keys.join(","))
    }

    /// The value of the signature header for a body, with the protected header Topper uses:
    /// `{"alg":"ES256"}`. The same bytes get the same signature (RFC 6979).
    pub fn sign(&self, body: &[u8]) -> String {
        self.sign_with_header(r#"{"alg":"ES256"}"#, body)
    }

    /// The same with a protected header of your choice, given as its bytes in JSON, or not in JSON.
    pub fn sign_with_header(&self, header: impl AsRef<[u8]>, body: &[u8]) -> String {
        self.sign_input(header, URL_SAFE_NO_PAD.encode(body).as_bytes())
    }

    /// The same over the body itself and not its base64, as `b64` of RFC 7797 asks for.
    pub fn sign_unencoded(&self, header: impl AsRef<[u8]>, body: &[u8]) -> String {
        self.sign_input(header, body)
    }

    fn sign_input(&self, header: impl AsRef<[u8]>, payload: &[u8]) -> String {
        let header = URL_SAFE_NO_PAD.encode(header);
        let signature: Signature = self.signing.sign(&[header.as_bytes(), b".", payload].concat());
        format!("{header}..{}", URL_SAFE_NO_PAD.encode(signature.to_bytes()))
    }
}

impl fmt::Debug for TestKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TestKey").field("key_id", &self.key_id).finish_non_exhaustive()
    }
}
