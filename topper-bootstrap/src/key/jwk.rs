//! A private key as a JWK (RFC 7517; RFC 7518, section 6).

use std::fmt;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{
    Deserialize,
    de::{Deserializer, Error, IgnoredAny, Visitor},
};
use zeroize::Zeroizing;

use super::{EcKey, Material, Read, RsaKey, Secret, der};
use crate::{Algorithm, PrivateKeyError, algorithm::Curve};

#[derive(Deserialize)]
struct Jwk {
    kty: Option<Text>,
    crv: Option<Text>,
    alg: Option<Text>,
    r#use: Option<Text>,
    key_ops: Option<Vec<Text>>,
    x: Option<Text>,
    y: Option<Text>,
    n: Option<Text>,
    e: Option<Text>,
    d: Option<Text>,
    p: Option<Text>,
    q: Option<Text>,
    dp: Option<Text>,
    dq: Option<Text>,
    qi: Option<Text>,
    /// More than two primes, which no back end takes.
    oth: Option<IgnoredAny>,
    k: Option<IgnoredAny>,
    /// A JWK Set.
    keys: Option<IgnoredAny>,
}

pub(super) fn read(json: &str) -> Result<Read, PrivateKeyError> {
    let jwk: Jwk = serde_json::from_str(json).map_err(|_| PrivateKeyError::Unreadable)?;
    if jwk.keys.is_some() {
        return Err(PrivateKeyError::Set);
    }
    let material = match text(&jwk.kty) {
        Some("EC") => jwk.elliptic()?,
        Some("RSA") => jwk.rsa()?,
        None if jwk.k.is_none() => return Err(PrivateKeyError::Missing("kty")),
        _ => return Err(PrivateKeyError::KeyType),
    };
    let is_for_signing = text(&jwk.r#use).is_none_or(|purpose| purpose == "sig")
        && jwk.key_ops.as_ref().is_none_or(|all| all.iter().any(|it| it.0.as_str() == "sign"));
    if !is_for_signing {
        return Err(PrivateKeyError::Use);
    }
    let algorithm = text(&jwk.alg).map(str::parse::<Algorithm>).transpose()?;
    Ok(Read { material, algorithm })
}

impl Jwk {
    fn elliptic(&self) -> Result<Material, PrivateKeyError> {
        let name = text(&self.crv).ok_or(PrivateKeyError::Missing("crv"))?;
        let mut curves = Curve::ALL.into_iter();
        let curve = curves.find(|it| it.name() == name).ok_or(PrivateKeyError::Curve)?;
        let coordinate = |name, value: &Option<Text>| {
            let bytes = decode(name, value)?;
            let is_whole = bytes.len() == curve.bytes();
            if is_whole { Ok(bytes) } else { Err(PrivateKeyError::Encoding(name)) }
        };
        if self.d.is_none() {
            return Err(PrivateKeyError::Public);
        }
        let (x, y) = (coordinate("x", &self.x)?, coordinate("y", &self.y)?);
        let point = Some([&[4], x.as_slice(), y.as_slice()].concat());
        Ok(Material::Ec(EcKey { curve, d: coordinate("d", &self.d)?, point }))
    }

    fn rsa(&self) -> Result<Material, PrivateKeyError> {
        if self.d.is_none() {
            return Err(PrivateKeyError::Public);
        }
        if self.oth.is_some() {
            return Err(PrivateKeyError::KeyType);
        }
        let (n, e) = (decode("n", &self.n)?, decode("e", &self.e)?);
        let (d, p, q) = (decode("d", &self.d)?, decode("p", &self.p)?, decode("q", &self.q)?);
        let (dp, dq) = (decode("dp", &self.dp)?, decode("dq", &self.dq)?);
        let qi = decode("qi", &self.qi)?;
        let pkcs1 = der::of_numbers([&n, &e, &d, &p, &q, &dp, &dq, &qi]);
        Ok(Material::Rsa(RsaKey { pkcs1, n: n.to_vec(), e: e.to_vec() }))
    }
}

fn text(field: &Option<Text>) -> Option<&str> {
    field.as_ref().map(|text| text.0.as_str())
}

fn decode(name: &'static str, value: &Option<Text>) -> Result<Secret, PrivateKeyError> {
    let text = text(value).ok_or(PrivateKeyError::Missing(name))?;
    let mut bytes = Zeroizing::new(vec![0; text.len()]);
    let written = URL_SAFE_NO_PAD
        .decode_slice(text, &mut bytes)
        .map_err(|_| PrivateKeyError::Encoding(name))?;
    bytes.truncate(written);
    if bytes.is_empty() { Err(PrivateKeyError::Encoding(name)) } else { Ok(bytes) }
}

/// Text that is overwritten when it is dropped.
struct Text(Zeroizing<String>);

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(TextVisitor)
    }
}

struct TextVisitor;

impl Visitor<'_> for TextVisitor {
    type Value = Text;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("text")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Text, E> {
        Ok(Text(Zeroizing::new(text.to_owned())))
    }
}
