//! How a token may have been changed on its way.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use p256::ecdsa::Signature;
use topper_core::protocol::SIGNATURE_HEADER;

use super::variant::{Change, Variant};

/// One thing that is undone; `None` when there is nothing to undo.
type Undo = fn(&str) -> Option<String>;

const CHANGES: [(Undo, Change); 4] = [
    (
        cleaned,
        Change {
            holds: "without the text around the token",
            advice: "Pass only the value of the header to the verifier: no quotes, spaces or scheme.",
        },
    ),
    (
        detached,
        Change {
            holds: "without the payload in the token",
            advice: "In Topper's token, nothing is between the two dots. Something has inserted the \
                     payload; pass the header on unchanged.",
        },
    ),
    (
        url_safe,
        Change {
            holds: "with the token in URL-safe base64 without padding",
            advice: "The token was encoded again with standard base64. Pass the header on unchanged: \
                     it uses `-` and `_`, and no `=` (RFC 7515, section 2).",
        },
    ),
    (
        joined,
        Change {
            holds: "with the signature as r and s of 32 bytes each",
            advice: "The signature is in DER, as many libraries write it. A JWS contains r and s, \
                     one after the other (RFC 7518, section 3.4).",
        },
    ),
];

/// All changes, for the test that collects texts.
#[cfg(test)]
pub(super) fn changes() -> Vec<Change> {
    CHANGES.iter().map(|(_, change)| *change).collect()
}

/// The token as it is, and with everything undone that can be, the fewest changes first.
pub(super) fn variants(token: &[u8]) -> Vec<Variant> {
    let Ok(token) = std::str::from_utf8(token) else { return Vec::new() };
    let mut variants = vec![Variant { bytes: token.as_bytes().to_vec(), changes: Vec::new() }];
    // Several changes can occur together.
    for (undo, change) in CHANGES {
        for index in 0..variants.len() {
            let Some(variant) = variants.get(index) else { break };
            let Some(undone) = std::str::from_utf8(&variant.bytes).ok().and_then(undo) else {
                continue;
            };
            let changes = [&variant.changes[..], &[change]].concat();
            variants.push(Variant { bytes: undone.into_bytes(), changes });
        }
    }
    variants
}

/// The payload that a token carries.
pub(super) fn payload(token: &[u8]) -> Option<Vec<u8>> {
    let token = cleaned(std::str::from_utf8(token).ok()?)
        .unwrap_or_else(|| String::from_utf8_lossy(token).into_owned());
    let payload = token.split('.').nth(1).filter(|payload| !payload.is_empty())?;
    let payload = url_safe(payload).unwrap_or_else(|| payload.to_owned());
    URL_SAFE_NO_PAD.decode(payload).ok()
}

fn changed(before: &str, after: String) -> Option<String> {
    (before != after).then_some(after)
}

fn cleaned(token: &str) -> Option<String> {
    let around = |c: char| c.is_whitespace() || matches!(c, '"' | '\'');
    let mut inner = token.trim_matches(around);
    if let Some((name, value)) = inner.split_once(':')
        && name.trim().eq_ignore_ascii_case(SIGNATURE_HEADER)
    {
        inner = value.trim_matches(around);
    }
    let inner = inner.strip_prefix("Bearer ").unwrap_or(inner);
    changed(token, inner.chars().filter(|c| !c.is_whitespace()).collect())
}

fn detached(token: &str) -> Option<String> {
    let (header, rest) = token.split_once('.')?;
    let (payload, signature) = rest.split_once('.')?;
    (!payload.is_empty()).then(|| format!("{header}..{signature}"))
}

fn url_safe(token: &str) -> Option<String> {
    changed(token, token.replace('+', "-").replace('/', "_").replace('=', ""))
}

fn joined(token: &str) -> Option<String> {
    let (header, signature) = token.rsplit_once('.')?;
    let der = URL_SAFE_NO_PAD.decode(signature).ok()?;
    let signature = Signature::from_der(&der).ok()?;
    Some(format!("{header}.{}", URL_SAFE_NO_PAD.encode(signature.to_bytes())))
}
