//! The rules of the signature header.

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE, URL_SAFE_NO_PAD},
};
use topper_core::{
    Error, KeySet, SignatureError,
    protocol::SIGNATURE_HEADER,
    reason::JwsError::{self, *},
};
use topper_testkit::{Delivery, TestKey};

use crate::{backends, event, proven};

/// What becomes of a token for a body that is otherwise in order.
fn verdict(key: &TestKey, token: impl Into<Vec<u8>>) -> Error {
    let delivery = Delivery::signed(key, event()).with_signature(token);
    delivery.verify(&proven(key)).unwrap_err()
}

fn assert_malformed(token: impl Into<Vec<u8>>, key: &TestKey, expected: JwsError) {
    assert_eq!(verdict(key, token), Error::SignatureMalformed(expected));
}

/// A protected header, signed by the right key over the right body.
fn assert_header(header: &str, expected: JwsError) {
    let key = TestKey::generate();
    let delivery = Delivery::signed(&key, event());
    let token = key.sign_with_header(header, &delivery.body);
    let error = delivery.with_signature(token).verify(&proven(&key)).unwrap_err();
    assert_eq!(error, Error::SignatureMalformed(expected), "{header}");
}

fn assert_accepted(header: &str) {
    let key = TestKey::generate();
    let delivery = Delivery::signed(&key, event());
    let token = key.sign_with_header(header, &delivery.body);
    delivery.with_signature(token).verify(&proven(&key)).unwrap();
}

#[test]
fn verifies_the_published_vector_without_decoding_its_body() {
    let jwk = r#"{"x":"7-INQ150R-MCWlj5X_wyGLRIRYAA-o8NakJiUq7gOGg","y":"dM-GsyJvdDOuALE3l-U9lPL8V3gY_5BPjLH539yTdKU","alg":"ES256","crv":"P-256","kid":"15a5142e-c20f-466e-8132-234dbdae97e7","kty":"EC"}"#;
    let token = b"eyJhbGciOiJFUzI1NiJ9..2H0Ypm5sVzuSpgyZySdAJan05lYxctqhmO8btghFQQzkisvSlNvNWzQ1kqTPXTLP_dR4zQZrTsSsShAK51I4EQ";
    for backend in backends() {
        let keys = KeySet::parse_with(jwk, backend).unwrap();
        let key = keys.verify(token, br#"{"foo":"bar"}"#).unwrap();
        assert_eq!(key.id(), "15a5142e-c20f-466e-8132-234dbdae97e7");
        assert_eq!(keys.verify(token, br#"{"foo":"baz"}"#).unwrap_err(), SignatureError::Mismatch);
    }
}

#[test]
fn tells_which_key_matched() {
    let (one, other) = (TestKey::generate(), TestKey::generate());
    let keys = KeySet::parse(&TestKey::public_jwk_set([&one, &other])).unwrap();
    assert_eq!(keys.verify(other.sign(b"x").as_bytes(), b"x").unwrap().id(), other.key_id());
    assert_eq!(keys.iter().len(), 2);
}

#[test]
fn signs_over_bodies_where_the_url_safe_alphabet_matters() {
    let key = TestKey::generate();
    let keys = KeySet::parse(&key.public_jwk()).unwrap();
    for body in [&br#"{"a":"xx?"}"#[..], br#"{"a":"xx>"}"#, b"", b"\xfb\xff\xfe", b"{}"] {
        keys.verify(key.sign(body).as_bytes(), body).unwrap();
    }
}

#[test]
fn refuses_a_missing_header() {
    let key = TestKey::generate();
    let error = Delivery::unsigned(event()).verify(&proven(&key)).unwrap_err();
    assert_eq!(error, Error::SignatureMissing);
}

#[test]
fn refuses_two_header_lines_even_when_both_are_right() {
    let key = TestKey::generate();
    let delivery = Delivery::signed(&key, event());
    let token = key.sign(&delivery.body);
    let error = delivery.header(SIGNATURE_HEADER, token).verify(&proven(&key)).unwrap_err();
    assert_eq!(error, Error::SignatureMalformed(Repeated));
}

#[test]
fn refuses_everything_that_is_not_of_the_compact_detached_form() {
    let key = TestKey::generate();
    let token = key.sign(&event());
    let (header, signature) = token.split_once("..").unwrap();
    let payload = URL_SAFE_NO_PAD.encode(event());
    for token in [
        String::new(),
        "..".to_owned(),
        format!("{header}.."),
        format!("..{signature}"),
        format!("{header}{signature}"),
        format!("{header}.{signature}"),
        format!("{header}...{signature}"),
        format!("{header}..{signature}."),
        format!("{header}..{signature}..{signature}"),
        format!("{header}.{payload}.{signature}"),
        format!("{header}..{signature}=="),
        format!("{header}=..{signature}"),
        format!(" {token}"),
        format!("{token} "),
        format!("{header} ..{signature}"),
        format!("{header}. .{signature}"),
        format!("{token}\n"),
        format!("{token}, {token}"),
        format!("{token},{token}"),
        format!("Bearer {token}"),
        format!(r#"{{"protected":"{header}","signature":"{signature}"}}"#),
        format!("{header}..{signature}\u{e9}"),
        format!("{header}..{}", STANDARD.encode([0xfb; 64])),
        format!("{header}..{}", URL_SAFE.encode([0xfb; 64])),
    ] {
        assert_malformed(token, &key, Shape);
    }
    assert_malformed([token.as_bytes(), b"\xff"].concat(), &key, Shape);
    assert_malformed([token.as_bytes(), b"\0"].concat(), &key, Shape);
}

#[test]
fn refuses_bits_that_base64_does_not_use() {
    let key = TestKey::generate();
    let token = key.sign(&event());
    // 64 bytes leave 4 bits of the last of 86 characters unused: each has 16 spellings.
    let (rest, last) = token.split_at(token.len() - 1);
    let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let value = alphabet.find(last).unwrap();
    assert_eq!(value % 16, 0);
    for other in value + 1..value + 16 {
        assert_malformed(format!("{rest}{}", char::from(alphabet.as_bytes()[other])), &key, Base64);
    }
    assert_malformed(format!("{token}AAA"), &key, Base64);
}

#[test]
fn refuses_a_header_over_8_kib_and_takes_one_of_8_kib() {
    let key = TestKey::generate();
    let body = event();
    let filled = |len: usize| {
        key.sign_with_header(format!(r#"{{"alg":"ES256","x":"{}"}}"#, "x".repeat(len)), &body)
    };
    let len = |fill: usize| filled(fill).len();
    let fill = (5_000..7_000).find(|&fill| len(fill) == 8192).unwrap();
    let verifier = proven(&key);
    let delivery = Delivery::signed(&key, body.clone());
    delivery.clone().with_signature(filled(fill)).verify(&verifier).unwrap();
    let error = delivery.with_signature(filled(fill + 1)).verify(&verifier).unwrap_err();
    assert_eq!(error, Error::SignatureMalformed(TooLong));
}

#[test]
fn refuses_a_protected_header_that_is_not_one_json_object() {
    for header in [
        "null",
        "1",
        "\"ES256\"",
        "[]",
        r#"["ES256"]"#,
        r#"[{"alg":"ES256"}]"#,
        "{",
        r#"{"alg":"ES256"}}"#,
        r#"{"alg":"ES256"}{}"#,
        r#"{"alg":"ES256",}"#,
        "{'alg':'ES256'}",
        "\u{feff}{\"alg\":\"ES256\"}",
        "alg=ES256",
    ] {
        assert_header(header, Header);
    }
}

#[test]
fn refuses_a_protected_header_that_is_not_utf_8_even_in_a_member_nobody_reads() {
    let key = TestKey::generate();
    let token = key.sign_with_header(b"{\"alg\":\"ES256\",\"x\":\"\xff\"}", &event());
    assert_malformed(token, &key, Header);
}

#[test]
fn refuses_an_algorithm_that_is_not_the_keys() {
    for header in [
        "{}",
        r#"{"typ":"JWT"}"#,
        r#"{"alg":""}"#,
        r#"{"alg":"none"}"#,
        r#"{"alg":"None"}"#,
        r#"{"alg":"NONE"}"#,
        r#"{"alg":"nOnE"}"#,
        r#"{"alg":"HS256"}"#,
        r#"{"alg":"HS384"}"#,
        r#"{"alg":"HS512"}"#,
        r#"{"alg":"es256"}"#,
        r#"{"alg":"ES256 "}"#,
        r#"{"ALG":"ES256"}"#,
    ] {
        assert_header(header, Algorithm);
    }
    for header in [r#"{"alg":"ES384"}"#, r#"{"alg":"RS256"}"#, r#"{"alg":"EdDSA"}"#] {
        assert_header(header, OtherAlgorithm);
    }
}

#[test]
fn refuses_an_algorithm_or_key_id_that_is_not_a_string() {
    for header in [
        r#"{"alg":null}"#,
        r#"{"alg":256}"#,
        r#"{"alg":["ES256"]}"#,
        r#"{"alg":{"ES256":1}}"#,
        r#"{"alg":"ES256","kid":null}"#,
        r#"{"alg":"ES256","kid":1}"#,
        r#"{"alg":"ES256","kid":["a"]}"#,
    ] {
        assert_header(header, Header);
    }
}

#[test]
fn refuses_a_member_that_occurs_twice_however_it_is_spelled() {
    for header in [
        r#"{"alg":"ES256","alg":"ES256"}"#,
        r#"{"alg":"none","alg":"ES256"}"#,
        r#"{"alg":"ES256","\u0061lg":"none"}"#,
        r#"{"alg":"ES256","x":1,"x":2}"#,
        r#"{"alg":"ES256","x":1,"y":2,"\u0078":3}"#,
        r#"{"alg":"ES256","kid":"a","kid":"a"}"#,
    ] {
        assert_header(header, DuplicateMember);
    }
}

#[test]
fn refuses_extensions() {
    for header in [
        r#"{"alg":"ES256","crit":["exp"]}"#,
        r#"{"alg":"ES256","crit":[]}"#,
        r#"{"alg":"ES256","crit":null}"#,
        r#"{"alg":"ES256","\u0063rit":["b64"]}"#,
        r#"{"alg":"ES256","b64":true}"#,
        r#"{"alg":"ES256","b64":false}"#,
        r#"{"alg":"ES256","b64":false,"crit":["b64"]}"#,
    ] {
        assert_header(header, Extension);
    }
}

#[test]
fn takes_members_it_does_not_know_and_escapes() {
    assert_accepted(r#"{"alg":"ES256","typ":"JWT","nested":{"alg":"none","crit":[1]}}"#);
    assert_accepted(r#" { "alg" : "ES256" } "#);
    assert_accepted(r#"{"\u0061lg":"\u0045S256"}"#);
}

#[test]
fn never_uses_a_key_that_the_token_brings() {
    let (key, other) = (TestKey::generate(), TestKey::generate());
    let body = event();
    let (jwk, x5c) = (other.public_jwk(), r#"["MIIB"]"#);
    for header in [
        format!(r#"{{"alg":"ES256","jwk":{jwk}}}"#),
        r#"{"alg":"ES256","jku":"http://127.0.0.1:1/jwks.json"}"#.to_owned(),
        r#"{"alg":"ES256","x5u":"http://127.0.0.1:1/x5u"}"#.to_owned(),
        format!(r#"{{"alg":"ES256","x5c":{x5c}}}"#),
        format!(r#"{{"alg":"ES256","kid":"{}"}}"#, key.key_id()),
    ] {
        assert_eq!(
            verdict(&key, other.sign_with_header(&header, &body)),
            Error::SignatureInvalid,
            "{header}"
        );
        assert_accepted_by(&key, &header, &body);
    }
}

fn assert_accepted_by(key: &TestKey, header: &str, body: &[u8]) {
    let delivery = Delivery::signed(key, body).with_signature(key.sign_with_header(header, body));
    delivery.verify(&proven(key)).unwrap();
}

#[test]
fn narrows_the_keys_by_a_key_id() {
    let (one, other) = (TestKey::generate(), TestKey::generate());
    let keys = KeySet::parse(&TestKey::public_jwk_set([&one, &other])).unwrap();
    let sign = |key: &TestKey, key_id: &str| {
        key.sign_with_header(format!(r#"{{"alg":"ES256","kid":"{key_id}"}}"#), b"x")
    };
    keys.verify(sign(&one, one.key_id()).as_bytes(), b"x").unwrap();
    for key_id in [other.key_id(), "nobody", ""] {
        let error = keys.verify(sign(&one, key_id).as_bytes(), b"x").unwrap_err();
        assert_eq!(error, SignatureError::Mismatch);
    }
}

#[test]
fn lets_any_key_id_pass_to_a_key_that_has_none() {
    let key = TestKey::generate();
    let mut jwk: serde_json::Value = serde_json::from_str(&key.public_jwk()).unwrap();
    jwk.as_object_mut().unwrap().remove("kid");
    let keys = KeySet::parse(&jwk.to_string()).unwrap();
    let token = key.sign_with_header(r#"{"alg":"ES256","kid":"any"}"#, b"x");
    let matched = keys.verify(token.as_bytes(), b"x").unwrap();
    assert_eq!(matched.id(), matched.thumbprint());
}

#[test]
fn refuses_a_signature_of_another_length_before_the_body_is_read() {
    let key = TestKey::generate();
    let token = key.sign(&event());
    let (header, signature) = token.split_once("..").unwrap();
    let raw = URL_SAFE_NO_PAD.decode(signature).unwrap();
    let longer = [&raw[..], &[0]].concat();
    for signature in [&raw[..63], &longer, &raw[..1], &[raw.clone(), raw.clone()].concat()] {
        let token = format!("{header}..{}", URL_SAFE_NO_PAD.encode(signature));
        let delivery = Delivery::signed(&key, event()).with_signature(token);
        let error = proven(&key).admit(&delivery).unwrap_err();
        assert_eq!(error, Error::SignatureMalformed(SignatureLength));
    }
}

#[test]
fn refuses_numbers_out_of_range() {
    let key = TestKey::generate();
    let token = key.sign(&event());
    let (header, signature) = token.split_once("..").unwrap();
    let raw = URL_SAFE_NO_PAD.decode(signature).unwrap();
    let (r, s) = raw.split_at(32);
    for (r, s) in [
        ([0; 32].as_slice(), [0; 32].as_slice()),
        (r, &[0; 32]),
        (&[0; 32], s),
        (&[0xff; 32], s),
        (r, &[0xff; 32]),
        (s, r),
    ] {
        let token = format!("{header}..{}", URL_SAFE_NO_PAD.encode([r, s].concat()));
        assert_eq!(verdict(&key, token), Error::SignatureInvalid);
    }
}

#[test]
fn accepts_the_other_s_since_ecdsa_is_malleable() {
    const N: [u8; 32] = [
        0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xbc,
        0xe6, 0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51,
    ];
    let key = TestKey::generate();
    let token = key.sign(b"x");
    let (header, signature) = token.split_once("..").unwrap();
    let mut raw = URL_SAFE_NO_PAD.decode(signature).unwrap();
    let mut borrow = 0;
    for index in (0..32).rev() {
        let difference = i16::from(N[index]) - i16::from(raw[32 + index]) - borrow;
        borrow = i16::from(difference < 0);
        raw[32 + index] = u8::try_from(difference.rem_euclid(256)).unwrap();
    }
    let token = format!("{header}..{}", URL_SAFE_NO_PAD.encode(raw));
    for backend in backends() {
        let keys = KeySet::parse_with(&key.public_jwk(), backend).unwrap();
        keys.verify(token.as_bytes(), b"x").unwrap();
    }
}
