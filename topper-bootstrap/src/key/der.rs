//! A private key in DER: PKCS#8 (RFC 5208), SEC 1 (RFC 5915) and PKCS#1 (RFC 8017).
//!
//! One reader for both back ends, so that both say the same of the same key.

use zeroize::Zeroizing;

use super::{EcKey, Material, Read, RsaKey, Secret};
use crate::{PrivateKeyError, algorithm::Curve};

const INTEGER: u8 = 0x02;
const BITS: u8 = 0x03;
const OCTETS: u8 = 0x04;
const IDENTIFIER: u8 = 0x06;
const SEQUENCE: u8 = 0x30;
/// The two optional parts of a SEC 1 key.
const PARAMETERS: u8 = 0xa0;
const PUBLIC: u8 = 0xa1;

const EC: &[u8] = b"\x2a\x86\x48\xce\x3d\x02\x01";
const RSA: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01";
/// PKCS#5 version 2: an encrypted key (RFC 8018, appendix A.4).
const ENCRYPTED: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x05\x0d";

use PrivateKeyError::Damaged;

/// A key whose shape no label names.
pub(super) fn read(der: &[u8]) -> Result<Read, PrivateKeyError> {
    let mut parts = Reader(der).take(SEQUENCE).ok_or(Damaged)?;
    if parts.peek() == Some(SEQUENCE) {
        // A public key starts with its algorithm, an encrypted one with how it was encrypted.
        let mut algorithm = parts.take(SEQUENCE).ok_or(Damaged)?;
        let is_encrypted = algorithm.take(IDENTIFIER).is_some_and(|it| it.0 == ENCRYPTED);
        return Err(if is_encrypted {
            PrivateKeyError::Encrypted
        } else {
            PrivateKeyError::Public
        });
    }
    parts.take(INTEGER).ok_or(Damaged)?;
    match parts.peek() {
        Some(SEQUENCE) => pkcs8(der),
        Some(OCTETS) => sec1(der, None),
        Some(INTEGER) => pkcs1(der),
        _ => Err(Damaged),
    }
}

pub(super) fn pkcs8(der: &[u8]) -> Result<Read, PrivateKeyError> {
    let mut info = Reader(der).take(SEQUENCE).ok_or(Damaged)?;
    info.take(INTEGER).ok_or(Damaged)?;
    let mut algorithm = info.take(SEQUENCE).ok_or(Damaged)?;
    let identifier = algorithm.take(IDENTIFIER).ok_or(Damaged)?;
    let key = info.take(OCTETS).ok_or(Damaged)?;
    match identifier.0 {
        EC => {
            // Without a name the parameters are those of some curve, written out.
            let curve = algorithm.take(IDENTIFIER).ok_or(PrivateKeyError::Curve)?;
            sec1(key.0, Some(named(curve.0)?))
        }
        RSA => pkcs1(key.0),
        _ => Err(PrivateKeyError::KeyType),
    }
}

/// `outer` is the curve that a PKCS#8 key names; inside of it the key need not.
pub(super) fn sec1(der: &[u8], outer: Option<Curve>) -> Result<Read, PrivateKeyError> {
    let mut key = Reader(der).take(SEQUENCE).ok_or(Damaged)?;
    key.take(INTEGER).ok_or(Damaged)?;
    let number = key.take(OCTETS).ok_or(Damaged)?;
    let mut curve = outer;
    if let Some(mut parameters) = key.take(PARAMETERS) {
        let own = named(parameters.take(IDENTIFIER).ok_or(PrivateKeyError::Curve)?.0)?;
        if outer.is_some_and(|outer| outer != own) {
            return Err(PrivateKeyError::Inconsistent);
        }
        curve = Some(own);
    }
    let curve = curve.ok_or(PrivateKeyError::Curve)?;
    let point = match key.take(PUBLIC) {
        Some(mut public) => {
            let bits = public.take(BITS).ok_or(Damaged)?.0;
            let point = bits.strip_prefix(&[0]).ok_or(Damaged)?;
            // A compressed point is not compared: the private number decides.
            (point.first() == Some(&4)).then(|| point.to_vec())
        }
        None => None,
    };
    let d = padded(number.0, curve.bytes()).ok_or(Damaged)?;
    Ok(Read { material: Material::Ec(EcKey { curve, d, point }), algorithm: None })
}

pub(super) fn pkcs1(der: &[u8]) -> Result<Read, PrivateKeyError> {
    let mut key = Reader(der).take(SEQUENCE).ok_or(Damaged)?;
    key.take(INTEGER).ok_or(Damaged)?;
    let mut number = || key.take(INTEGER).ok_or(Damaged);
    let n = positive(number()?.0).to_vec();
    let e = positive(number()?.0).to_vec();
    // d, p, q, and three that make it faster.
    for _ in 0..6 {
        number()?;
    }
    let pkcs1 = Zeroizing::new(der.to_vec());
    Ok(Read { material: Material::Rsa(RsaKey { pkcs1, n, e }), algorithm: None })
}

/// A SEC 1 key without its public part, which the back end computes.
#[cfg(feature = "aws-lc")]
pub(crate) fn of_number(key: &EcKey) -> Secret {
    let identifier = key.curve.identifier();
    let mut der = Zeroizing::new(Vec::with_capacity(128));
    // The longest, that of P-521, has 84 bytes: one byte says how many follow.
    let name = [&[IDENTIFIER, length(identifier)], identifier].concat();
    let parameters = [&[PARAMETERS, length(&name)], name.as_slice()].concat();
    let inner = 3 + 2 + key.d.len() + parameters.len();
    der.extend([SEQUENCE, u8::try_from(inner).unwrap_or_default(), INTEGER, 1, 1]);
    der.extend([OCTETS, length(&key.d)]);
    der.extend_from_slice(&key.d);
    der.extend_from_slice(&parameters);
    der
}

#[cfg(feature = "aws-lc")]
fn length(bytes: &[u8]) -> u8 {
    u8::try_from(bytes.len()).unwrap_or_default()
}

/// An `RSAPrivateKey` of its numbers: n, e, d, p, q, dp, dq and qi.
pub(super) fn of_numbers(numbers: [&[u8]; 8]) -> Secret {
    let size: usize = numbers.iter().map(|number| number.len() + 8).sum();
    let mut inner = Zeroizing::new(Vec::with_capacity(size + 8));
    write(&mut inner, &[0]);
    for number in numbers {
        write(&mut inner, positive(number));
    }
    let mut der = Zeroizing::new(Vec::with_capacity(inner.len() + 8));
    der.push(SEQUENCE);
    write_length(&mut der, inner.len());
    der.extend_from_slice(&inner);
    der
}

fn write(der: &mut Vec<u8>, number: &[u8]) {
    // A leading bit would make it negative.
    let is_signed = number.first().is_none_or(|first| first & 0x80 != 0);
    der.push(INTEGER);
    write_length(der, number.len() + usize::from(is_signed));
    if is_signed {
        der.push(0);
    }
    der.extend_from_slice(number);
}

fn write_length(der: &mut Vec<u8>, length: usize) {
    match u8::try_from(length) {
        Ok(short @ 0..=0x7f) => der.push(short),
        _ => {
            let bytes = length.to_be_bytes();
            let start = bytes.iter().position(|byte| *byte != 0).unwrap_or(0);
            let bytes = bytes.get(start..).unwrap_or_default();
            der.push(0x80 | u8::try_from(bytes.len()).unwrap_or_default());
            der.extend_from_slice(bytes);
        }
    }
}

/// Without leading zeros.
fn positive(number: &[u8]) -> &[u8] {
    let start = number.iter().position(|byte| *byte != 0).unwrap_or(number.len());
    number.get(start..).unwrap_or_default()
}

/// With leading zeros up to a length.
fn padded(number: &[u8], length: usize) -> Option<Secret> {
    let number = positive(number);
    let zeros = length.checked_sub(number.len())?;
    let mut padded = Zeroizing::new(vec![0; length]);
    padded.get_mut(zeros..)?.copy_from_slice(number);
    Some(padded)
}

fn named(identifier: &[u8]) -> Result<Curve, PrivateKeyError> {
    let mut curves = Curve::ALL.into_iter();
    curves.find(|curve| curve.identifier() == identifier).ok_or(PrivateKeyError::Curve)
}

/// What is left to read.
#[derive(Clone, Copy)]
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn peek(&self) -> Option<u8> {
        self.0.first().copied()
    }

    /// The contents of the next element, if it has this tag.
    fn take(&mut self, tag: u8) -> Option<Self> {
        let (&found, rest) = self.0.split_first()?;
        let (&first, rest) = rest.split_first().filter(|_| found == tag)?;
        let (length, rest) = match first {
            0..=0x7f => (usize::from(first), rest),
            0x81..=0x83 => {
                let (bytes, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
                (bytes.iter().fold(0, |sum, byte| sum << 8 | usize::from(*byte)), rest)
            }
            _ => return None,
        };
        let (contents, rest) = rest.split_at_checked(length)?;
        self.0 = rest;
        Some(Self(contents))
    }
}
