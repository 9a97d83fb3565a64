//! The detached JWS in the signature header (RFC 7515, appendix F), with stricter rules.

use base64::{DecodeError, Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

mod header;

use header::ProtectedHeader;

/// The maximum length of a signature header in bytes.
const MOST_BYTES: usize = 8 * 1024;

/// Which rule a signature header violates.
///
/// Source: RFC 7515, sections 3.1, 4 and 7.1; RFC 7797; RFC 8725, sections 3.1 and 3.2.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum JwsError {
    /// The request has more than one signature header.
    #[error("there is more than one signature header")]
    Repeated,
    /// The value is over 8 KiB.
    #[error("longer than {MOST_BYTES} bytes")]
    TooLong,
    /// The value is not `header..signature` in the URL-safe base64 alphabet, without padding.
    #[error("not a detached JWS in compact form")]
    Shape,
    /// A part has an impossible length, or sets bits that base64 does not use.
    #[error("a part is not canonical base64url")]
    Base64,
    /// The protected header is not one JSON object, or its `alg` or `kid` is not a string.
    #[error("the protected header is not a JSON object whose `alg` and `kid` are strings")]
    Header,
    /// A field occurs twice in the protected header.
    #[error("a field occurs twice in the protected header")]
    DuplicateMember,
    /// The protected header has `crit` or `b64`, whose extensions Topper does not use.
    #[error("the protected header has `crit` or `b64`")]
    Extension,
    /// The protected header has no `alg`, or its `alg` is not an algorithm for public keys.
    #[error("`alg` is missing, or is not an algorithm for public keys")]
    Algorithm,
    /// The protected header's `alg` is an algorithm for public keys, but no configured key has it.
    ///
    /// While a configured key has not matched any delivery, it is
    /// [`Error::KeyUnproven`](crate::Error::KeyUnproven) instead, because a key with another algorithm
    /// may be configured by mistake.
    #[error("`alg` is not the algorithm of a configured key")]
    OtherAlgorithm,
    /// The signature has the wrong length for its algorithm: 64 bytes for ES256.
    #[error("the signature has the wrong length")]
    SignatureLength,
}

/// A signature header that follows every rule that needs no key.
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

    /// The algorithm that the token claims. It is compared with a key's algorithm, and never chooses
    /// one.
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
        // Including the first of the two dots.
        let start = self.token.get(..=self.protected_len).unwrap_or_default();
        let mut input = Vec::with_capacity(start.len() + encoded);
        input.extend_from_slice(start.as_bytes());
        let start = input.len();
        input.resize(start + encoded, 0);
        // Into a slice, because encoding into a `String` copies through a buffer.
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
