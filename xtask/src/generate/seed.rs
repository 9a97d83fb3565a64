//! Inputs that the fuzz targets begin with, a few of each kind.

use std::{error::Error, fmt::Write as _};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use topper_core::{EventName, protocol::SIGNATURE_HEADER};
use topper_testkit::{Delivery, TestKey};

use super::{Files, example, vector};

/// The vectors are many, and alike: every so many of them are enough.
const EVERY: usize = 5;
/// Longer ones only slow the targets down.
const LONGEST: usize = 1_000;

/// The generator of P-384, which is a point as any other.
const P384: &str = r#"{"kty":"EC","crv":"P-384","x":"qofKIr6LBTeOscce8yCtdG4dO2KLp5uYWfdB4IJUKjhVAvJdv1UpbDpUXjhydgq3","y":"NhfeSpYmLG9dnpi_kpLcKfj0Hb0omhR86doxE7XwuMAKYLHOHX6BnXpDHXyQ6g5f"}"#;

const FORWARDED: [&str; 9] = [
    "192.0.2.1\n198.51.100.7, 10.0.0.2",
    "unknown\n198.51.100.7:443\n10.0.0.2, 10.0.0.3",
    "2001:db8::1\n[2001:db8::2]:443, fd00::1",
    "::ffff:192.0.2.1\n[2001:db8::2]",
    "for=192.0.2.1\nfor=198.51.100.7;proto=https, for=10.0.0.2",
    "for=\"[::1]:1\nFor=\"[2001:db8::2]:443\" ; by=_x, for=\"10.0.0.2\"",
    "for=\"\\\"\nhost=\"a,b\";for=\"198.51.100\\.7\"",
    "192.0.2.1\n198.51.100.7",
    "\n",
];

const URLS: [&str; 16] = [
    "memory:",
    "sqlite://topper.db?mode=%s",
    "sqlite:///var/lib/a%20b.db?mode=rw&x=%s",
    "postgres://user:%s@host:5432/database?sslmode=require",
    "postgresql://user@one,two:5433,[::1]:1/db?target_session_attrs=%s",
    "postgres://user:a/%s@host/db",
    "postgres://host/db?password=%s&b=%s&application_name=c",
    "postgres://host/db?options[search_path]=%s&port=%s",
    "postgres://%2Frun%2Fpostgresql/db?hostaddr=%s",
    "redis://:%s@host/0",
    "redis://user:%s@host:%s/%s",
    "rediss://:%s@host/0?sslcert=%s&sslkey=%s&sslrootcert=%s",
    "redis+sentinel://user:%s@one:26379,two/service/0?sentinel_user=a&sentinel_password=%s",
    "rediss+sentinel://one/%s?sentinel_user=%s",
    "redis://:a#%s@host/0",
    "redis://host/0?%s",
];

const SAVED: [&str; 4] = [
    r#"{"received_at":"2026-03-02T10:15:27Z","path":"/a?b","headers":[["x-a","b"]],"body_b64":"e30="}"#,
    r#"{"received_at":"","path":"","headers":[["x-a",{"b64":"//4="}],["Host","a"]],"body_b64":""}"#,
    "x-own\ncafé\n{}",
    "content-length\n6\n",
];

pub(super) fn files() -> Result<Files, Box<dyn Error>> {
    let mut seeds = Seeds::default();
    let vectors = vector::files()?;
    let vectors = vectors.get("docs/vectors/signatures.jsonl").ok_or("there are no vectors")?;
    for vector in vectors.lines().step_by(EVERY).filter(|vector| vector.len() < LONGEST) {
        seeds.vector(&serde_json::from_str(vector)?)?;
    }
    let key = TestKey::from_jwk(vector::KEYS[0])?;
    seeds.keys(&key);
    for &name in EventName::ALL {
        for event in example::of(name)? {
            seeds.add("envelope", &event.to_string());
        }
    }
    seeds.add("envelope", &example::unknown().to_string());
    seeds.add("envelope", r#"{"id":"\ud800","name":"user:created","data":{"user":null}}"#);
    for (target, texts) in
        [("forwarding", &FORWARDED[..]), ("store_url", &URLS), ("saved_line", &SAVED)]
    {
        texts.iter().for_each(|text| seeds.add(target, text));
    }
    let delivery = Delivery::signed(&key, r#"{"id":"1","name":"user:created","data":{}}"#);
    let forged = delivery.clone().with_body("{}").header("x-forwarded-for", "192.0.2.1, 10.0.0.1");
    for request in [
        delivery.to_http1("/"),
        delivery.to_http1_chunked("/", 9),
        delivery.head("/", "content-length: 50"),
        delivery.head("/", "expect: 100-continue\r\ncontent-length: 42"),
        forged.to_http1("/"),
        forged.without_header(SIGNATURE_HEADER).to_http1("/?a=b"),
        [delivery.head("/", "content-length: 42"), delivery.body.clone()].concat().repeat(2),
    ] {
        seeds.add("http", &String::from_utf8(request)?);
    }
    Ok(seeds.0)
}

/// The files, numbered for each target.
#[derive(Default)]
struct Seeds(Files);

impl Seeds {
    fn add(&mut self, target: &str, text: &str) {
        let folder = format!("fuzz/seeds/{target}/");
        let number = self.0.keys().filter(|path| path.starts_with(&folder)).count() + 1;
        self.0.insert(format!("{folder}{number:02}"), text.to_owned());
    }

    fn vector(&mut self, vector: &Value) -> Result<(), Box<dyn Error>> {
        let text = |name| vector.get(name).and_then(Value::as_str).ok_or("a vector lacks a field");
        let key = vector.get("key_jwk").ok_or("a vector lacks a key")?;
        let body = String::from_utf8(STANDARD.decode(text("body_b64")?)?).ok();
        self.add("signature_header", text("jws")?);
        if let Some(body) = body {
            self.add("back_ends", &format!("{key}\n{}\n{body}", text("jws")?));
        }
        Ok(())
    }

    fn keys(&mut self, key: &TestKey) {
        let jwk = key.public_jwk();
        let modulus = "xcXF".repeat(85);
        let rsa = json!({ "kty": "RSA", "alg": "RS256", "e": "AQAB", "n": format!("{modulus}xQ") });
        let secret = json!({ "kty": "oct", "k": "c2VjcmV0" });
        let set = format!(r#"{{"keys":[{jwk},{P384},{rsa},{{"kty":"OKP","crv":"Ed25519"}}]}}"#);
        let mut pem = "-----BEGIN PUBLIC KEY-----\n".to_owned();
        // Writing to a string does not fail.
        let _ = writeln!(pem, "{}\n-----END PUBLIC KEY-----", STANDARD.encode(key.public_spki()));
        for text in [
            &jwk,
            P384,
            &rsa.to_string(),
            &secret.to_string(),
            &set,
            &pem,
            &pem.replace('\n', "\\n"),
            &STANDARD.encode(&jwk),
            &STANDARD.encode(key.public_spki()),
            &STANDARD.encode(key.public_point()),
            &Value::from(jwk.as_str()).to_string(),
            &format!("TOPPER_WEBHOOK_PUBLIC_KEY='{jwk}'"),
            &key.private_jwk(),
            &TestKey::public_jwk_set([key, key]),
        ] {
            self.add("key_text", text);
        }
        for text in [P384, &rsa.to_string(), &set] {
            self.add("back_ends", &format!("{text}\n{}\n{{}}", key.sign(b"{}")));
        }
    }
}
