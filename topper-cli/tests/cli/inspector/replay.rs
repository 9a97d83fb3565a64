//! Deliveries that are sent again from the page.

use rcgen::CertificateParams;
use serde_json::{Value, json};
use topper_testkit::{Delivery, EventBuilder, Fault, Sender, TestKey};

use super::client::Client;
use crate::{Home, https};

/// A URL of this machine where nothing listens.
const NOWHERE: &str = "http://127.0.0.1:9/";

async fn send(url: &str, delivery: Delivery) {
    let sent = Sender::to(url).unwrap().retries(0).send(delivery).await;
    let status = sent.last().unwrap().received.status();
    assert!(matches!(status, Some(401 | 413)), "{status:?}");
}

async fn replay(page: &Client, number: u64, body: Value) -> Value {
    let path = format!("/api/deliveries/{number}/replay");
    let answer = page.post("POST", &path, &body).await;
    assert_eq!(answer.status, 200, "{body}: {}", answer.text());
    answer.json()
}

fn kinds<'a>(replay: &'a Value, kind: &str) -> Vec<&'a str> {
    let lines = replay["diff"].as_array().unwrap().iter().filter(|line| line["kind"] == kind);
    lines.map(|line| line["text"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn sends_a_delivery_again_byte_for_byte() {
    let home = Home::new();
    let mut listening = home.listen(&["--ui-port", "0", "--save", "saved.jsonl"]).await;
    let page = Client::new(&listening.page().await);
    let url = listening.url.clone();
    home.topper(&["send", "order:crypto-onramp:completed", "--to", &url]).await;
    let replay = replay(&page, 1, json!({"to": url, "kind": "same"})).await;
    let attempt = &replay["attempt"];
    assert_eq!((&attempt["status"], &attempt["text"]), (&json!(200), &json!("200 duplicate")));
    assert_eq!((&attempt["number"], &attempt["fate"]), (&json!(1), &json!("delivered")));
    assert_eq!(replay["expected"], Value::Null);
    assert!(kinds(&replay, "removed").is_empty() && kinds(&replay, "added").is_empty());
    assert!(kinds(&replay, "same").len() > 20, "{replay}");
    let saved = home.read("saved.jsonl");
    let [first, second]: [Value; 2] = {
        let lines: Vec<Value> = saved.lines().map(|it| serde_json::from_str(it).unwrap()).collect();
        lines.try_into().unwrap()
    };
    assert_eq!((&first["body_b64"], &first["headers"]), (&second["body_b64"], &second["headers"]));
    let rows = &page.get("/api/deliveries").await["deliveries"];
    assert_eq!((&rows[0]["replay_of"], &rows[1]["replay_of"]), (&json!(1), &Value::Null));
}

#[tokio::test]
async fn signs_an_edited_body_and_shows_what_is_different() {
    let home = Home::new();
    let mut listening = home.listen(&["--ui-port", "0"]).await;
    let page = Client::new(&listening.page().await);
    let url = listening.url.clone();
    let event = EventBuilder::new(topper_core::EventName::UserCreated).id("1");
    home.write("body.json", event.to_json());
    home.topper(&["send", "--body", "body.json", "--to", &url]).await;
    let edited = event.id("2").pretty();
    let replay = replay(&page, 1, json!({"to": url, "kind": "signed", "body": edited})).await;
    assert_eq!(replay["attempt"]["text"], "200 processed");
    assert_eq!(replay["sent"]["body"], edited);
    assert_eq!(replay["sent"]["signature"].as_str().unwrap().split('.').count(), 3);
    assert_eq!(kinds(&replay, "removed"), [r#"  "id": "1","#]);
    assert_eq!(kinds(&replay, "added"), [r#"  "id": "2","#]);
    let row = &page.get("/api/deliveries").await["deliveries"][0];
    assert_eq!(
        (&row["valid"], &row["id"], &row["replay_of"]),
        (&json!(true), &json!("2"), &json!(1))
    );
}

#[tokio::test]
async fn forges_a_delivery_in_every_way_and_gets_the_reply_that_it_must_get() {
    let home = Home::new();
    let mut listening = home.listen(&["--ui-port", "0"]).await;
    let page = Client::new(&listening.page().await);
    let url = listening.url.clone();
    home.topper(&["send", "user:created", "--to", &url]).await;
    let faults = page.get("/api/faults").await;
    let faults = faults["faults"].as_array().unwrap();
    assert_eq!(faults.len(), Fault::all().count());
    for fault in faults {
        let wanted = json!({"to": url, "kind": "fault", "fault": fault["name"]});
        let replay = replay(&page, 1, wanted).await;
        assert_eq!(replay["expected"], fault["expected"]);
        // Not every header can be sent.
        if !replay["attempt"]["status"].is_null() {
            let attempt = &replay["attempt"];
            assert_eq!(attempt["status"], fault["expected"]["status"], "{fault}");
            assert_eq!(attempt["body"], fault["expected"]["code"], "{fault}");
        }
        if ["changed_body", "rewritten_body"].iter().any(|kind| fault["kind"] == *kind) {
            let changed = kinds(&replay, "added").len() + kinds(&replay, "removed").len();
            assert!(changed > 0, "{fault}: {replay}");
        }
    }
    let wanted = json!({"to": url, "kind": "fault", "fault": "none"});
    let answer = page.post("POST", "/api/deliveries/1/replay", &wanted).await;
    assert!(answer.status == 400 && answer.text().contains("/api/faults"), "{}", answer.text());
}

#[tokio::test]
async fn takes_hostile_bodies() {
    let home = Home::new();
    let mut listening = home.listen(&["--ui-port", "0"]).await;
    let page = Client::new(&listening.page().await);
    let url = listening.url.clone();
    let hostile = [
        Vec::new(),
        b"{}".to_vec(),
        b"\xff\xfe\x00 not UTF-8 and longer than sixteen".to_vec(),
        b"[".repeat(200_000),
        b"\n".repeat(2_000_000),
        format!("[{}1]", "[1],".repeat(50_000)).into_bytes(),
        format!("{{\"a\":\"{}\"}}", "x".repeat(2_000_000)).into_bytes(),
        "<script>alert(1)</script>\u{202e}\u{0}".repeat(3).into_bytes(),
    ];
    for body in hostile {
        let is_forgeable = (16..=262_144).contains(&body.len()) && body.starts_with(b"[[1]");
        send(&url, Delivery::signed(&TestKey::generate(), body.clone())).await;
        let number = page.get("/api/deliveries?limit=1").await["deliveries"][0]["seq"].clone();
        let number = number.as_u64().unwrap();
        let same = replay(&page, number, json!({"to": url, "kind": "same"})).await;
        let status = if body.len() > 262_144 { 413 } else { 401 };
        assert_eq!(same["attempt"]["status"], status, "{number}");
        assert_eq!(same["sent"]["body"].is_null(), std::str::from_utf8(&body).is_err());
        assert!(same.to_string().len() < 2_000_000, "{}", same.to_string().len());
        let edited = json!({"to": url, "kind": "signed", "body": "\n".repeat(100_000)});
        let edited = replay(&page, number, edited).await;
        assert_eq!(edited["attempt"]["text"], "500 event_unreadable");
        let fault = json!({"to": NOWHERE, "kind": "fault", "fault": "reserialized_body"});
        let path = format!("/api/deliveries/{number}/replay");
        let answer = page.post("POST", &path, &fault).await;
        assert_eq!(answer.status, if is_forgeable { 200 } else { 400 }, "{number}");
        if !is_forgeable {
            assert!(answer.text().contains("choose another delivery"), "{}", answer.text());
        }
    }
}

#[tokio::test]
async fn sends_only_to_this_machine_and_to_the_endpoint_that_is_forwarded_to() {
    let home = Home::new();
    let (endpoint, pem) =
        https::start_with(CertificateParams::new(["localhost".to_owned()]).unwrap()).await;
    home.write("ca.pem", pem);
    let secret = format!("{endpoint}hook?token=s3cret");
    let arguments = ["--ui-port", "0", "--forward-to", &secret, "--ca", "ca.pem"];
    let mut listening = home.listen(&arguments).await;
    let page = Client::new(&listening.page().await);
    home.topper(&["send", "user:created", "--to", &listening.url]).await;
    let shown = page.get("/api/about").await["source"]["forward_to"].clone();
    assert_eq!(shown, format!("{endpoint}hook"));
    for to in [shown.as_str().unwrap(), &secret] {
        let replay = replay(&page, 1, json!({"to": to, "kind": "same"})).await;
        assert_eq!(replay["attempt"]["text"], "200 ok");
    }
    for (to, status, words) in [
        ("http://192.0.2.1/", 403, "not on this machine"),
        // The same address, as a name of the system's resolver.
        ("http://3221225985/", 403, "not on this machine"),
        ("http://[2001:db8::1]/", 403, "not on this machine"),
        ("http://0.0.0.0:9/", 403, "not on this machine"),
        ("http://[::ffff:192.0.2.1]/", 403, "not on this machine"),
        ("http://nowhere.invalid/?token=s3cret", 403, "no address"),
        ("http://127.0.0.1@192.0.2.1/", 400, "user name"),
        ("ftp://127.0.0.1/", 400, "http://"),
        ("file:///etc/passwd", 400, "not a URL"),
        ("nonsense", 400, "http://"),
    ] {
        let wanted = json!({"to": to, "kind": "same"});
        let answer = page.post("POST", "/api/deliveries/1/replay", &wanted).await;
        assert_eq!(answer.status, status, "{to}: {}", answer.text());
        assert!(answer.text().contains(words), "{to}: {}", answer.text());
        assert!(!answer.text().contains("s3cret"), "{}", answer.text());
    }
    for to in [NOWHERE, "http://localhost:9/", "http://2130706433:9/", "http://[::1]:9/"] {
        let replay = replay(&page, 1, json!({"to": to, "kind": "same"})).await;
        assert_eq!(replay["attempt"]["status"], Value::Null, "{to}");
        assert!(replay["attempt"]["advice"].is_string(), "{replay}");
    }
    for (number, body) in [("7", "{}"), ("x", "{}"), ("1", "{}"), ("1", "no JSON")] {
        let path = format!("/api/deliveries/{number}/replay");
        let json = [("content-type", "application/json")];
        assert!((400..500).contains(&page.send("POST", &path, &json, Some(body)).await.status));
    }
    let wanted = json!({"to": NOWHERE, "kind": "same"});
    assert_eq!(page.post("POST", "/api/deliveries/7/replay", &wanted).await.status, 404);
}
