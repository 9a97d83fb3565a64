//! ES256 signatures that break the rules of JWS.

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD},
};
use p256::ecdsa::{Signature, VerifyingKey, signature::Verifier as _};
use serde_json::Value;

use super::variant::Change;

const BASE64: &str = "The signer encodes the body with the wrong base64: JWS requires the URL-safe \
                      alphabet without padding. Many bodies look the same in both, so it fails only \
                      now and then.";

/// The right way to encode a body: then only the token is wrong.
const RIGHT: Change = Change {
    holds: "if the rules for tokens are ignored",
    advice: "The key and the body are right, but Topper does not send tokens of this form. Find out \
             what made or changed the token.",
};

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
            holds: "with the body itself instead of its base64",
            advice: "The signer signs the body without encoding it (`b64` of RFC 7797). Topper \
                     does not do that.",
        },
    ),
];

/// All changes, for the test that collects texts.
#[cfg(test)]
pub(super) fn changes() -> Vec<Change> {
    [RIGHT].into_iter().chain(WAYS.iter().map(|(_, change)| *change)).collect()
}

/// The wrong way in which the signature was made.
pub(super) fn find(jwk_text: &str, token: &[u8], body: &[u8]) -> Option<Change> {
    let token = std::str::from_utf8(token).ok()?;
    let (header, signature) = token.split_once("..")?;
    let signature = Signature::from_slice(&URL_SAFE_NO_PAD.decode(signature).ok()?).ok()?;
    let json: Value = serde_json::from_str(jwk_text).ok()?;
    let set = json.get("keys").and_then(Value::as_array).cloned();
    for jwk in set.unwrap_or_else(|| vec![json]) {
        let Some(key) = verifying_key(&jwk) else { continue };
        let right: (Encode, Change) = (|body| URL_SAFE_NO_PAD.encode(body).into_bytes(), RIGHT);
        for (encode, change) in [right].into_iter().chain(WAYS) {
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
