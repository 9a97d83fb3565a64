//! `topper inspect`

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines},
    process::{Child, ChildStderr},
};
use topper_core::EventName;
use topper_testkit::{Delivery, EventBuilder, TestKey};

use super::client::Client;
use crate::{
    Home,
    program::{TOPPER, page_of, signal},
};

/// A `topper inspect` that has begun.
pub(super) struct Inspecting {
    child: Child,
    stderr: Lines<BufReader<ChildStderr>>,
    pub(super) page: Client,
}

impl Inspecting {
    /// Of these lines, in a file.
    pub(super) async fn start(home: &Home, lines: &[String], arguments: &[&str]) -> Self {
        home.write("deliveries.jsonl", lines.join("\n"));
        Self::of(home, &[&["deliveries.jsonl"], arguments].concat(), b"").await
    }

    async fn of(home: &Home, arguments: &[&str], stdin: &[u8]) -> Self {
        let mut command = home.command(TOPPER);
        command.args(["inspect", "--ui-port", "0"]).args(arguments);
        let mut child = command.spawn().unwrap();
        let mut pipe = child.stdin.take().unwrap();
        pipe.write_all(stdin).await.unwrap();
        drop(pipe);
        let mut stderr = BufReader::new(child.stderr.take().unwrap()).lines();
        let page = Client::new(&page_of(&mut stderr).await);
        Self { child, stderr, page }
    }

    /// Ends it, and gives its exit code.
    pub(super) async fn end(mut self) -> Option<i32> {
        signal(&self.child, "-INT").await;
        while self.stderr.next_line().await.unwrap().is_some() {}
        self.child.wait().await.unwrap().code()
    }
}

/// A delivery as a line of a file.
pub(super) fn line(at: &str, path: &str, delivery: &Delivery) -> String {
    let headers = delivery.headers.iter().map(|(name, value)| match std::str::from_utf8(value) {
        Ok(text) => json!([name, text]),
        Err(_) => json!([name, {"b64": STANDARD.encode(value)}]),
    });
    let headers: Vec<Value> = headers.collect();
    let body = STANDARD.encode(&delivery.body);
    json!({"received_at": at, "path": path, "headers": headers, "body_b64": body}).to_string()
}

#[tokio::test]
async fn shows_a_file_and_names_the_lines_that_are_not_deliveries() {
    let home = Home::new();
    let key = TestKey::generate();
    home.write("key.jwk", key.private_jwk());
    home.write("key.pub.jwk", key.public_jwk());
    let delivery = Delivery::signed(&key, EventBuilder::new(EventName::UserCreated).to_json());
    let good = line("2026-11-29T09:41:00.123Z", "/webhooks/topper?a=b", &delivery);
    let odd = good.replace("body_b64\":\"", "body_b64\":\"*");
    let lines = [good.clone(), "{}".into(), String::new(), odd, "\u{0}".into(), good];
    let keys = ["--jwk", "key.pub.jwk", "--key", "key.jwk"];
    let inspecting = Inspecting::start(&home, &lines, &keys).await;
    let list = inspecting.page.get("/api/deliveries").await;
    let rows = list["deliveries"].as_array().unwrap();
    assert_eq!(rows.len(), 2);
    assert_eq!(
        (&rows[1]["verdict"], &rows[0]["verdict"]),
        (&json!("processed"), &json!("duplicate"))
    );
    assert_eq!(rows[1]["at"], "2026-11-29T09:41:00.123Z");
    assert_eq!((&rows[0]["status"], &rows[0]["fate"]), (&Value::Null, &Value::Null));
    let about = inspecting.page.get("/api/about").await;
    assert_eq!(about["source"]["kind"], "file");
    assert_eq!(about["source"]["name"], "deliveries.jsonl");
    assert_eq!(about["signing_key"], key.key_id());
    let skipped = about["skipped"].as_array().unwrap();
    let numbers: Vec<_> = skipped.iter().map(|it| it["line"].as_u64().unwrap()).collect();
    assert_eq!(numbers, [2, 4, 5]);
    assert!(skipped[0]["reason"].as_str().unwrap().starts_with("not a saved delivery"));
    assert!(skipped[1]["reason"].as_str().unwrap().contains("base64"));
    assert_eq!(inspecting.end().await, Some(0));
}

#[tokio::test]
async fn reads_what_listen_saves_and_what_a_pipe_brings() {
    let home = Home::new();
    let listening = home.listen(&["--save", "saved.jsonl"]).await;
    home.topper(&["send", "user:created", "--to", &listening.url]).await;
    assert_eq!(listening.end().await.0, Some(0));
    let saved = home.read("saved.jsonl");
    let inspecting = Inspecting::of(&home, &["-"], saved.as_bytes()).await;
    let list = inspecting.page.get("/api/deliveries").await;
    assert_eq!(list["deliveries"][0]["verdict"], "processed");
    assert_eq!(inspecting.page.get("/api/about").await["source"]["name"], "standard input");
    assert_eq!(inspecting.end().await, Some(0));
}

/// A pipe that stays open is no reason to wait, neither for the page nor at the end.
#[tokio::test]
async fn shows_deliveries_while_more_come() {
    let home = Home::new();
    let key = TestKey::generate();
    let delivery = Delivery::signed(&key, EventBuilder::new(EventName::UserCreated).to_json());
    let mut command = home.command(TOPPER);
    let mut child = command.args(["inspect", "-", "--ui-port", "0"]).spawn().unwrap();
    let mut stderr = BufReader::new(child.stderr.take().unwrap()).lines();
    let page = Client::new(&page_of(&mut stderr).await);
    let mut stream = page.stream("/api/stream", &[]).await;
    let mut pipe = child.stdin.take().unwrap();
    pipe.write_all(format!("{}\n", line("now", "/", &delivery)).as_bytes()).await.unwrap();
    assert_eq!(stream.event("row").await["verdict"], "signature_invalid");
    signal(&child, "-INT").await;
    assert_eq!(child.wait().await.unwrap().code(), Some(0));
}

#[tokio::test]
async fn refuses_what_has_no_delivery_in_it() {
    let home = Home::new();
    home.write("empty.jsonl", "\n");
    home.write("other.jsonl", "{}\n{}\n");
    for (source, expected) in [
        ("none.jsonl", "No such file"),
        (".", "directory"),
        ("empty.jsonl", "has no delivery in it"),
        ("other.jsonl", "line 1: not a saved delivery"),
    ] {
        let output = home.topper(&["inspect", source, "--ui-port", "0"]).await;
        assert_eq!(output.code, Some(2), "{output:?}");
        assert!(output.stderr.contains(expected), "{expected}: {output:?}");
        assert!(!output.stderr.contains("open "), "{output:?}");
    }
}
