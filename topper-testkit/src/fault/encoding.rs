//! The token is not of the compact detached form, or not in canonical base64url.

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};

use super::faults;

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

faults! {
    empty_token Unsigned SignatureMalformed |it| it.with_token("");
    header_alone Unsigned SignatureMalformed |it| it.with_token(format!("{}..", it.header));
    signature_alone Unsigned SignatureMalformed |it| it.with_token(format!("..{}", it.signature));
    no_dot OddToken SignatureMalformed |it| it.with_token(format!("{}{}", it.header, it.signature));
    one_dot OddToken SignatureMalformed |it| it.with_token(format!("{}.{}", it.header, it.signature));
    three_dots OddToken SignatureMalformed |it| it.with_token(format!("{}...{}", it.header, it.signature));
    four_dots OddToken SignatureMalformed |it| it.with_token(format!("{}....{}", it.header, it.signature));
    trailing_dot OddToken SignatureMalformed |it| it.with_token(format!("{}.", it.token()));
    attached_payload OddToken SignatureMalformed |it| {
        it.with_token(format!("{}.{}.{}", it.header, encode(it.body), it.signature))
    };
    attached_other_payload OddToken SignatureMalformed |it| {
        it.with_token(format!("{}.{}.{}", it.header, encode("{}"), it.signature))
    };
    padded_signature OddToken SignatureMalformed |it| it.with_token(format!("{}==", it.token()));
    padded_header OddToken SignatureMalformed |it| it.with_token(format!("{}=..{}", it.header, it.signature));
    standard_alphabet OddToken SignatureMalformed |it| {
        // One token in fifteen has no character that the two alphabets spell apart, and the same
        // key signs the same bytes the same way: so another header.
        let mut tokens = (0..).map(|n| {
            it.key.sign_with_header(format!(r#"{{"alg":"ES256","n":{n}}}"#), it.body)
        });
        let token = tokens.find(|token| token.contains(['-', '_'])).unwrap_or_default();
        it.with_token(token.replace('-', "+").replace('_', "/"))
    };
    standard_base64 OddToken SignatureMalformed |it| {
        it.with_token(format!("{}..{}", it.header, STANDARD.encode(it.signature_bytes())))
    };
    non_canonical_trailing_bits OddToken SignatureMalformed |it| {
        let (rest, last) = it.signature.split_at(it.signature.len().saturating_sub(1));
        let place = ALPHABET.iter().position(|&letter| last.as_bytes() == [letter]);
        let next = place.and_then(|place| ALPHABET.get(place + 1)).copied().unwrap_or(b'_');
        it.with_token(format!("{}..{rest}{}", it.header, char::from(next)))
    };
    space_inside OddToken SignatureMalformed |it| it.with_token(format!("{}.. {}", it.header, it.signature));
    tab_inside OddToken SignatureMalformed |it| it.with_token(format!("{}\t..{}", it.header, it.signature));
    bearer_scheme OddToken SignatureMalformed |it| it.with_token(format!("Bearer {}", it.token()));
    quoted_token OddToken SignatureMalformed |it| it.with_token(format!("\"{}\"", it.token()));
    byte_that_is_not_ascii OddToken SignatureMalformed |it| {
        it.with_token(format!("{}\u{e9}", it.token()))
    };
    flattened_json OddToken SignatureMalformed |it| {
        it.with_token(format!(r#"{{"protected":"{}","signature":"{}"}}"#, it.header, it.signature))
    };
    general_json OddToken SignatureMalformed |it| {
        it.with_token(format!(
            r#"{{"signatures":[{{"protected":"{}","signature":"{}"}}]}}"#,
            it.header, it.signature,
        ))
    };
}

pub(super) fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

pub(super) fn decode(text: &str) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(text).unwrap_or_default()
}
