//! Key, token and body, against every back end.

use std::sync::LazyLock;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use p256::ecdsa::{Signature, VerifyingKey, signature::Verifier as _};
use serde_json::Value;
use topper_core::{Backend, ConfigError, KeySet, SignatureError};
use topper_testkit::TestKey;

const BACK_ENDS: [Backend; 3] = [Backend::AwsLc, Backend::Graviola, Backend::RustCrypto];

/// A key with a private part that is known: it can sign any body.
pub static KEY: LazyLock<TestKey> = LazyLock::new(|| {
    let keys = include_str!("../../docs/vectors/test-keys.json");
    let keys: Value = serde_json::from_str(keys).unwrap();
    TestKey::from_jwk(&keys["keys"][0].to_string()).unwrap()
});

static OWN: LazyLock<[KeySet; 3]> = LazyLock::new(|| {
    BACK_ENDS.map(|back_end| KeySet::parse_with(&KEY.public_jwk(), back_end).unwrap())
});

/// The back ends agree on every key, token and body, and accept only what p256 alone accepts.
///
/// The input is the text of the key, the token and the body, one after the other on lines.
pub fn back_ends(input: &[u8]) {
    let mut parts = input.splitn(3, |byte| *byte == b'\n');
    let mut part = || parts.next().unwrap_or_default();
    let (key, token, body) = (part(), part(), part());
    if let Ok(text) = std::str::from_utf8(key) {
        agree_on_key(text, token, body);
    }
    agree_on_changes(token, body);
}

fn agree_on_key(text: &str, token: &[u8], body: &[u8]) {
    let [aws_lc, graviola, rust_crypto] =
        BACK_ENDS.map(|back_end| KeySet::parse_with(text, back_end));
    same_keys(text, &aws_lc, &graviola, &["ES256", "ES384"]);
    same_keys(text, &aws_lc, &rust_crypto, &["ES256"]);
    let verdict = |keys: &Result<KeySet, ConfigError>, algorithms: &[&str]| {
        let keys = keys.as_ref().ok()?.iter();
        let known = keys.filter(|key| algorithms.contains(&key.algorithm())).cloned();
        let keys = KeySet::from_keys(known).ok()?;
        Some(keys.verify(token, body).map(|key| key.jwk().to_owned()))
    };
    let es256 = verdict(&aws_lc, &["ES256"]);
    agree(&es256, &verdict(&graviola, &["ES256"]));
    agree(&es256, &verdict(&rust_crypto, &["ES256"]));
    agree(&verdict(&aws_lc, &["ES384"]), &verdict(&graviola, &["ES384"]));
    if let Some(Ok(jwk)) = es256 {
        assert!(is_signed(&jwk, token, body));
    }
}

/// The key that matched, or why none did. `None` where a back end has no key.
type Verdict = Option<Result<String, SignatureError>>;

fn agree(one: &Verdict, other: &Verdict) {
    if let (Some(one), Some(other)) = (one, other) {
        assert_eq!(one, other);
    }
}

/// Another back end reads the keys that it supports, as aws-lc does, which supports all.
fn same_keys(
    text: &str,
    all: &Result<KeySet, ConfigError>,
    some: &Result<KeySet, ConfigError>,
    supported: &[&str],
) {
    match (all, some) {
        (Ok(all), Ok(some)) => {
            let jwks = all.iter().filter(|key| supported.contains(&key.algorithm()));
            assert!(jwks.map(|key| key.jwk()).eq(some.iter().map(|key| key.jwk())));
        }
        (Ok(all), Err(error)) => {
            let has_other = all.iter().any(|key| !supported.contains(&key.algorithm()));
            assert!(has_other, "only one back end refuses the key: {error:?}");
        }
        // A key that the other does not support is ignored there, faulty or not.
        (Err(error), Ok(_)) => {
            let is_other = |(kind, algorithm): &(&str, &str)| {
                text.contains(kind) && !supported.contains(algorithm)
            };
            let has_other = [("P-384", "ES384"), ("RSA", "RS256")].iter().any(is_other);
            assert!(has_other, "only one back end accepts the key: {error:?}");
        }
        (Err(_), Err(_)) => {}
    }
}

/// Of all texts near a genuine token, each back end accepts the token alone.
fn agree_on_changes(changes: &[u8], body: &[u8]) {
    let genuine = KEY.sign(body).into_bytes();
    let mut token = genuine.clone();
    for change in changes.chunks_exact(2).take(4) {
        let place = usize::from(change[0]) % token.len();
        token[place] ^= change[1];
    }
    let [one, two, three]: [Result<(), SignatureError>; 3] =
        OWN.each_ref().map(|keys| keys.verify(&token, body).map(|_| ()));
    assert_eq!(one, two);
    assert_eq!(one, three);
    assert_eq!(one.is_ok(), token == genuine);
}

/// Whether p256 accepts the signature, read without the code that is tested.
pub fn is_signed(jwk: &str, token: &[u8], body: &[u8]) -> bool {
    let check = || {
        let jwk: Value = serde_json::from_str(jwk).ok()?;
        let coordinate = |name| URL_SAFE_NO_PAD.decode(jwk[name].as_str()?).ok();
        let point = [vec![4], coordinate("x")?, coordinate("y")?].concat();
        let (header, signature) = std::str::from_utf8(token).ok()?.split_once("..")?;
        let signature = Signature::from_slice(&URL_SAFE_NO_PAD.decode(signature).ok()?).ok()?;
        let input = format!("{header}.{}", URL_SAFE_NO_PAD.encode(body));
        VerifyingKey::from_sec1_bytes(&point).ok()?.verify(input.as_bytes(), &signature).ok()
    };
    check().is_some()
}
