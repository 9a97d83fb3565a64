//! `topper vectors`

use std::path::Path;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use topper_testkit::TestKey;

use crate::Home;

fn vector(key: &TestKey, body: &str, expect: &str) -> Value {
    let jwk: Value = serde_json::from_str(&key.public_jwk()).unwrap();
    json!({
        "id": expect, "key_jwk": jwk, "body_b64": STANDARD.encode(body),
        "jws": key.sign(b"signed?>"), "alg": "ES256", "expect": expect, "debatable": null,
    })
}

fn lines(vectors: &[Value]) -> String {
    vectors.iter().map(|vector| format!("{vector}\n")).collect()
}

#[tokio::test]
async fn passes_when_every_answer_is_as_expected() {
    let home = Home::new();
    let key = TestKey::generate();
    let mut debatable = vector(&key, "signed?>", "reject");
    debatable["debatable"] = "either is fine".into();
    let mut not_offered = vector(&key, "signed?>", "accept");
    not_offered["alg"] = "ES512".into();
    not_offered["key_jwk"]["crv"] = "P-521".into();
    let vectors = [
        vector(&key, "signed?>", "accept"),
        vector(&key, "other", "reject"),
        debatable,
        not_offered,
    ];
    home.write("good.jsonl", lines(&vectors));
    let output = home.topper(&["vectors", "good.jsonl"]).await;
    assert_eq!(output.code, Some(0), "{output:?}");
    assert_eq!(
        output.stdout,
        "2 as expected, 1 debatable, 1 with an unsupported algorithm, 0 different\n"
    );
}

#[tokio::test]
async fn prints_a_line_for_each_that_differs() {
    let home = Home::new();
    let key = TestKey::generate();
    let mut refused = vector(&key, "signed?>", "accept");
    refused["key_jwk"]["x"] = "AAAA".into();
    let vectors = [
        vector(&key, "signed?>", "accept"),
        vector(&key, "signed?>", "reject"),
        vector(&key, "other", "accept"),
        refused,
    ];
    home.write("bad.jsonl", lines(&vectors));
    let output = home.topper(&["vectors", "bad.jsonl"]).await;
    assert_eq!(output.code, Some(1));
    assert_eq!(
        output.stdout,
        "differs line 2 reject ES256: accepted, expected: reject\n\
         differs line 3 accept ES256: rejected, expected: accept\n\
         differs line 4 accept ES256: key refused, expected: accept\n\
         1 as expected, 0 debatable, 0 with an unsupported algorithm, 3 different\n"
    );
    let objects = home.topper(&["vectors", "bad.jsonl", "--json"]).await.objects();
    assert_eq!(objects.len(), 4);
    assert_eq!((objects[0]["line"].as_u64(), objects[3]["different"].as_u64()), (Some(2), Some(3)));
}

#[tokio::test]
async fn names_what_is_no_vector() {
    let home = Home::new();
    home.write("bad.jsonl", "{}\n");
    home.write("empty.jsonl", "\n");
    for (file, reason) in [("bad.jsonl", "line 1: not a vector"), ("empty.jsonl", "has no vectors")]
    {
        let output = home.topper(&["vectors", file]).await;
        assert_eq!(output.code, Some(2));
        assert!(output.stderr.contains(reason), "{output:?}");
    }
}

/// Those of the documentation, all of them.
#[tokio::test]
async fn passes_the_vectors_of_the_documentation() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/vectors");
    let Ok(entries) = std::fs::read_dir(&folder) else {
        println!("skipped: there is no docs/vectors");
        return;
    };
    let home = Home::new();
    for path in entries.map(|entry| entry.unwrap().path()) {
        let first = std::fs::read_to_string(&path).unwrap_or_default();
        // Files of events are there too.
        if !first.lines().next().unwrap_or_default().contains("\"jws\"") {
            continue;
        }
        let output = home.topper(&["vectors", path.to_str().unwrap()]).await;
        assert_eq!(output.code, Some(0), "{}: {output:?}", path.display());
    }
}
