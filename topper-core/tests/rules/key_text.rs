//! Keys as people paste them: taken where they are unambiguous, or refused in words that say what
//! to do.

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD},
};
use serde_json::{Value, json};
use topper_core::{ConfigError, KeySet};
use topper_testkit::TestKey;

use crate::backends;

/// What stands in messages and may stand in a text too.
const COMMON_WORDS: &[&str] = &["paste the public key itself"];

fn lines(text: &str) -> String {
    let lines: Vec<&str> =
        text.as_bytes().chunks(64).map(|line| str::from_utf8(line).unwrap()).collect();
    lines.join("\n")
}

fn pem(label: &str, der: &[u8]) -> String {
    let body = lines(&STANDARD.encode(der));
    format!("-----BEGIN {label}-----\n{body}\n-----END {label}-----\n")
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn bytes(hex: &str) -> Vec<u8> {
    (0..hex.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(hex.get(at..at + 2).unwrap(), 16).unwrap())
        .collect()
}

/// The start of a DER structure in hexadecimal digits, and something that looks random.
fn der(head: &str, len: usize) -> Vec<u8> {
    let noise = (0..len).map(|at| u8::try_from((at * 167 + 89) % 251).unwrap());
    bytes(head).into_iter().chain(noise).collect()
}

/// A key in all the forms in which it is taken.
pub(crate) fn taken(key: &TestKey) -> Vec<(&'static str, String)> {
    let jwk = key.public_jwk();
    let pretty = serde_json::to_string_pretty(&json(&jwk)).unwrap();
    let set = TestKey::public_jwk_set([key]);
    let spki = pem("PUBLIC KEY", &key.public_spki());
    vec![
        ("a JWK", jwk.clone()),
        ("on several lines", pretty.clone()),
        ("with line ends of Windows", pretty.replace('\n', "\r\n")),
        ("a JWK Set", set.clone()),
        ("in white space", format!("\n \t{jwk} \u{a0}\r\n")),
        ("after a byte order mark", format!("\u{feff}{jwk}")),
        ("after a byte order mark, in quotes", format!("\u{feff}\"{jwk}\"\n")),
        ("in single quotes", format!("'{jwk}'")),
        ("in double quotes", format!("\"{jwk}\"")),
        ("in backquotes", format!("`{jwk}`")),
        ("as a JSON string", json!(jwk).to_string()),
        ("as a JSON string of several lines", json!(pretty).to_string()),
        ("as a JSON string in single quotes", format!("'{}'", json!(jwk))),
        ("as a JSON string in a JSON string", json!(json!(jwk).to_string()).to_string()),
        ("with escapes, without quotes", jwk.replace('"', "\\\"")),
        ("in base64", STANDARD.encode(&jwk)),
        ("in base64 without padding", STANDARD_NO_PAD.encode(&pretty)),
        ("in base64url", URL_SAFE_NO_PAD.encode(&jwk)),
        ("in base64url with padding", URL_SAFE.encode(&pretty)),
        ("in base64 on several lines", lines(&STANDARD.encode(&jwk))),
        ("in base64 in quotes", format!("\"{}\"", STANDARD.encode(&jwk))),
        ("a JWK Set in base64", STANDARD.encode(&set)),
        ("in PEM", spki.clone()),
        ("in PEM with line ends of Windows", spki.replace('\n', "\r\n")),
        ("in PEM with escaped line ends", spki.replace('\n', "\\n")),
        ("in PEM with escaped line ends, in quotes", format!("\"{}\"", spki.replace('\n', "\\n"))),
        ("in PEM on one line", spki.replace('\n', " ")),
        ("in PEM after a comment", format!("Topper, production\n{spki}")),
        ("in PEM in base64", STANDARD.encode(&spki)),
        ("in PEM without its first and last line", STANDARD.encode(key.public_spki())),
    ]
}

/// What is refused, and what its message starts with after "not a public key: ".
fn refused(key: &TestKey) -> Vec<(String, &'static str)> {
    let jwk = key.public_jwk();
    let point = key.public_point();
    let apart = |between| point.iter().map(|byte| hex(&[*byte])).collect::<Vec<_>>().join(between);
    let private = json(&key.private_jwk());
    let scalar = hex(&URL_SAFE_NO_PAD.decode(private["d"].as_str().unwrap()).unwrap());
    let pkcs8 = format!(
        "308187020100301306072a8648ce3d020106082a8648ce3d030107046d306b0201010420{scalar}a144034200{}",
        hex(&point)
    );
    let sec1 = format!("30770201010420{scalar}a00a06082a8648ce3d030107a144034200{}", hex(&point));
    let encrypted = der("3081ec305706092a864886f70d01050d304a302906092a864886f70d01050c", 200);
    let rsa = der("30820122300d06092a864886f70d01010105000382010f00", 271);
    let certificate = der("308201833082012aa003020102021410", 370);
    let p384 = der("3076301006072a8648ce3d020106052b81040022036200", 97);
    let p521 = der("30819b301006072a8648ce3d020106052b810400230381860004", 132);
    let secp256k1 = der("3056301006072a8648ce3d020106052b8104000a034200", 65);
    let ed25519 = der("302a300506032b6570032100", 32);
    let compressed = der("3039301306072a8648ce3d020106082a8648ce3d03010703220002", 32);
    let spki = pem("PUBLIC KEY", &key.public_spki());
    let secret = STANDARD.encode(der("", 32));
    let eaten = jwk.replace('"', "");
    let body = eaten.trim_matches(['{', '}']).replace(',', " ");
    let text = |text: &str| text.to_owned();
    vec![
        (text("@topper.jwk"), "it looks like a file name"),
        (text("@topper"), "it looks like a file name"),
        (format!("keys/{}", "k".repeat(34)), "it looks like a file name"),
        (format!("keys/{}", "k".repeat(35)), "it looks like a shared secret"),
        (text("/run/secrets/topper-public-key"), "it looks like a file name"),
        (text("./keys/topper.pem"), "it looks like a file name"),
        (text("~/topper"), "it looks like a file name"),
        (text(r"C:\keys\topper.jwk"), "it looks like a file name"),
        (text("secrets/topper_key"), "it looks like a file name"),
        // Only a brace before escaped quotation marks shows that they are those of a JWK.
        (format!("\\\"{}\\\"", jwk.replace('"', "\\\"")), "it looks like a file name"),
        (text("file:///etc/topper/public.jwk"), "it looks like a file name"),
        (text("https://keys.example.com/.well-known/jwks.json"), "it looks like a URL"),
        (
            text("arn:aws:secretsmanager:eu-central-1:1:secret:topper"),
            "it looks like the name of a",
        ),
        (text("${TOPPER_KEY_OF_PRODUCTION}"), "it looks like a placeholder"),
        (text("{{ .Values.topper.publicKey }}"), "it looks like a placeholder"),
        (text("<your public key>"), "it looks like a placeholder"),
        (text("changeme"), "it looks like a placeholder"),
        (text("%not a variable"), "it is neither JSON nor PEM"),
        (text("one < two"), "it is neither JSON nor PEM"),
        (text("<html"), "it looks like a web page"),
        (format!("TOPPER_KEY={jwk}"), "it looks like an assignment"),
        (text("KEY=one two"), "it is neither JSON nor PEM"),
        (text("the_key=one two"), "it is neither JSON nor PEM"),
        (text("undefined"), "it looks like what a program writes for a missing"),
        (text("null"), "it looks like what a program writes for a missing"),
        (text("[object Object]"), "it looks like what a program writes for a missing"),
        (text("<!DOCTYPE html><html><body>Sign in</body></html>"), "it looks like a web page"),
        (text(r#"{"error":"not_found","requestId":"8f2c1d"}"#), "it looks like the error response"),
        (text(r#"{"issuer":"https://id.example.com"}"#), "it looks like an OpenID"),
        (pem("CERTIFICATE", &certificate), "it looks like a certificate"),
        (STANDARD.encode(&certificate), "it looks like a certificate"),
        (pem("PRIVATE KEY", &bytes(&pkcs8)), "it looks like a private key, which must not be on"),
        (pem("EC PRIVATE KEY", &bytes(&sec1)), "it looks like a private key"),
        (pem("ENCRYPTED PRIVATE KEY", &encrypted), "it looks like a private key"),
        (STANDARD.encode(bytes(&pkcs8)), "it looks like a private key"),
        (STANDARD.encode(&encrypted), "it looks like a private key"),
        (spki.clone() + &pem("PRIVATE KEY", &bytes(&pkcs8)), "it looks like a private key"),
        (text(r#"{"type":"service_account","private_key":"x"}"#), "it looks like a private key"),
        (pem("PUBLIC KEY", &rsa), "it is an RSA key, but only P-256 keys can be read from PEM"),
        (pem("RSA PUBLIC KEY", &der("3082010a02820101", 262)), "it is an RSA key"),
        (pem("PUBLIC KEY", &p384), "it is a key on the curve P-384"),
        (pem("PUBLIC KEY", &p521), "it is a key on the curve P-521"),
        (pem("PUBLIC KEY", &secp256k1), "it is a key on the curve secp256k1"),
        (pem("PUBLIC KEY", &ed25519), "it is an Ed25519 key"),
        (pem("PUBLIC KEY", &compressed), "its point is compressed"),
        (spki.repeat(2), "it has more than one PEM block"),
        (pem("PGP PUBLIC KEY BLOCK", &der("", 99)), "it is a PEM block of another kind"),
        (text(spki.split("-----END").next().unwrap()), "it looks like a damaged PEM block"),
        (pem("PUBLIC KEY", &key.public_spki()[..80]), "it looks like a damaged PEM block"),
        (text("BEGIN PUBLIC KEY of a page"), "it looks like a damaged PEM block"),
        (text("----- a key -----"), "it looks like a damaged PEM block"),
        (text("-----BEGIN PUBLIC KEY-----"), "it looks like a damaged PEM block"),
        (format!("ssh-ed25519 AAAAC3Nza{secret} me@host"), "it looks like an SSH key"),
        (text("15a5142e-c20f-466e-8132-234dbdae97e7"), "it looks like a UUID"),
        (hex(&point), "it looks like hexadecimal digits"),
        (format!("0x{}", hex(&point)), "it looks like hexadecimal digits"),
        (apart(":"), "it looks like hexadecimal digits"),
        (apart(" "), "it looks like hexadecimal digits"),
        (STANDARD.encode(&point), "it looks like a curve point"),
        (URL_SAFE_NO_PAD.encode(&point), "it looks like a curve point"),
        (key.sign(b"{}"), "it looks like a signature or a token"),
        (text("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl"), "it looks like a signature"),
        (format!("whsec_{secret}"), "it looks like the webhook signing secret"),
        (secret, "it looks like a shared secret"),
        (text("correct-horse-battery-staple"), "it looks like a shared secret"),
        (text(private["x"].as_str().unwrap()), "it looks like a shared secret or a part of a key"),
        (eaten, "it looks like a JWK whose quotation marks a shell removed"),
        (body, "it looks like a JWK whose quotation marks a shell removed"),
        (jwk.replace('"', "'"), "it has single quotation marks inside"),
        (jwk.replacen('"', "\u{201c}", 1), "it has typographic quotation marks"),
        (text("{"), "it looks like a part of a JWK"),
        (text(jwk.get(..jwk.len() - 1).unwrap()), "it looks like a part of a JWK"),
        (text(jwk.get(..jwk.len() / 2).unwrap()), "it looks like a part of a JWK"),
        (text(jwk.get(1..).unwrap()), "it looks like a part of a JWK"),
        (text("\"x\":\"7-INQ"), "it looks like a part of a JWK"),
        (text(",\"kty\":\"EC\"}"), "it looks like a part of a JWK"),
        (format!("\"{}", jwk.get(..40).unwrap()), "it looks like a part of a JWK"),
        (STANDARD.encode(jwk.get(..60).unwrap()), "it looks like a part of a JWK"),
        (format!("[{jwk}]"), "it is a JSON array"),
        (text("{}"), "it is an empty JSON object"),
        (format!(r#"{{"publicKey":{jwk}}}"#), "it is a JSON object without `kty` or `keys`"),
        (text("eyes"), "it is neither JSON nor PEM"),
        (text("the key"), "it is neither JSON nor PEM"),
    ]
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

/// No eight characters in a row of what was pasted.
fn assert_shows_nothing(text: &str, error: &ConfigError) {
    let shown = format!("{error} {error:?}");
    let characters: Vec<char> = text.chars().collect();
    for window in characters.windows(8) {
        let window: String = window.iter().collect();
        let is_common = COMMON_WORDS.iter().any(|word| word.contains(&window));
        assert!(is_common || !shown.contains(&window), "{window:?} of {text} is in {shown}");
    }
}

#[test]
fn takes_a_key_in_every_unambiguous_form() {
    let key = TestKey::generate();
    let thumbprint = |text: &str, backend| {
        let keys = KeySet::parse_with(text, backend).map_err(|error| error.to_string())?;
        let key = keys.iter().next().unwrap();
        Ok::<_, String>((key.thumbprint().to_owned(), key.algorithm()))
    };
    for backend in backends() {
        let expected = thumbprint(&key.public_jwk(), backend).unwrap();
        for (name, text) in taken(&key) {
            assert_eq!(thumbprint(&text, backend).as_ref(), Ok(&expected), "{name}: {text}");
        }
    }
}

#[test]
fn says_what_a_text_looks_like_that_is_not_a_key_and_shows_nothing_of_it() {
    let key = TestKey::generate();
    for (text, start) in refused(&key) {
        for text in [text.clone(), format!("  {text}\n"), format!("'{text}'")] {
            let error = KeySet::parse(&text).unwrap_err();
            let message = error.to_string();
            let expected = format!("not a public key: {start}");
            assert!(message.starts_with(&expected), "{text}\n{message}\n{expected}");
            assert_shows_nothing(&text, &error);
        }
    }
    assert!(taken(&key).len() + refused(&key).len() >= 60);
}

#[test]
fn shows_nothing_of_a_jwk_that_is_refused() {
    let key = TestKey::generate();
    let mut jwk = json(&key.public_jwk());
    jwk["kid"] = Value::Null;
    for (field, value) in [
        ("kty", json!("RSA-of-ours")),
        ("x", json!("no-coordinate")),
        ("use", json!("encryption")),
        ("d", json(&key.private_jwk())["d"].clone()),
    ] {
        let mut jwk = jwk.clone();
        jwk[field] = value;
        let text = jwk.to_string();
        assert_shows_nothing(&text, &KeySet::parse(&text).unwrap_err());
        let set = json!({ "keys": [jwk] }).to_string();
        assert_shows_nothing(&set, &KeySet::parse(&set).unwrap_err());
    }
}

#[test]
fn refuses_a_point_in_pem_that_is_not_on_the_curve() {
    let mut spki = TestKey::generate().public_spki();
    *spki.last_mut().unwrap() ^= 1;
    for backend in backends() {
        let error = KeySet::parse_with(&pem("PUBLIC KEY", &spki), backend).unwrap_err();
        assert!(error.to_string().contains("not a point on the curve"), "{error}");
    }
}

#[test]
fn verifies_with_a_key_in_pem() {
    let key = TestKey::generate();
    let token = key.sign(b"body");
    for backend in backends() {
        let keys = KeySet::parse_with(&pem("PUBLIC KEY", &key.public_spki()), backend).unwrap();
        let matched = keys.verify(token.as_bytes(), b"body").unwrap();
        assert_eq!((matched.kid(), matched.id()), (None, matched.thumbprint()));
    }
}
