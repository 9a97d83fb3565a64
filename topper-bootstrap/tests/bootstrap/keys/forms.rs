//! Keys of every kind, in every form.

use std::sync::OnceLock;

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use serde_json::{Value, json};

use crate::support::pem;

/// A private key in each form that it can be written in.
pub(crate) struct Forms {
    pub(crate) algorithm: &'static str,
    pub(crate) jwk: Value,
    pub(crate) pem: Vec<String>,
}

impl Forms {
    pub(crate) fn all(&self) -> Vec<String> {
        let mut all = self.pem.clone();
        all.push(self.jwk.to_string());
        all
    }

    /// What one of the PEM forms holds.
    pub(crate) fn der(&self, at: usize) -> Vec<u8> {
        let body: String = self.pem[at].lines().filter(|line| !line.starts_with('-')).collect();
        STANDARD.decode(body).unwrap()
    }

    pub(crate) fn public_jwk(&self) -> Value {
        let mut jwk = self.jwk.clone();
        let fields = jwk.as_object_mut().unwrap();
        fields.retain(|name, _| {
            ["kty", "crv", "x", "y", "n", "e", "alg", "kid"].contains(&name.as_str())
        });
        jwk
    }

    /// What no text may show: the private parts, and pieces of each form's own text.
    pub(crate) fn secrets(&self) -> Vec<String> {
        let mut secrets = Vec::new();
        for (name, value) in self.jwk.as_object().unwrap() {
            if ["d", "p", "q", "dp", "dq", "qi"].contains(&name.as_str()) {
                secrets.push(value.as_str().unwrap().to_owned());
            }
        }
        for pem in &self.pem {
            let lines = pem.lines().filter(|line| !line.starts_with('-') && line.len() > 20);
            secrets.extend(lines.map(|line| line[..20].to_owned()));
        }
        // A part of a secret is a secret.
        let halves: Vec<String> =
            secrets.iter().map(|secret| secret[..secret.len() / 2].to_owned()).collect();
        // The lines of a PEM also hold the public part.
        let public = self.public_jwk().to_string();
        let is_private =
            |secret: &String| !public.contains(&secret.replace('+', "-").replace('/', "_"));
        [secrets, halves].concat().into_iter().filter(is_private).collect()
    }
}

pub(crate) fn elliptic(algorithm: &'static str) -> Forms {
    use aws_lc_rs::{
        encoding::{AsBigEndian as _, AsDer as _, EcPrivateKeyBin, EcPrivateKeyRfc5915Der},
        signature::{
            ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING,
            ECDSA_P521_SHA512_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _,
        },
    };

    let (signing, curve) = match algorithm {
        "ES256" => (&ECDSA_P256_SHA256_FIXED_SIGNING, "P-256"),
        "ES384" => (&ECDSA_P384_SHA384_FIXED_SIGNING, "P-384"),
        _ => (&ECDSA_P521_SHA512_FIXED_SIGNING, "P-521"),
    };
    let pair = EcdsaKeyPair::generate(signing).unwrap();
    let point = pair.public_key().as_ref()[1..].to_vec();
    let (x, y) = point.split_at(point.len() / 2);
    let d: EcPrivateKeyBin<'_> = pair.private_key().as_be_bytes().unwrap();
    let sec1: EcPrivateKeyRfc5915Der<'_> = pair.private_key().as_der().unwrap();
    Forms {
        algorithm,
        jwk: json!({
            "kty": "EC",
            "crv": curve,
            "x": URL_SAFE_NO_PAD.encode(x),
            "y": URL_SAFE_NO_PAD.encode(y),
            "d": URL_SAFE_NO_PAD.encode(d.as_ref()),
        }),
        pem: vec![
            pem("PRIVATE KEY", pair.to_pkcs8v1().unwrap().as_ref()),
            pem("EC PRIVATE KEY", sec1.as_ref()),
        ],
    }
}

/// One key of 2048 bits for all tests: making one takes a while.
pub(crate) fn rsa(algorithm: &'static str) -> Forms {
    use aws_lc_rs::{
        encoding::{AsDer as _, Pkcs8V1Der},
        rsa::{KeyPair, KeySize},
    };

    static KEY: OnceLock<Vec<u8>> = OnceLock::new();
    let pkcs8 = KEY.get_or_init(|| {
        let pair = KeyPair::generate(KeySize::Rsa2048).unwrap();
        let der: Pkcs8V1Der<'_> = pair.as_der().unwrap();
        der.as_ref().to_vec()
    });
    // Two sequences with a version in front, and the key as the octets at the end.
    let inner = &pkcs8[pkcs8.windows(2).skip(4).position(|it| it == [0x30, 0x82]).unwrap() + 4..];
    let numbers = integers(inner);
    let field = |at: usize| URL_SAFE_NO_PAD.encode(&numbers[at]);
    Forms {
        algorithm,
        jwk: json!({
            "kty": "RSA", "alg": algorithm, "n": field(1), "e": field(2), "d": field(3),
            "p": field(4), "q": field(5), "dp": field(6), "dq": field(7), "qi": field(8),
        }),
        pem: vec![pem("PRIVATE KEY", pkcs8), pem("RSA PRIVATE KEY", inner)],
    }
}

/// The numbers in a sequence in DER, without leading zeros.
pub(crate) fn integers(der: &[u8]) -> Vec<Vec<u8>> {
    let mut rest = &der[4..];
    let mut numbers = Vec::new();
    while let [2, length, tail @ ..] = rest {
        let (length, tail) = match length {
            0x81 => (usize::from(tail[0]), &tail[1..]),
            0x82 => (usize::from(tail[0]) << 8 | usize::from(tail[1]), &tail[2..]),
            _ => (usize::from(*length), tail),
        };
        let number = &tail[..length];
        let start = number.iter().position(|byte| *byte != 0).unwrap_or(0);
        numbers.push(number[start..].to_vec());
        rest = &tail[length..];
    }
    numbers
}

/// An integer in DER.
pub(crate) fn integer(number: &[u8]) -> Vec<u8> {
    let length = u16::try_from(number.len() + 1).unwrap().to_be_bytes();
    [&[2, 0x82], length.as_slice(), &[0], number].concat()
}

/// An RSA key of another size, whose numbers make no sense.
pub(crate) fn rsa_of_bits(bits: usize) -> String {
    let number = vec![0xa5; bits / 8];
    let parts: Vec<u8> = [&[0][..], &number, &[1, 0, 1]]
        .into_iter()
        .chain(std::iter::repeat_n(number.as_slice(), 6))
        .flat_map(integer)
        .collect();
    let length = u16::try_from(parts.len()).unwrap().to_be_bytes();
    pem("RSA PRIVATE KEY", &[&[0x30, 0x82], length.as_slice(), &parts].concat())
}
