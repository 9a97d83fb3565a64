//! What is tried.

use std::error::Error;

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE, URL_SAFE_NO_PAD},
};
use serde_json::{Value, json};
use topper_core::{EventName, protocol::SIGNATURE_HEADER};
use topper_testkit::{Delivery, Fault, TestKey};

use super::{KEYS, Vector};
use crate::generate::example;

/// Source: the example in "Verifying a request" of Topper's webhook documentation.
const PUBLISHED_KEY: &str = r#"{"x":"7-INQ150R-MCWlj5X_wyGLRIRYAA-o8NakJiUq7gOGg","y":"dM-GsyJvdDOuALE3l-U9lPL8V3gY_5BPjLH539yTdKU","alg":"ES256","crv":"P-256","kid":"15a5142e-c20f-466e-8132-234dbdae97e7","kty":"EC"}"#;
const PUBLISHED_BODY: &str = r#"{"foo":"bar"}"#;
const PUBLISHED_TOKEN: &str = "eyJhbGciOiJFUzI1NiJ9..2H0Ypm5sVzuSpgyZySdAJan05lYxctqhmO8btghFQQzkisvSlNvNWzQ1kqTPXTLP_dR4zQZrTsSsShAK51I4EQ";

const HEADER: &str = r#"{"alg":"ES256"}"#;

/// Bodies whose base64 has a character that the two alphabets spell apart.
const OTHER_ALPHABET: [(&str, &str); 4] = [
    ("question marks", r#"{"a":"xx?"}"#),
    ("greater-than signs", r#"{"a":"xx>"}"#),
    ("text outside ASCII", r#"{"name":"ÿûïé"}"#),
    ("a page with a query", r#"{"url":"https://example.com/?q=???&r=>>>"}"#),
];

/// Where RFC 7515 alone lets an implementation choose.
const DEBATABLE: [(&str, &str); 8] = [
    ("b64_true", "b64 with the value true is the default"),
    ("duplicate_alg", "a parser may use the last of two fields"),
    ("duplicate_alg_none", "a parser may use the last of two fields"),
    ("duplicate_unknown_member", "a parser may use the last of two fields"),
    ("kid_number", "kid may be ignored where there is one key"),
    ("non_canonical_trailing_bits", "a lenient decoder ignores these bits"),
    ("oversized_header", "each implementation has its own size limit"),
    ("unknown_kid", "kid may be ignored where there is one key"),
];

/// The configured key, and one that is not.
struct Keys {
    own: TestKey,
    stranger: TestKey,
}

impl Keys {
    fn vector(&self, accept: bool, body: &[u8], token: String, why: &str) -> Vector {
        Vector {
            id: String::new(),
            key: serde_json::from_str(&self.own.public_jwk()).unwrap_or_default(),
            body: body.to_vec(),
            token,
            accept,
            debatable: None,
            why: why.to_owned(),
        }
    }
}

/// All vectors, numbered.
pub(super) fn all() -> Result<Vec<Vector>, Box<dyn Error>> {
    let [own, stranger] = KEYS;
    let keys = Keys { own: TestKey::from_jwk(own)?, stranger: TestKey::from_jwk(stranger)? };
    let mut vectors: Vec<Vector> = [
        vec![published(&keys)?],
        accepted_bodies(&keys)?,
        accepted_headers_and_keys(&keys)?,
        wrongly_encoded_bodies(&keys)?,
        strangers(&keys),
        faults(&keys)?,
    ]
    .into_iter()
    .flatten()
    .collect();
    for (index, vector) in vectors.iter_mut().enumerate() {
        vector.id = format!("topper-{:03}", index + 1);
    }
    Ok(vectors)
}

fn published(keys: &Keys) -> Result<Vector, Box<dyn Error>> {
    let (body, token) = (PUBLISHED_BODY.as_bytes(), PUBLISHED_TOKEN.to_owned());
    let vector = keys.vector(true, body, token, "the example of Topper's documentation");
    Ok(Vector { key: serde_json::from_str(PUBLISHED_KEY)?, ..vector })
}

fn accepted_bodies(keys: &Keys) -> Result<Vec<Vector>, Box<dyn Error>> {
    let mut vectors = Vec::new();
    let long = format!(r#"{{"text":"{}"}}"#, "long ".repeat(1000));
    let bodies: [(&[u8], &str); 9] = [
        (b"", "an empty body"),
        (b"0", "a body of one byte"),
        (b"[]", "a body of two bytes"),
        (b"{}\n", "a body that ends with a line feed, which is signed too"),
        (b"{ \"b\" : 1,\r\n  \"a\" : 2 }", "white space and order are signed unchanged"),
        (b"\xef\xbb\xbf{}", "a byte order mark is signed too"),
        (b"{\"price\":1.10}", "a number that parsing and serialising would change"),
        (b"\xff\xfe\x00", "bytes that are not text"),
        (long.as_bytes(), "a body of five thousand bytes"),
    ];
    for (body, why) in bodies {
        vectors.push(keys.vector(true, body, keys.own.sign(body), why));
    }
    for (what, body) in OTHER_ALPHABET {
        let why = format!("{what}: base64 of the body needs the URL-safe alphabet");
        vectors.push(keys.vector(true, body.as_bytes(), keys.own.sign(body.as_bytes()), &why));
    }
    for &name in EventName::ALL {
        for example in example::of(name)?.into_iter().take(1) {
            let body = example.to_string();
            vectors.push(keys.vector(
                true,
                body.as_bytes(),
                keys.own.sign(body.as_bytes()),
                name.as_str(),
            ));
        }
    }
    Ok(vectors)
}

fn accepted_headers_and_keys(keys: &Keys) -> Result<Vec<Vector>, Box<dyn Error>> {
    let mut vectors = Vec::new();
    let body = example::unknown().to_string().into_bytes();
    let own_kid = format!(r#"{{"alg":"ES256","kid":"{}"}}"#, keys.own.key_id());
    for (header, why) in [
        (own_kid.as_str(), "a header with the key's kid"),
        (r#"{"alg":"ES256","typ":"JWT"}"#, "a header with a type"),
        (r#"{ "alg" : "ES256" }"#, "a header with white space, signed unchanged"),
        (r#"{"x":{"y":[1]},"alg":"ES256"}"#, "a header with unknown fields"),
    ] {
        vectors.push(keys.vector(true, &body, keys.own.sign_with_header(header, &body), why));
    }
    let token = keys.own.sign(&body);
    vectors.push(keys.vector(
        true,
        &body,
        other_half(&token)?,
        "the other of the two values of s that verify",
    ));
    for (member, value, why) in [
        ("alg", Value::Null, "a key without alg"),
        ("kid", Value::Null, "a key without kid"),
        ("use", json!("sig"), "a key that says it is for signatures"),
        ("key_ops", json!(["verify"]), "a key that says it verifies"),
    ] {
        let mut vector = keys.vector(true, &body, keys.own.sign(&body), why);
        if let Some(members) = vector.key.as_object_mut() {
            members.remove(member);
            if !value.is_null() {
                members.insert(member.to_owned(), value);
            }
        }
        vectors.push(vector);
    }
    Ok(vectors)
}

/// Signatures over a body in another encoding than the one of RFC 7515.
fn wrongly_encoded_bodies(keys: &Keys) -> Result<Vec<Vector>, Box<dyn Error>> {
    let mut vectors = Vec::new();
    for (what, body) in OTHER_ALPHABET {
        let body = body.as_bytes();
        let encoded = STANDARD.encode(body);
        if !encoded.contains(['+', '/']) {
            return Err(format!("{what}: both alphabets spell the body alike").into());
        }
        let token = keys.own.sign_unencoded(HEADER, encoded.as_bytes());
        let why = format!("{what}: signed over base64 of the standard alphabet");
        vectors.push(keys.vector(false, body, token, &why));
    }
    let body = b"{}";
    let padded = URL_SAFE.encode(body);
    let token = keys.own.sign_unencoded(HEADER, padded.as_bytes());
    vectors.push(keys.vector(false, body, token, "signed over base64 with padding"));
    let token = keys.own.sign_unencoded(HEADER, body);
    vectors.push(keys.vector(false, body, token, "signed over the body without base64"));
    Ok(vectors)
}

/// What a second key signs, though the first one is configured.
fn strangers(keys: &Keys) -> Vec<Vector> {
    let mut vectors = Vec::new();
    let body = example::unknown().to_string().into_bytes();
    let claimed = format!(r#"{{"alg":"ES256","kid":"{}"}}"#, keys.own.key_id());
    let brought = format!(r#"{{"alg":"ES256","jwk":{}}}"#, keys.stranger.public_jwk());
    let spki = STANDARD.encode(keys.stranger.public_spki());
    let chain = format!(r#"{{"alg":"ES256","x5c":["{spki}"]}}"#);
    for (header, why) in [
        (HEADER, "wrong key"),
        (claimed.as_str(), "wrong key under the right kid"),
        (brought.as_str(), "a key in the token as jwk"),
        (chain.as_str(), "a key in the token as x5c"),
        (r#"{"alg":"ES256","jku":"https://example.com/keys.json"}"#, "a key behind jku"),
        (r#"{"alg":"ES256","x5u":"https://example.com/chain.pem"}"#, "a key behind x5u"),
    ] {
        vectors.push(keys.vector(false, &body, keys.stranger.sign_with_header(header, &body), why));
    }
    vectors
}

/// The testkit's faults that are about a key, a body and one token.
fn faults(keys: &Keys) -> Result<Vec<Vector>, Box<dyn Error>> {
    let mut vectors = Vec::new();
    let body = example::of(EventName::UserCreated)?.into_iter().next().unwrap_or_default();
    let body = body.to_string().into_bytes();
    for fault in Fault::all() {
        let forged = fault.forge(&keys.own, &body);
        if forged != fault.forge(&keys.own, &body) {
            continue; // It makes a key of its own, another one each time: see `strangers`.
        }
        let Some(token) = only_token(&forged) else { continue };
        let mut vector = keys.vector(false, &forged.body, token, &fault.name().replace('_', " "));
        vector.debatable =
            DEBATABLE.iter().find(|(name, _)| *name == fault.name()).map(|(_, why)| *why);
        vectors.push(vector);
    }
    Ok(vectors)
}

fn only_token(delivery: &Delivery) -> Option<String> {
    let mut lines = delivery
        .headers
        .iter()
        .filter(|(name, _)| name.eq_ignore_ascii_case(SIGNATURE_HEADER))
        .map(|(_, value)| value.clone());
    match (lines.next(), lines.next()) {
        (Some(line), None) => String::from_utf8(line).ok(),
        _ => None,
    }
}

/// (r, n - s) in place of (r, s): ECDSA signatures come in pairs.
fn other_half(token: &str) -> Result<String, Box<dyn Error>> {
    const N: [u8; 32] = [
        0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
        0xff, 0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63,
        0x25, 0x51,
    ];
    let (header, signature) = token.split_once("..").ok_or("not a token")?;
    let mut signature = URL_SAFE_NO_PAD.decode(signature)?;
    let mut borrow = 0;
    for (digit, order) in signature.iter_mut().skip(32).zip(N).rev() {
        let difference = i16::from(order) - i16::from(*digit) - borrow;
        borrow = i16::from(difference < 0);
        *digit = u8::try_from(difference.rem_euclid(256))?;
    }
    Ok(format!("{header}..{}", URL_SAFE_NO_PAD.encode(signature)))
}
