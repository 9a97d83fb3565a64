//! The detached JWS of the signature header (RFC 7515, appendix F), held to stricter rules.

use base64::{DecodeError, Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

mod header;

use header::ProtectedHeader;

/// The most bytes of a signature header that are looked at.
const MOST_BYTES: usize = 8 * 1024;

/// Which rule a signature header breaks.
///
/// Source: RFC 7515, sections 3.1, 4 and 7.1; RFC 7797; RFC 8725, sections 3.1 and 3.2.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum JwsError {
    /// There is more than one such header.
    #[error("more than one such header")]
    Repeated,
    /// The value is over 8 KiB.
    #[error("over {MOST_BYTES} bytes")]
    TooLong,
    /// The value is not `header..signature` in the URL-safe base64 alphabet, without padding.
    #[error("not a detached JWS in compact form")]
    Shape,
    /// A part has an impossible length, or bits set that base64 does not use.
    #[error("a part is not canonical base64url")]
    Base64,
    /// The protected header is not one JSON object, or its `alg` or `kid` is not a string.
    #[error("the protected header is not a JSON object with textual `alg` and `kid`")]
    Header,
    /// A field occurs twice in the protected header.
    #[error("a field occurs twice in the protected header")]
    DuplicateMember,
    /// The protected header has `crit` or `b64`, whose extensions Topper does not use.
    #[error("the protected header has `crit` or `b64`")]
    Extension,
    /// The protected header's `alg` is missing, or no algorithm of a public key.
    #[error("`alg` is not that of a configured key")]
    Algorithm,
    /// The protected header's `alg` is one of a public key, but of none that is configured.
    ///
    /// While no key has verified anything, this is [`Error::KeyUnproven`](crate::Error::KeyUnproven)
    /// instead: a key of another algorithm may have been deployed by mistake.
    #[error("`alg` is that of a public key, but not of a configured one")]
    OtherAlgorithm,
    /// The signature has a length that its algorithm never gives: 64 bytes for ES256.
    #[error("the signature has a wrong length")]
    SignatureLength,
}

/// A signature header that keeps to every rule which needs no key.
pub(crate) struct DetachedJws {
    /// The whole value as received. The protected header is signed in this form.
    token: Box<str>,
    protected_len: usize,
    header: ProtectedHeader,
    signature: Vec<u8>,
}

impl DetachedJws {
    pub(crate) fn parse(value: &[u8]) -> Result<Self, JwsError> {
        if value.len() > MOST_BYTES {
            return Err(JwsError::TooLong);
        }
        let value = std::str::from_utf8(value).map_err(|_| JwsError::Shape)?;
        let (protected, rest) = value.split_once('.').ok_or(JwsError::Shape)?;
        let signature = rest.strip_prefix('.').ok_or(JwsError::Shape)?;
        Ok(Self {
            header: ProtectedHeader::parse(&decode(protected)?)?,
            signature: decode(signature)?,
            protected_len: protected.len(),
            token: value.into(),
        })
    }

    /// The whole value as received.
    pub(crate) fn as_str(&self) -> &str {
        &self.token
    }

    /// The algorithm the token claims: compared with a key's, never used to choose one.
    pub(crate) fn algorithm(&self) -> &str {
        &self.header.algorithm
    }

    pub(crate) fn key_id(&self) -> Option<&str> {
        self.header.key_id.as_deref()
    }

    // jsonwebtoken's verifiers take a `&Vec`.
    pub(crate) fn signature(&self) -> &Vec<u8> {
        &self.signature
    }

    /// What is signed: `BASE64URL(header) "." BASE64URL(body)`.
    pub(crate) fn signing_input(&self, body: &[u8]) -> Vec<u8> {
        let encoded = body.len().div_ceil(3) * 4;
        // With the first of the two dots.
        let start = self.token.get(..=self.protected_len).unwrap_or_default();
        let mut input = Vec::with_capacity(start.len() + encoded);
        input.extend_from_slice(start.as_bytes());
        let start = input.len();
        input.resize(start + encoded, 0);
        // Into a slice, since on its way into a `String` it goes through a buffer.
        let rest = input.get_mut(start..).unwrap_or_default();
        let written = URL_SAFE_NO_PAD.encode_slice(body, rest).unwrap_or(0);
        input.truncate(start + written);
        input
    }
}

fn decode(part: &str) -> Result<Vec<u8>, JwsError> {
    match URL_SAFE_NO_PAD.decode(part) {
        Ok(bytes) if bytes.is_empty() => Err(JwsError::Shape),
        Ok(bytes) => Ok(bytes),
        Err(DecodeError::InvalidByte(..) | DecodeError::InvalidPadding) => Err(JwsError::Shape),
        Err(_) => Err(JwsError::Base64),
    }
}
