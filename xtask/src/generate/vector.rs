//! Signature vectors for implementations in any language.

use std::error::Error;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use topper_core::KeySet;
use topper_testkit::TestKey;

use super::{Files, pretty};

mod case;

/// Not secret: anyone can have them. Their private parts are the SHA-256 of `test key 1: never
/// configure it` and of the same with 2.
pub(super) const KEYS: [&str; 2] = [
    r#"{"kty":"EC","crv":"P-256","alg":"ES256","kid":"test-key-1-never-configure-it","x":"Yz_J4B6yHZ7yhjrWI__ZXGcr5yHOnjlEfhTuxERUPBY","y":"T83Z36EvR8Ev5ZaIlTs6loWBVIHWsh9nJOWLjml0yOY","d":"pS8pH-HCv25mB-jVe0N8RMbb4i69GqID7ezSw0H3-cI"}"#,
    r#"{"kty":"EC","crv":"P-256","alg":"ES256","kid":"test-key-2-never-configure-it","x":"3RgPEpPDOZ--uQLHHlrN1LcDAEXbCIlBgEvE0Dnz9R4","y":"GmgBebXYQ5j_7ESjYhRp-sFUXhF0FZWQhpq4I85rK0s","d":"qGRZ7s3D_se8W8YG8lX8_EBlJ2AAUKH1CjHG_01eefE"}"#,
];
/// The vectors, the keys, and what they are.
pub(super) fn files() -> Result<Files, Box<dyn Error>> {
    let vectors = case::all()?;
    let mut lines = String::new();
    for vector in &vectors {
        vector.check()?;
        lines.push_str(&format!("{}\n", vector.line()?));
    }
    let keys = KEYS.map(|key| serde_json::from_str::<Value>(key).unwrap_or_default());
    let keys = json!({
        "$comment": "TEST KEYS, including their private parts. They are public: never configure them.",
        "keys": keys,
    });
    let accepted = vectors.iter().filter(|vector| vector.accept).count();
    let refused = vectors.len() - accepted;
    Ok(Files::from([
        ("docs/vectors/signatures.jsonl".to_owned(), lines),
        ("docs/vectors/test-keys.json".to_owned(), pretty(&keys)),
        ("docs/vectors/index.md".to_owned(), readme(accepted, refused)),
    ]))
}

/// The token that goes with a body, by the first test key.
pub(super) fn sign(body: &[u8]) -> Result<String, Box<dyn Error>> {
    Ok(TestKey::from_jwk(KEYS[0])?.sign(body))
}

struct Vector {
    id: String,
    key: Value,
    body: Vec<u8>,
    token: String,
    accept: bool,
    debatable: Option<&'static str>,
    why: String,
}

impl Vector {
    fn line(&self) -> Result<String, Box<dyn Error>> {
        Ok(json!({
            "id": self.id,
            "key_jwk": self.key,
            "body_b64": STANDARD.encode(&self.body),
            "jws": self.token,
            "alg": "ES256",
            "expect": if self.accept { "accept" } else { "reject" },
            "debatable": self.debatable,
            "why": self.why,
        })
        .to_string())
    }

    /// topper-core itself must pass every vector.
    fn check(&self) -> Result<(), Box<dyn Error>> {
        let keys = KeySet::parse(&self.key.to_string())?;
        let verifies = keys.verify(self.token.as_bytes(), &self.body).is_ok();
        if verifies == self.accept {
            Ok(())
        } else {
            Err(format!("vector {} ({}) is decided otherwise", self.id, self.why).into())
        }
    }
}

fn readme(accepted: usize, refused: usize) -> String {
    format!(
        "# Signature vectors\n\n\
         For implementations in any language: `signatures.jsonl` has {accepted} deliveries to accept \
         and {refused} to refuse, one on each line.\n\n\
         | field | what it is |\n|---|---|\n\
         | `id` | the vector's name |\n\
         | `key_jwk` | the configured public key |\n\
         | `body_b64` | the body in standard base64, to the byte |\n\
         | `jws` | the value of the signature header |\n\
         | `alg` | the algorithm |\n\
         | `expect` | `accept` or `reject` |\n\
         | `debatable` | why an implementation may decide otherwise, or `null` |\n\
         | `why` | what the vector is about |\n\n\
         A token is `BASE64URL(header) \"..\" BASE64URL(signature)`, signed over \
         `BASE64URL(header) \".\" BASE64URL(body)` (RFC 7515, appendix F). Base64 is URL-safe \
         and without padding. An implementation that uses the other alphabet fails for some \
         bodies only; there are vectors for these.\n\n\
         **The keys are test keys.** Their private parts are in `test-keys.json`, so that you can \
         sign too. They are public: never configure them anywhere.\n\n\
         The first vector is the example of Topper's documentation. `cargo xtask generate` \
         wrote the others, and checked each with topper-core.\n"
    )
}
