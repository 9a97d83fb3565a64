//! Throw-away keys.

use std::{error, fmt, ops::Range};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use p256::{
    ecdsa::{Signature, SigningKey, signature::Signer as _},
    elliptic_curve::Generate as _,
};
use serde_json::Value;

/// An ES256 key pair for tests, which you can also store in a file.
#[derive(Clone)]
pub struct TestKey {
    signing: SigningKey,
    key_id: String,
}

impl TestKey {
    /// Creates a random key, with a `kid`.
    pub fn generate() -> Self {
        Self::with_own_id(SigningKey::generate())
    }

    /// Reads the key pair from a private JWK (RFC 7518, section 6.2), as
    /// [`private_jwk`](Self::private_jwk) writes it. A key without a `kid` gets one that is derived
    /// from the key.
    ///
    /// # Errors
    ///
    /// When the text is not the JWK of an ES256 key with its private part `d` and the matching
    /// public key. The message shows nothing of the key.
    ///
    /// # Examples
    ///
    /// ```
    /// use topper_testkit::TestKey;
    ///
    /// let key = TestKey::generate();
    /// let again = TestKey::from_jwk(&key.private_jwk())?;
    /// assert_eq!(again.sign(b"{}"), key.sign(b"{}"));
    /// # Ok::<(), topper_testkit::TestKeyError>(())
    /// ```
    pub fn from_jwk(json: &str) -> Result<Self, TestKeyError> {
        let jwk: Value = serde_json::from_str(json).map_err(|_| TestKeyError("not JSON"))?;
        let text = |name| jwk.get(name).and_then(Value::as_str);
        if (text("kty"), text("crv")) != (Some("EC"), Some("P-256")) {
            return Err(TestKeyError("`kty` must be EC and `crv` must be P-256"));
        }
        if jwk.get("alg").is_some_and(|alg| alg != "ES256") {
            return Err(TestKeyError("`alg` must be ES256"));
        }
        let private = text("d").ok_or(TestKeyError("the private part `d` is missing"))?;
        let signing = URL_SAFE_NO_PAD
            .decode(private)
            .ok()
            .filter(|bytes| bytes.len() == 32)
            .and_then(|bytes| SigningKey::from_slice(&bytes).ok())
            .ok_or(TestKeyError("`d` is not a private key of 32 bytes in base64url"))?;
        let key = match jwk.get("kid") {
            Some(Value::String(key_id)) => Self { signing, key_id: key_id.clone() },
            Some(_) => return Err(TestKeyError("`kid` is not text")),
            None => Self::with_own_id(signing),
        };
        if (text("x"), text("y")) != (Some(&key.coordinate(1..33)), Some(&key.coordinate(33..65))) {
            return Err(TestKeyError("`x` and `y` are not the public key of `d`"));
        }
        Ok(key)
    }

    fn with_own_id(signing: SigningKey) -> Self {
        let point = signing.verifying_key().to_sec1_point(true);
        let key_id = URL_SAFE_NO_PAD.encode(point.as_bytes().get(1..13).unwrap_or_default());
        Self { signing, key_id }
    }

    /// Returns the `kid` of its JWK.
    pub fn key_id(&self) -> &str {
        &self.key_id
    }

    /// Returns the public key as an uncompressed point (SEC 1): 65 bytes.
    pub fn public_point(&self) -> Vec<u8> {
        self.signing.verifying_key().to_sec1_point(false).as_bytes().to_vec()
    }

    /// Returns the public key as a `SubjectPublicKeyInfo` in DER (RFC 5480).
    pub fn public_spki(&self) -> Vec<u8> {
        // A sequence of the algorithm (id-ecPublicKey with secp256r1) and the point as bit string.
        const PREFIX: [u8; 26] = [
            0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06,
            0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
        ];
        [&PREFIX[..], &self.public_point()].concat()
    }

    /// Returns the public key as Topper shows it: the text of a JWK.
    pub fn public_jwk(&self) -> String {
        self.jwk().to_string()
    }

    /// Returns the private and the public key, as the text of a JWK. Keep it out of logs, even
    /// though it is only for tests.
    pub fn private_jwk(&self) -> String {
        let mut jwk = self.jwk();
        if let Some(members) = jwk.as_object_mut() {
            let private = URL_SAFE_NO_PAD.encode(self.signing.to_bytes());
            members.insert("d".to_owned(), private.into());
        }
        jwk.to_string()
    }

    fn jwk(&self) -> Value {
        serde_json::json!({
            "kty": "EC",
            "crv": "P-256",
            "alg": "ES256",
            "kid": self.key_id,
            "x": self.coordinate(1..33),
            "y": self.coordinate(33..65),
        })
    }

    fn coordinate(&self, range: Range<usize>) -> String {
        URL_SAFE_NO_PAD.encode(self.public_point().get(range).unwrap_or_default())
    }

    /// Returns the public keys as a JWK Set, as during a rotation.
    pub fn public_jwk_set<'a>(keys: impl IntoIterator<Item = &'a Self>) -> String {
        let keys: Vec<String> = keys.into_iter().map(Self::public_jwk).collect();
        format!("{{\"keys\":[{}]}}", keys.join(","))
    }

    /// Returns the signature header for a body, with the protected header that Topper uses:
    /// `{"alg":"ES256"}`. The same body always gets the same signature (RFC 6979).
    pub fn sign(&self, body: &[u8]) -> String {
        self.sign_with_header(r#"{"alg":"ES256"}"#, body)
    }

    /// Does the same with your own protected header, as bytes, which may be invalid JSON.
    pub fn sign_with_header(&self, header: impl AsRef<[u8]>, body: &[u8]) -> String {
        self.sign_input(header, URL_SAFE_NO_PAD.encode(body).as_bytes())
    }

    /// Does the same, but signs the body itself and not its base64, as for `b64` in RFC 7797.
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

/// The error of a text that is not the private JWK of an ES256 key. It says why, and shows nothing
/// of the key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TestKeyError(&'static str);

impl fmt::Display for TestKeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "not the private JWK of an ES256 key: {}", self.0)
    }
}

impl error::Error for TestKeyError {}

#[cfg(test)]
mod tests {
    use topper_core::KeySet;

    use super::*;

    fn private() -> Value {
        serde_json::from_str(&TestKey::generate().private_jwk()).unwrap()
    }

    #[test]
    fn is_the_same_key_after_a_way_through_text() {
        let key = TestKey::generate();
        let again = TestKey::from_jwk(&key.private_jwk()).unwrap();
        assert_eq!(again.public_jwk(), key.public_jwk());
        assert_eq!(again.private_jwk(), key.private_jwk());
        let keys = KeySet::parse(&key.public_jwk()).unwrap();
        keys.verify(again.sign(b"{}").as_bytes(), b"{}").unwrap();
    }

    #[test]
    fn reads_the_key_of_an_rfc() {
        // RFC 7515, appendix A.3.1.
        let jwk = r#"{"kty":"EC","crv":"P-256",
            "x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
            "y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
            "d":"jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI"}"#;
        let key = TestKey::from_jwk(jwk).unwrap();
        assert_eq!(key.key_id().len(), 16);
        KeySet::parse(&key.public_jwk()).unwrap();
    }

    #[test]
    fn refuses_what_is_not_a_private_es256_key_and_says_why() {
        let other = private();
        for (member, value, reason) in [
            ("kty", "RSA".into(), "`kty` must be EC and `crv` must be P-256"),
            ("crv", "P-384".into(), "`kty` must be EC and `crv` must be P-256"),
            ("alg", "ES384".into(), "`alg` must be ES256"),
            ("kid", 7.into(), "`kid` is not text"),
            ("d", Value::Null, "`d` is missing"),
            ("d", "AAAA".into(), "`d` is not"),
            ("d", "A".repeat(43).into(), "`d` is not"),
            ("d", "_".repeat(43).into(), "`d` is not"),
            ("d", other["d"].clone(), "`x` and `y` are not"),
            ("x", other["x"].clone(), "`x` and `y` are not"),
            ("y", Value::Null, "`x` and `y` are not"),
        ] {
            let mut jwk = private();
            jwk[member] = value;
            let error = TestKey::from_jwk(&jwk.to_string()).unwrap_err().to_string();
            assert!(error.contains(reason), "{member}: {error}");
        }
        for text in ["", "[]", "7", "{", &TestKey::generate().public_jwk()] {
            TestKey::from_jwk(text).unwrap_err();
        }
    }

    #[test]
    fn shows_nothing_of_the_key_in_debug() {
        let key = TestKey::from_jwk(&private().to_string()).unwrap();
        assert_eq!(format!("{key:?}"), format!("TestKey {{ key_id: {:?}, .. }}", key.key_id()));
    }
}
