//! `docs/command-line/messages.txt`: what the program prints when something is wrong.

use std::fs;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use tokio::net::TcpListener;
use topper_core::EventName;
use topper_testkit::{EventBuilder, TestKey};

use super::{
    expect, library,
    session::{Given, Session},
};
use crate::{Home, inbox};

/// A key that stays the same: that of RFC 7515, appendix A.3.1.
pub(crate) const PRIVATE: &str = r#"{"kty":"EC","crv":"P-256","kid":"own","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0","d":"jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI"}"#;

const INTRODUCTION: &str = "\
What `topper` prints when something is wrong: commands, their output and their exit code.
Written by a test: TOPPER_RENEW=1 cargo test -p topper-cli texts
What it advises about endpoints, connections and signatures is in advice.txt.
";

#[tokio::test]
async fn are_in_a_file() {
    let home = Home::new();
    let key = TestKey::from_jwk(PRIVATE).unwrap();
    home.write("key.jwk", PRIVATE);
    home.write("key.pub.jwk", key.public_jwk());
    home.write("body.json", EventBuilder::new(EventName::UserCreated).id("1").to_json());
    let mut session = Session::new(home);
    usage(&mut session).await;
    files(&mut session).await;
    keys(&mut session).await;
    send(&mut session).await;
    token(&mut session).await;
    replay(&mut session).await;
    listen(&mut session).await;
    inspect(&mut session).await;
    vectors(&mut session).await;
    doctor(&mut session).await;
    library::verify(&mut session, &key).await;
    library::event(&mut session).await;
    library::public_keys(&mut session, &key).await;
    library::stores(&mut session).await;
    let text = format!("{INTRODUCTION}{}{}", session.end(), of_inbox().await);
    expect("messages.txt", &text);
}

async fn usage(session: &mut Session) {
    session.section("Usage", "");
    session.run(&["sned"]).await;
    session.run(&["send"]).await;
    session.run(&["send", "user:created"]).await;
    session.run(&["listen", "--frobnicate"]).await;
    session.run(&["listen", "--port", "http"]).await;
    session.run(&["listen", "--answer", "99"]).await;
    session.run(&["listen", "--ca", "ca.pem"]).await;
    session.run(&["keygen"]).await;
    session.run(&["completions", "tcsh"]).await;
    session.run(&["send", "user:created", "--to", "http://127.0.0.1:9", "--duplicate", "0"]).await;
    session.run(&["send", "user:created", "--to", "http://127.0.0.1:9", "--retry", "0"]).await;
    session.run(&["send", "user:created", "--to", "http://127.0.0.1:9", "--header", "x"]).await;
}

async fn files(session: &mut Session) {
    session.section("Files", "");
    session.run(&["event", "none.json"]).await;
    session.run(&["event", "."]).await;
    session.home.write("binary", b"\xff\xfe");
    session.run(&["replay", "binary", "--to", "http://127.0.0.1:9"]).await;
    let large = fs::File::create(session.home.path("large.json")).unwrap();
    large.set_len(64 * 1024 * 1024 + 1).unwrap();
    session.run(&["event", "large.json"]).await;
    session.run(&["man", "--dir", "none"]).await;
    session.run(&["listen", "--save", "none/deliveries.jsonl"]).await;
}

async fn keys(session: &mut Session) {
    session.section("Private keys, and where keys come from", "");
    session.run(&["keygen", "key.jwk"]).await;
    session.run(&["keygen", "none/key.jwk"]).await;
    for (name, text) in [
        ("text.jwk", "nonsense".to_owned()),
        ("public.jwk", session.home.read("key.pub.jwk")),
        ("rsa.jwk", r#"{"kty":"RSA"}"#.to_owned()),
        ("es384.jwk", PRIVATE.replacen('{', r#"{"alg":"ES384","#, 1)),
        ("short.jwk", PRIVATE.replace("jpsQnn", "")),
        ("number.jwk", PRIVATE.replace(r#""own""#, "1")),
        ("other.jwk", PRIVATE.replace("f83OJ", "f83OK")),
    ] {
        session.home.write(name, text);
        session.run(&["keygen", "--public", name]).await;
    }
    let variables = [("HOME", "")];
    session
        .run_with(&["keygen", "--public"], Given { variables: &variables, ..Given::default() })
        .await;
    let two =
        [("TOPPER_WEBHOOK_PUBLIC_KEY", "x"), ("TOPPER_WEBHOOK_PUBLIC_KEY_FILE", "key.pub.jwk")];
    session.run_with(&["listen"], Given { variables: &two, ..Given::default() }).await;
    let path = [("TOPPER_WEBHOOK_PUBLIC_KEY_FILE", "none.jwk")];
    session.run_with(&["listen"], Given { variables: &path, ..Given::default() }).await;
    let text = [("TOPPER_WEBHOOK_PUBLIC_KEY", "key.pub.jwk")];
    session.run_with(&["listen"], Given { variables: &text, ..Given::default() }).await;
}

async fn token(session: &mut Session) {
    session.section("topper token", "");
    session.run(&["token", "make", "--spend", "1"]).await;
    let exponent = ["token", "make", "--spend", "1e3", "--currency", "USD"];
    session.run(&[&exponent[..], &["--edit-mode", "all-editable"]].concat()).await;
    session.run(&["token", "make", "--spend", "1", "--currency", "USD"]).await;
    let make =
        ["token", "make", "--spend", "1", "--currency", "USD", "--edit-mode", "all-editable"];
    session.run(&make).await;
    let widget = ["--widget-id", "w", "--key-id", "k"];
    let mut make = async |arguments: &[&str]| {
        session.run(&[&make[..], &widget, arguments].concat()).await;
    };
    make(&["--key", "key.jwk"]).await;
    make(&["--environment", "test", "--key", "key.jwk"]).await;
    let sandbox = ["--environment", "sandbox"];
    make(&sandbox).await;
    for key in ["none.jwk", "text.jwk", "public.jwk"] {
        make(&[&sandbox[..], &["--key", key]].concat()).await;
    }
    let good = [&sandbox[..], &["--key", "key.jwk"]].concat();
    make(&[&good[..], &["--claim", "iat=1"]].concat()).await;
    make(&[&good[..], &["--claim", "new"]].concat()).await;
    session.run(&["token", "inspect", "not-a-token"]).await;
    session.run(&["token", "inspect", "@key.jwk"]).await;
    let [header, claims] = [r#"{"alg":"none"}"#, r#"{"recipientEditMode":"all"}"#]
        .map(|text| URL_SAFE_NO_PAD.encode(text));
    session.run(&["token", "inspect", &format!("{header}.{claims}.AA")]).await;
}

async fn send(session: &mut Session) {
    session.section("topper send", "");
    session.run(&["send", "order:new", "--to", "http://127.0.0.1:9"]).await;
    let mut send = async |arguments: &[&str]| {
        let event = ["send", "order:crypto-onramp:completed", "--to", "http://127.0.0.1:9"];
        session.run(&[&event[..], arguments].concat()).await;
    };
    send(&["--set", "x"]).await;
    send(&["--set", "data.id:=x"]).await;
    send(&["--set", "data.origin.amuont=1"]).await;
    send(&["--add", "data.origin.amount=1"]).await;
    send(&["--add", "data.id.x=1"]).await;
    send(&["--header", "x y: 1", "--key", "key.jwk"]).await;
    send(&["--key", "key.jwk"]).await;
    for url in [
        "127.0.0.1:4000",
        "ftp://host/",
        "http://",
        "http://user@host/",
        "https://[::1/",
        "https://a_b-.example../",
    ] {
        session.run(&["send", "user:created", "--to", url]).await;
    }
    session.home.write("no.pem", "no certificate");
    let begin = "-----BEGIN CERTIFICATE-----\n";
    session.home.write("cut.pem", begin);
    session.home.write("odd.pem", format!("{begin}AAAA\n-----END CERTIFICATE-----\n"));
    for ca in ["no.pem", "cut.pem", "odd.pem"] {
        session.run(&["send", "user:created", "--to", "https://127.0.0.1:9", "--ca", ca]).await;
    }
}

async fn replay(session: &mut Session) {
    session.section("topper replay", "");
    session.home.write("empty.jsonl", "\n");
    session.home.write("deliveries.jsonl", "{\"a\":1}\n");
    let saved = |headers: &str, body: &str| {
        format!(r#"{{"received_at":"","path":"/","headers":{headers},"body_b64":"{body}"}}"#)
    };
    session.home.write("body.jsonl", saved("[]", "*"));
    session.home.write("header.jsonl", saved(r#"[["x",{"b64":"*"}]]"#, "e30="));
    for file in ["empty.jsonl", "deliveries.jsonl", "body.jsonl", "header.jsonl"] {
        session.run(&["replay", file, "--to", "http://127.0.0.1:9"]).await;
    }
}

async fn listen(session: &mut Session) {
    session.section("topper listen", "");
    let used = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = used.local_addr().unwrap().port().to_string();
    session.replace(port.clone(), "4000");
    session.run(&["listen", "--port", &port]).await;
    session.run(&["listen", "--forward-to", "localhost"]).await;
}

async fn inspect(session: &mut Session) {
    session.section("topper inspect", "");
    for source in ["none.jsonl", ".", "empty.jsonl", "deliveries.jsonl", "body.jsonl"] {
        session.run(&["inspect", source, "--ui-port", "0"]).await;
    }
    session.run(&["inspect", "empty.jsonl", "--allow-retry"]).await;
    session.run(&["inspect", "empty.jsonl", "--ui-host", "localhost"]).await;
    let used = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = used.local_addr().unwrap().port().to_string();
    session.replace(port.clone(), "4040");
    session.run(&["inspect", "empty.jsonl", "--ui-port", &port]).await;
}

async fn vectors(session: &mut Session) {
    session.section("topper vectors", "");
    let key = session.home.read("key.pub.jwk");
    let vector = |body: &str, jws: &str| {
        format!(
            r#"{{"id":"v1","key_jwk":{key},"body_b64":"{body}","jws":"{jws}","alg":"ES256","expect":"accept","debatable":null}}"#
        )
    };
    let (body, differs) = (vector("*", ""), vector("e30=", "e30..AAAA"));
    for (name, text) in [
        ("empty.jsonl", ""),
        ("other.jsonl", "{}"),
        ("body.jsonl", &body),
        ("differs.jsonl", &differs),
    ] {
        session.home.write(name, text);
        session.run(&["vectors", name]).await;
    }
}

async fn doctor(session: &mut Session) {
    session.section("topper doctor", "");
    session.run(&["doctor", "http://192.0.2.1/"]).await;
    session.run(&["doctor", "nonsense"]).await;
    session.run(&["doctor", "http://127.0.0.1:9/webhooks/topper", "--key", "key.jwk"]).await;
}

/// In an inbox with an event in each state.
async fn of_inbox() -> String {
    let receiver = inbox::one_of_each().await;
    let mut session = Session::new(receiver.home);
    session.section("topper inbox", "");
    session.run(&["inbox", "list"]).await;
    for url in ["memory:", "sqlite://none.db", "redis://127.0.0.1/0", "mysql://host/database"] {
        session.run(&["inbox", "list", "--store", url]).await;
    }
    for arguments in [
        &["show", "none"][..],
        &["show", "due", "--label", "sandbox"],
        &["order", "none"],
        &["list", "--state", "gone"],
        &["list", "--since", "yesterday"],
        &["list", "--name", "order:new"],
        &["list", "--retrying"],
        &["retry"],
        &["retry", "--all"],
        &["retry", "--state", "in-work"],
        &["retry", "--state", "done"],
        &["retry", "none", "done", "buried", "in-work", "due", "--dry-run"],
        &["retry", "done", "--state", "dead", "--dry-run"],
        &["retry", "done", "--state", "done", "--name", "other", "--dry-run"],
        &["bury", "--state", "done"],
        &["bury", "--state", "buried"],
        &["bury", "done", "buried", "--dry-run"],
        &["bury", "dead"],
        &["purge", "--older-than", "long"],
        &["purge", "--older-than", "0s"],
        &["purge", "--older-than", "30d"],
        &["export", "--name", "order:new"],
        &["export", "--out", "none/dead.jsonl"],
    ] {
        let store = ["--store", "sqlite://topper.db"];
        session.run(&[&["inbox"], arguments, &store].concat()).await;
    }
    let list = ["inbox", "list", "--limit", "1", "--store", "sqlite://topper.db"];
    let given = Given { first_line: true, ..Given::default() };
    session.run_noted("more than are shown", &list, given).await;
    session.end()
}
