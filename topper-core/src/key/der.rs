//! A public key in DER: `SubjectPublicKeyInfo` (RFC 5280, section 4.1; RFC 5480).

use crate::KeyTextError;

/// The bytes before an uncompressed P-256 point. There is only one way to write them.
const P256: &[u8] =
    b"\x30\x59\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07\x03\x42\x00\x04";
/// The bytes before a compressed P-256 point.
const P256_COMPRESSED: &[u8] =
    b"\x30\x39\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07\x03\x22\x00";
/// How many bytes to search for the object identifiers of an algorithm.
const HEAD: usize = 40;

/// Object identifiers in DER, and the kind of key that has them.
const IDENTIFIERS: &[(&[u8], &str)] = &[
    (b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01", "an RSA key"),
    (b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0a", "an RSA key"),
    (b"\x06\x05\x2b\x81\x04\x00\x22", "a key on the curve P-384"),
    (b"\x06\x05\x2b\x81\x04\x00\x23", "a key on the curve P-521"),
    (b"\x06\x05\x2b\x81\x04\x00\x0a", "a key on the curve secp256k1"),
    (b"\x06\x03\x2b\x65\x70", "an Ed25519 key"),
    (b"\x06\x03\x2b\x65\x71", "an Ed448 key"),
    (b"\x06\x03\x2b\x65\x6e", "an X25519 key"),
    (b"\x06\x07\x2a\x86\x48\xce\x38\x04\x01", "a DSA key"),
];
/// PKCS #5 version 2: an encrypted private key (RFC 5958, section 3).
const ENCRYPTED: &[u8] = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x05\x0d";

pub(super) fn is_sequence(bytes: &[u8]) -> bool {
    bytes.len() >= 32 && contents(bytes).is_some()
}

/// The 64 bytes of the point of a P-256 key.
pub(super) fn read(der: &[u8]) -> Result<Vec<u8>, KeyTextError> {
    if let Some(point) = der.strip_prefix(P256) {
        return if point.len() == 64 { Ok(point.to_vec()) } else { Err(KeyTextError::DamagedPem) };
    }
    if der.starts_with(P256_COMPRESSED) {
        return Err(KeyTextError::CompressedPoint);
    }
    let Some(first) = contents(der) else { return Err(KeyTextError::DamagedPem) };
    let head = der.get(..HEAD).unwrap_or(der);
    let has = |identifier: &[u8]| head.windows(identifier.len()).any(|it| it == identifier);
    // A private key starts with its version: 0 or 1 (RFC 5208, RFC 5915, RFC 8017).
    if first.starts_with(&[2, 1]) || has(ENCRYPTED) {
        return Err(KeyTextError::PrivateKey);
    }
    // A certificate is a sequence whose sequence starts with its version or a number.
    if contents(first).is_some_and(|inner| matches!(inner.first(), Some(2 | 0xa0))) {
        return Err(KeyTextError::Certificate);
    }
    let other = IDENTIFIERS.iter().find(|(identifier, _)| has(identifier));
    Err(other.map_or(KeyTextError::DamagedPem, |(_, name)| KeyTextError::OtherAlgorithm(name)))
}

/// The content of a sequence, and the bytes after it.
fn contents(der: &[u8]) -> Option<&[u8]> {
    let rest = der.strip_prefix(&[0x30])?;
    let (&length, rest) = rest.split_first()?;
    match length {
        0..=0x7f => Some(rest),
        0x81..=0x84 => rest.get(usize::from(length & 0x7f)..),
        _ => None,
    }
}
