//! A delivery as a command of curl and as a test in Rust.

use std::{fs, path::Path};

use serde_json::Value;
use topper_testkit::{Delivery, TestKey};

use super::{
    client::Client,
    inspect::{Inspecting, line},
};
use crate::{Home, texts};

/// What tries to break out of quotes, of comments and of lines.
const HOSTILE: &str = "'; touch escaped #\"$(touch escaped)`touch escaped`\\'\\\\\n*/\n//\u{202e}\u{0}\r!\t\
                       {}\");panic!(\"\nBASE64\nEOF\n'\\";

/// A key that stays the same: that of RFC 7517, appendix A.2.
const OTHER: &str = r#"{"kty":"EC","crv":"P-256","x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4","y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM","d":"870MB6gfuTJ4HtUnUvYMyJpr5eUZNP4Bk43bVdj3eAE"}"#;

fn hostile(key: &TestKey) -> Vec<Delivery> {
    // The same in each run, unlike those of the testkit.
    let text = serde_json::to_string(HOSTILE).unwrap();
    let event = format!(r#"{{"id":"1","name":{text},"data":{{"text":{text}}}}}"#);
    let plain = r#"{"id":"2","name":"user:created","data":{"user":{"id":"3","createdAt":"2026-11-29T09:41:00.000Z"}}}"#;
    let signed = Delivery::signed(key, event);
    vec![
        signed.clone(),
        Delivery::signed(key, plain).header("x-empty", "").header("x-it's", "it's"),
        Delivery::signed(key, format!("{plain}\n")),
        // A body that looks like an option, a file and the end of a text.
        signed.clone().with_body("@/etc/hostname\n"),
        signed.clone().with_body(HOSTILE),
        signed.clone().with_body((0..=255).collect::<Vec<u8>>()),
        signed.clone().with_body(""),
        signed
            .clone()
            .without_header("content-type")
            .header("x-latin", b"caf\xe9 '$(touch escaped)'".to_vec())
            .header("authorization", "Bearer hunter2")
            .header("x-`touch-escaped`", "x")
            .header("x-$(touch\nescaped)-token", "x")
            .with_body("'".repeat(100)),
        signed.with_body("é".repeat(1000)),
    ]
}

#[tokio::test]
async fn pastes_a_command_that_sends_the_same_bytes() {
    if std::process::Command::new("curl").arg("--version").output().is_err() {
        println!("skipped: curl is not installed");
        return;
    }
    let home = Home::new();
    let key = TestKey::generate();
    home.write("key.pub.jwk", key.public_jwk());
    let deliveries = hostile(&key);
    let lines: Vec<String> = deliveries
        .iter()
        .map(|delivery| line("", "/webhooks/[a]/../{b}?c='d'&e", delivery))
        .collect();
    let inspecting = Inspecting::start(&home, &lines, &["--jwk", "key.pub.jwk"]).await;
    let mut listening = home.listen(&["--ui-port", "0", "--jwk", "key.pub.jwk"]).await;
    let received = Client::new(&listening.page().await);
    for (number, delivery) in (1..).zip(&deliveries) {
        let path = format!("/api/deliveries/{number}");
        let text = inspecting.page.get(&format!("{path}/curl")).await["text"].clone();
        let text = text.as_str().unwrap();
        assert!(!text.contains("hunter2"), "{text}");
        let output = home.bash(&text.replace("http://127.0.0.1:3000", &listening.url)).await;
        assert_eq!(output.code, Some(0), "{text}: {output:?}");
        assert_eq!(output.stderr, "", "{text}");
        let body = received.send("GET", &format!("{path}/body"), &[], None).await;
        assert_eq!(body.body, delivery.body, "{text}");
        let (sent, came) = (inspecting.page.get(&path).await, received.get(&path).await);
        assert_eq!(came["path"], "/webhooks/[a]/../{b}?c='d'&e");
        assert_eq!(came["row"]["verdict"], sent["row"]["verdict"], "{text}");
        for header in sent["headers"].as_array().unwrap() {
            let name = header["name"].as_str().unwrap().to_lowercase();
            let is_same = |it: &&Value| it["name"] == *name;
            let found = came["headers"].as_array().unwrap().iter().find(is_same);
            let is_sent = header["hidden"] == false && !name.contains('(');
            assert_eq!(found.is_some(), is_sent, "{name}: {text}");
            if let Some(found) = found {
                assert_eq!((&found["value"], &found["hex"]), (&header["value"], &header["hex"]));
            }
        }
        // curl invents no type of its own.
        let has_type = |detail: &Value| detail["headers"].to_string().contains("\"content-type\"");
        assert_eq!(has_type(&came), has_type(&sent), "{text}");
        // What is listened to is known.
        let again = received.get(&format!("{path}/curl")).await["text"].clone();
        assert!(again.as_str().unwrap().contains(&listening.url), "{again}");
    }
    assert!(!home.files().contains(&"escaped".to_owned()));
}

/// The tests are compiled and run by `tests/copied.rs`.
#[tokio::test]
async fn pastes_a_test_that_is_compiled_and_run() {
    let home = Home::new();
    let key = TestKey::from_jwk(texts::PRIVATE).unwrap();
    home.write("key.pub.jwk", key.public_jwk());
    home.write("keys.pub.jwk", TestKey::public_jwk_set([&key, &TestKey::from_jwk(OTHER).unwrap()]));
    let lines: Vec<String> =
        hostile(&key).iter().map(|delivery| line(HOSTILE, HOSTILE, delivery)).collect();
    let mut text = String::new();
    for (keys, numbers) in [("key.pub.jwk", 1..=8), ("keys.pub.jwk", 9..=9)] {
        let inspecting = Inspecting::start(&home, &lines, &["--jwk", keys]).await;
        for number in numbers {
            let test = inspecting.page.get(&format!("/api/deliveries/{number}/test")).await;
            text.push_str(test["text"].as_str().unwrap());
            text.push('\n');
        }
    }
    assert!(text.is_ascii() && !text.contains("hunter2"), "{text}");
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/copied/deliveries.rs");
    if std::env::var_os("TOPPER_RENEW").is_some() {
        fs::write(path, text).unwrap();
        return;
    }
    assert!(
        fs::read_to_string(path).unwrap() == text,
        "tests/copied/deliveries.rs is stale. Renew it with\n  \
         TOPPER_RENEW=1 cargo test -p topper-cli pastes\nand run all tests."
    );
}
