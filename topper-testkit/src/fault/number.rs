//! The two numbers of the signature, or their form, are not those of an ES256 signature.

use super::{Genuine, faults};
use crate::Delivery;

/// The order of P-256.
const N: [u8; 32] = [
    0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51,
];
const ZERO: [u8; 32] = [0; 32];
const MOST: [u8; 32] = [0xff; 32];

const fn one() -> [u8; 32] {
    let mut one = ZERO;
    one[31] = 1;
    one
}

faults! {
    flipped_signature_bit BrokenSignature SignatureInvalid |it| {
        let mut signature = it.signature_bytes();
        signature.iter_mut().take(1).for_each(|byte| *byte ^= 0x10);
        it.with_signature_bytes(&signature)
    };
    zero_r_and_s BrokenSignature SignatureInvalid |it| it.with_signature_bytes(&[ZERO, ZERO].concat());
    zero_r BrokenSignature SignatureInvalid |it| halves(it, |_, s| [&ZERO, s].concat());
    zero_s BrokenSignature SignatureInvalid |it| halves(it, |r, _| [r, &ZERO].concat());
    one_r_and_s BrokenSignature SignatureInvalid |it| it.with_signature_bytes(&[one(), one()].concat());
    order_as_r BrokenSignature SignatureInvalid |it| halves(it, |_, s| [&N, s].concat());
    order_as_s BrokenSignature SignatureInvalid |it| halves(it, |r, _| [r, &N].concat());
    largest_r_and_s BrokenSignature SignatureInvalid |it| it.with_signature_bytes(&[MOST, MOST].concat());
    swapped_r_and_s BrokenSignature SignatureInvalid |it| halves(it, |r, s| [s, r].concat());
    der_signature OddToken SignatureMalformed |it| it.with_signature_bytes(&der(&it.signature_bytes()));
    signature_of_63_bytes BrokenSignature SignatureMalformed |it| {
        let signature = it.signature_bytes();
        it.with_signature_bytes(signature.split_last().map_or(&[][..], |(_, rest)| rest))
    };
    signature_of_65_bytes OddToken SignatureMalformed |it| {
        it.with_signature_bytes(&[&it.signature_bytes()[..], &[0]].concat())
    };
    signature_twice OddToken SignatureMalformed |it| {
        it.with_signature_bytes(&[it.signature_bytes(), it.signature_bytes()].concat())
    };
}

fn halves(it: &Genuine<'_>, change: fn(&[u8], &[u8]) -> Vec<u8>) -> Delivery {
    let signature = it.signature_bytes();
    let (r, s) = signature.split_at_checked(32).unwrap_or_default();
    it.with_signature_bytes(&change(r, s))
}

/// The same numbers as ASN.1 has them, which OpenSSL writes by default.
fn der(signature: &[u8]) -> Vec<u8> {
    let integers: Vec<u8> = signature.chunks(32).flat_map(integer).collect();
    [&[0x30, u8::try_from(integers.len()).unwrap_or(u8::MAX)], &integers[..]].concat()
}

fn integer(number: &[u8]) -> Vec<u8> {
    let zeros = number.iter().take_while(|&&byte| byte == 0).count();
    let mut digits: Vec<u8> = number.iter().skip(zeros).copied().collect();
    if digits.first().is_none_or(|&first| first >= 0x80) {
        digits.insert(0, 0);
    }
    [&[0x02, u8::try_from(digits.len()).unwrap_or(u8::MAX)], &digits[..]].concat()
}
