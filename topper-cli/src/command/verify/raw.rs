//! ES256 over a signing input that the rules of JWS would not make.

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD},
};
use p256::ecdsa::{Signature, VerifyingKey, signature::Verifier as _};
use serde_json::Value;

use super::variant::Change;

const BASE64: &str = "The signer encodes the body with a base64 that JWS does not use: it must be \
                      URL-safe and without padding. With most bodies the two give the same, so it \
                      fails now and then only.";

type Encode = fn(&[u8]) -> Vec<u8>;

/// The wrong ways to encode a body.
const WAYS: [(Encode, Change); 4] = [
    (
        |body| STANDARD.encode(body).into_bytes(),
        Change { holds: "with the body in standard base64", advice: BASE64 },
    ),
    (
        |body| STANDARD_NO_PAD.encode(body).into_bytes(),
        Change { holds: "with the body in standard base64 without padding", advice: BASE64 },
    ),
    (
        |body| URL_SAFE.encode(body).into_bytes(),
        Change { holds: "with the body in URL-safe base64 with padding", advice: BASE64 },
    ),
    (
        <[u8]>::to_vec,
        Change {
            holds: "with the body itself in place of its base64",
            advice: "The signer signs the body without encoding it (`b64` of RFC 7797), which \
                     Topper does not.",
        },
    ),
];

/// The wrong way by which the signature holds.
pub(super) fn find(jwk_text: &str, token: &[u8], body: &[u8]) -> Option<Change> {
    let token = std::str::from_utf8(token).ok()?;
    let (header, signature) = token.split_once("..")?;
    let signature = Signature::from_slice(&URL_SAFE_NO_PAD.decode(signature).ok()?).ok()?;
    let json: Value = serde_json::from_str(jwk_text).ok()?;
    let set = json.get("keys").and_then(Value::as_array).cloned();
    for jwk in set.unwrap_or_else(|| vec![json]) {
        let Some(key) = verifying_key(&jwk) else { continue };
        for (encode, change) in WAYS {
            let input = [header.as_bytes(), b".", &encode(body)].concat();
            if key.verify(&input, &signature).is_ok() {
                return Some(change);
            }
        }
    }
    None
}

fn verifying_key(jwk: &Value) -> Option<VerifyingKey> {
    let coordinate = |name| URL_SAFE_NO_PAD.decode(jwk.get(name)?.as_str()?).ok();
    let point = [vec![4], coordinate("x")?, coordinate("y")?].concat();
    VerifyingKey::from_sec1_bytes(&point).ok()
}
