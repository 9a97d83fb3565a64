//! From a JWK to a key that is known to work.

use std::sync::Arc;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, AlgorithmFamily};
use serde::{Deserialize, de::IgnoredAny};
use serde_json::value::RawValue;

use super::{Parts, PublicKey};
use crate::{Backend, KeyError, backend::Material};

/// The fields that are used (RFC 7517, RFC 7518, RFC 8037).
#[derive(Default, Deserialize)]
pub(super) struct Jwk {
    kty: Option<String>,
    crv: Option<String>,
    alg: Option<String>,
    kid: Option<String>,
    r#use: Option<String>,
    key_ops: Option<Vec<String>>,
    x: Option<String>,
    y: Option<String>,
    n: Option<String>,
    e: Option<String>,
    d: Option<IgnoredAny>,
    p: Option<IgnoredAny>,
    q: Option<IgnoredAny>,
    dp: Option<IgnoredAny>,
    dq: Option<IgnoredAny>,
    qi: Option<IgnoredAny>,
    oth: Option<IgnoredAny>,
    k: Option<IgnoredAny>,
    r#priv: Option<IgnoredAny>,
}

impl Jwk {
    pub(super) fn parse(text: &RawValue) -> Result<Self, KeyError> {
        // serde would accept an array as a struct.
        if !text.get().starts_with('{') {
            return Err(KeyError::Unreadable);
        }
        serde_json::from_str(text.get()).map_err(|_| KeyError::Unreadable)
    }

    /// The P-256 key of a point, from its two coordinates in a row.
    pub(super) fn of_point(point: &[u8]) -> Self {
        let (x, y) = point.split_at(point.len() / 2);
        Self {
            kty: Some("EC".to_owned()),
            crv: Some("P-256".to_owned()),
            x: Some(URL_SAFE_NO_PAD.encode(x)),
            y: Some(URL_SAFE_NO_PAD.encode(y)),
            ..Self::default()
        }
    }

    /// Whether a JWK Set can be used without this key (RFC 7517, section 5): the key is complete, but
    /// for another purpose or of an unsupported kind. A damaged key, or one with a private part, is a
    /// mistake to correct.
    pub(super) fn is_ignorable(&self, problem: KeyError) -> bool {
        match problem {
            KeyError::KeyType => self.kty.is_some(),
            KeyError::Curve => self.crv.is_some(),
            KeyError::Use | KeyError::Operations => true,
            KeyError::AlgorithmMissing | KeyError::Unsupported => true,
            KeyError::Algorithm => self.alg.as_deref().is_some_and(is_for_encryption),
            // The key value is the only part of an `oct` key.
            KeyError::Private => self.kty.as_deref() == Some("oct"),
            _ => false,
        }
    }

    pub(super) fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    pub(super) fn check(&self, backend: Backend) -> Result<PublicKey, KeyError> {
        if self.has_private_part() {
            return Err(KeyError::Private);
        }
        let (family, implied) = self.family()?;
        if self.r#use.as_deref().is_some_and(|r#use| r#use != "sig") {
            return Err(KeyError::Use);
        }
        if self
            .key_ops
            .as_ref()
            .is_some_and(|operations| !operations.iter().any(|it| it == "verify"))
        {
            return Err(KeyError::Operations);
        }
        let algorithm = match self.alg.as_deref() {
            Some(name) => super::algorithm(name).ok_or(KeyError::Algorithm)?,
            None => implied.ok_or(KeyError::AlgorithmMissing)?,
        };
        // A curve has one algorithm. An RSA key can be for any algorithm of its family.
        if algorithm.family() != family || implied.is_some_and(|implied| implied != algorithm) {
            return Err(KeyError::Algorithm);
        }
        let (material, signature_len) = self.material(algorithm)?;
        Ok(PublicKey(Arc::new(Parts {
            verifier: backend.verifier(algorithm, &material)?,
            signature_len,
            key_id: self.kid.as_deref().map(Into::into),
            thumbprint: self.thumbprint(backend).ok_or(KeyError::Unsupported)?.into(),
            jwk: self.to_text(algorithm).ok_or(KeyError::Unsupported)?.into(),
        })))
    }

    fn has_private_part(&self) -> bool {
        [&self.d, &self.p, &self.q, &self.dp, &self.dq, &self.qi, &self.oth, &self.k, &self.r#priv]
            .into_iter()
            .any(Option::is_some)
    }

    /// The family of algorithms, and the algorithm that follows from the curve.
    fn family(&self) -> Result<(AlgorithmFamily, Option<Algorithm>), KeyError> {
        let curve = self.crv.as_deref();
        match self.kty.as_deref() {
            Some("EC") => match curve {
                Some("P-256") => Ok((AlgorithmFamily::Ec, Some(Algorithm::ES256))),
                Some("P-384") => Ok((AlgorithmFamily::Ec, Some(Algorithm::ES384))),
                _ => Err(KeyError::Curve),
            },
            Some("RSA") => Ok((AlgorithmFamily::Rsa, None)),
            _ => Err(KeyError::KeyType),
        }
    }

    /// The key itself, and the length of its signatures in bytes.
    fn material(&self, algorithm: Algorithm) -> Result<(Material, usize), KeyError> {
        let coordinate = |name, value: &Option<String>, len| {
            let bytes = decode(name, value)?;
            if bytes.len() == len { Ok(bytes) } else { Err(KeyError::Encoding(name)) }
        };
        let elliptic = |len| {
            let point =
                [vec![4], coordinate("x", &self.x, len)?, coordinate("y", &self.y, len)?].concat();
            Ok((Material::Point(point), 2 * len))
        };
        match algorithm {
            Algorithm::ES256 => elliptic(32),
            Algorithm::ES384 => elliptic(48),
            _ => self.rsa(),
        }
    }

    fn rsa(&self) -> Result<(Material, usize), KeyError> {
        let (n, e) = (decode("n", &self.n)?, decode("e", &self.e)?);
        let is_odd = |number: &[u8]| number.last().is_some_and(|last| last % 2 == 1);
        let bits = n.len() * 8 - n.first().map_or(0, |first| first.leading_zeros() as usize);
        // An exponent of 3 to 2^33 - 1, which the back end accepts.
        let exponent =
            (e.len() <= 5).then(|| e.iter().fold(0_u64, |sum, &byte| sum << 8 | u64::from(byte)));
        let usable = (2048..=8192).contains(&bits)
            && n.first() != Some(&0)
            && is_odd(&n)
            && is_odd(&e)
            && exponent.is_some_and(|exponent| (3..1 << 33).contains(&exponent));
        if usable { Ok((Material::Rsa { n, e }, bits.div_ceil(8))) } else { Err(KeyError::Rsa) }
    }

    /// RFC 7638: the required fields in alphabetical order, without white space. There is none for a
    /// shared secret, because it would help to guess the secret.
    pub(super) fn thumbprint(&self, backend: Backend) -> Option<String> {
        let digest = backend.sha256(format!("{{{}}}", self.required()?).as_bytes())?;
        Some(URL_SAFE_NO_PAD.encode(digest))
    }

    /// The key with its algorithm and its id, and nothing else.
    fn to_text(&self, algorithm: Algorithm) -> Option<String> {
        let mut text = format!("{{{},\"alg\":\"{}\"", self.required()?, super::name(algorithm));
        if let Some(kid) = &self.kid {
            text.push_str(",\"kid\":");
            text.push_str(&serde_json::to_string(kid).ok()?);
        }
        text.push('}');
        Some(text)
    }

    /// The required fields in alphabetical order, as JSON.
    fn required(&self) -> Option<String> {
        let fields: &[(&str, &Option<String>)] = match self.kty.as_deref()? {
            "EC" => &[("crv", &self.crv), ("kty", &self.kty), ("x", &self.x), ("y", &self.y)],
            "RSA" => &[("e", &self.e), ("kty", &self.kty), ("n", &self.n)],
            "OKP" => &[("crv", &self.crv), ("kty", &self.kty), ("x", &self.x)],
            _ => return None,
        };
        let fields: Option<Vec<String>> = fields
            .iter()
            .map(|(name, value)| {
                Some(format!("\"{name}\":{}", serde_json::to_string(value.as_deref()?).ok()?))
            })
            .collect();
        Some(fields?.join(","))
    }
}

/// The JWE algorithms of asymmetric keys (RFC 7518, section 4.1).
fn is_for_encryption(algorithm: &str) -> bool {
    ["RSA1_5", "RSA-OAEP", "ECDH-ES"].iter().any(|start| algorithm.starts_with(start))
}

fn decode(name: &'static str, value: &Option<String>) -> Result<Vec<u8>, KeyError> {
    let text = value.as_deref().ok_or(KeyError::Missing(name))?;
    URL_SAFE_NO_PAD.decode(text).map_err(|_| KeyError::Encoding(name))
}
