//! `export`

use std::{collections::BTreeMap, fs, os::unix::fs::PermissionsExt as _};

use serde_json::Value;
use topper_testkit::Lifecycle;

use super::{ORDER, Receiver, completed, one_of_each};
use crate::program::Listening;

/// The name of a file with the receiver's public key.
fn public_key(receiver: &Receiver) -> &'static str {
    receiver.home.write("public.jwk", receiver.key.public_jwk());
    "public.jwk"
}

async fn verified(listening: &mut Listening, count: usize) -> BTreeMap<String, Value> {
    let mut received = BTreeMap::new();
    for _ in 0..count {
        let object = listening.object().await;
        received.insert(object["id"].as_str().unwrap().to_owned(), object);
    }
    received
}

#[tokio::test]
async fn is_replayed_byte_for_byte_and_verified() {
    let receiver = Receiver::new().await;
    let mut bodies = BTreeMap::new();
    for event in Lifecycle::Onramp.events() {
        let id = event.value()["id"].as_str().unwrap().to_owned();
        bodies.insert(id, event.to_json());
        receiver.accept(&event).await;
    }
    let output = receiver.topper(&["export", "--out", "out.jsonl"]).await;
    assert_eq!(output.code, Some(0), "{output:?}");
    assert_eq!(output.stderr, "4 events written to out.jsonl\n");
    let mode = fs::metadata(receiver.home.path("out.jsonl")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);

    let key = public_key(&receiver);
    let arguments = ["--jwk", key, "--save", "again.jsonl", "--json"];
    let mut listening = receiver.home.listen(&arguments).await;
    let output = receiver.home.topper(&["replay", "out.jsonl", "--to", &listening.url]).await;
    assert_eq!(output.code, Some(0), "{output:?}");
    let received = verified(&mut listening, 4).await;
    listening.end().await;
    assert!(received.keys().eq(bodies.keys()), "{received:?}");
    let saved = |file: &str| -> Vec<Value> {
        let lines = receiver.home.read(file);
        let lines = lines.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        lines.map(|saved| saved["body_b64"].clone()).collect()
    };
    assert_eq!(saved("out.jsonl"), saved("again.jsonl"));
    // What arrived is what was accepted.
    for body in bodies.values() {
        let encoded = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, body);
        assert!(saved("again.jsonl").contains(&encoded.into()));
    }
}

#[tokio::test]
async fn writes_to_standard_output_what_the_filters_let_through() {
    let receiver = one_of_each().await;
    for (arguments, count) in [
        (&["dead", "parked"][..], 2),
        (&["--state", "dead"], 1),
        (&["--order", ORDER], 1),
        (&["dead", "--state", "done"], 0),
        (&[], 7),
    ] {
        let output = receiver.topper(&[&["export"], arguments].concat()).await;
        assert_eq!((output.code, output.objects().len()), (Some(0), count), "{output:?}");
    }
}

#[tokio::test]
async fn reads_portion_by_portion() {
    let receiver = Receiver::new().await;
    receiver.accept_many(450).await;
    assert_eq!(receiver.topper(&["export"]).await.objects().len(), 450);
}

#[tokio::test]
async fn writes_over_no_file() {
    let receiver = Receiver::new().await;
    receiver.accept(&completed("1")).await;
    receiver.home.write("out.jsonl", "mine");
    let output = receiver.topper(&["export", "--out", "out.jsonl"]).await;
    assert_eq!(output.code, Some(2), "{output:?}");
    assert!(output.stderr.contains("out.jsonl: File exists"), "{output:?}");
    assert_eq!(receiver.home.read("out.jsonl"), "mine");
}
