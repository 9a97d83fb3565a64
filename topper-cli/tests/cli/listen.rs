//! `topper listen`

use std::{net::SocketAddr, os::unix::fs::PermissionsExt as _, time::Duration};

use serde_json::Value;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpSocket, TcpStream},
    time::sleep,
};
use topper_testkit::{Delivery, EventBuilder, TestKey};

use crate::Home;

fn address(url: &str) -> SocketAddr {
    url.trim_start_matches("http://").parse().unwrap()
}

#[tokio::test]
async fn shows_what_a_first_time_user_sends_with_two_commands() {
    let home = Home::new();
    let mut listening = home.listen(&[]).await;
    let arguments = ["send", "order:crypto-onramp:completed", "--to", &listening.url];
    assert_eq!(home.topper(&arguments).await.code, Some(0));
    let line = listening.line().await;
    assert!(line.contains("200 processed  order:crypto-onramp:completed"), "{line}");
    let event = listening.line().await;
    assert!(event.trim_start().starts_with("event     "), "{event}");
    let order = listening.line().await;
    assert!(order.contains("order     ") && order.ends_with("  new state"), "{order}");
    assert_eq!(listening.end().await, (Some(0), Vec::new()));
}

#[tokio::test]
async fn tells_forgeries_repeats_late_events_and_what_is_no_event() {
    let home = Home::new();
    let mut listening = home.listen(&["--json"]).await;
    home.topper(&["keygen", "other.jwk"]).await;
    let url = listening.url.clone();
    let to = ["--to", &url];
    let send = async |arguments: &[&str]| {
        home.topper(&[&["send"], arguments, &to].concat()).await;
    };
    send(&["--flow", "onramp", "--seed", "3", "--duplicate", "2"]).await;
    let mut changes = Vec::new();
    for _ in 0..8 {
        let seen = listening.object().await;
        changes.push(format!("{} {}", seen["verdict"], seen["order_change"]).replace('"', ""));
    }
    assert_eq!(changes[0], "processed advanced");
    assert_eq!(changes.iter().filter(|it| *it == "duplicate duplicate").count(), 4);
    send(&["user:created", "--key", "other.jwk"]).await;
    let seen = listening.object().await;
    assert_eq!(
        (seen["verdict"].as_str(), seen["answered"].as_u64()),
        (Some("signature_invalid"), Some(401))
    );
    assert_eq!(seen["reason"], "signature does not match");
    assert!(seen.get("id").is_none() && seen.get("name").is_none());
    home.write("list", "[]");
    send(&["--body", "list"]).await;
    assert_eq!(listening.object().await["verdict"], "event_unreadable");
    send(&["order:new", "--unknown"]).await;
    let seen = listening.object().await;
    assert_eq!(
        (seen["verdict"].as_str(), seen["known"].as_bool()),
        (Some("processed"), Some(false))
    );
}

#[tokio::test]
async fn checks_with_the_key_it_is_given() {
    let home = Home::new();
    let key = TestKey::generate();
    home.write("key.jwk", key.private_jwk());
    home.write("pub.jwk", key.public_jwk());
    let mut listening = home.listen(&["--jwk", "pub.jwk", "--json"]).await;
    let url = listening.url.clone();
    let arguments = ["send", "user:created", "--to", &url];
    assert_eq!(home.topper(&arguments).await.code, Some(1));
    assert_eq!(listening.object().await["verdict"], "signature_invalid");
    assert_eq!(home.topper(&[&arguments[..], &["--key", "key.jwk"]].concat()).await.code, Some(0));
    assert_eq!(listening.object().await["key"], key.key_id());

    // The private one is refused, and not shown.
    let output = home.topper(&["listen", "--port", "0", "--jwk", "key.jwk"]).await;
    assert_eq!(output.code, Some(2));
    assert!(output.stderr.contains("it has a private part"), "{output:?}");
}

#[tokio::test]
async fn passes_on_the_raw_bytes_and_every_header_and_answers_what_comes_back() {
    let home = Home::new();
    let endpoint = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hook?a=b", endpoint.local_addr().unwrap());
    let mut listening = home.listen(&["--forward-to", &url, "--json"]).await;
    let served = tokio::spawn(async move {
        let (mut socket, _) = endpoint.accept().await.unwrap();
        let mut received = Vec::new();
        while !received.ends_with(b"the end") {
            assert_ne!(socket.read_buf(&mut received).await.unwrap(), 0);
        }
        let answer = "HTTP/1.1 429 x\r\ncontent-type: text/own\r\ncontent-length: 4\r\n\r\nsoon";
        socket.write_all(answer.as_bytes()).await.unwrap();
        received
    });
    // Neither JSON nor UTF-8, nor rightly signed.
    let body = b"\xff\x00\r\n{ \"a\" : 1.0 }the end".to_vec();
    let delivery = Delivery::signed(&TestKey::generate(), body.clone())
        .header("X-Own", "one")
        .header("x-own", b"\xfftwo".to_vec());
    let answer = delivery.send(address(&listening.url), "/").await.unwrap();
    assert_eq!((answer.status, answer.body.as_str()), (429, "soon"));
    assert_eq!(answer.content_type, "text/own");

    let received = served.await.unwrap();
    let head_end = received.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
    assert_eq!(received[head_end + 4..], body);
    let head = String::from_utf8_lossy(&received[..head_end]).into_owned();
    assert!(head.starts_with("POST /hook?a=b HTTP/1.1\r\n"), "{head}");
    for (name, value) in &delivery.headers {
        let line = format!("\r\n{}: {}", name.to_lowercase(), String::from_utf8_lossy(value));
        assert!(head.contains(&line), "{line} {head}");
    }
    let seen = listening.object().await;
    assert_eq!(seen["verdict"], "signature_invalid");
    assert_eq!(
        (seen["answered"].as_u64(), seen["endpoint"]["status"].as_u64()),
        (Some(429), Some(429))
    );
}

#[tokio::test]
async fn answers_so_that_topper_tries_again_when_the_endpoint_does_not() {
    let home = Home::new();
    // Bound, and not listened on.
    let closed = TcpSocket::new_v4().unwrap();
    closed.bind(SocketAddr::from(([127, 0, 0, 1], 0))).unwrap();
    let url = format!("http://{}/", closed.local_addr().unwrap());
    let mut listening = home.listen(&["--forward-to", &url]).await;
    let output = home.topper(&["send", "user:created", "--to", &listening.url]).await;
    assert!(output.stdout.contains("502") && output.stdout.contains("to retry"), "{output:?}");
    let headline = listening.line().await;
    assert!(headline.contains("502 no answer from the endpoint"), "{headline}");
    listening.line().await;
    let endpoint = listening.line().await;
    assert!(endpoint.ends_with("connection refused, Topper would retry"), "{endpoint}");
}

#[tokio::test]
async fn saves_whole_lines_for_its_owner_only() {
    let home = Home::new();
    // As a crash would have left it.
    home.write("saved.jsonl", "{\"cut");
    for _ in 0..2 {
        let mut listening = home.listen(&["--save", "saved.jsonl", "--json"]).await;
        home.topper(&["send", "--flow", "user", "--to", &listening.url]).await;
        for _ in 0..4 {
            listening.object().await;
        }
        assert_eq!(listening.end().await.0, Some(0));
    }
    let saved = home.read("saved.jsonl");
    let lines: Vec<&str> = saved.lines().collect();
    assert_eq!((lines.len(), saved.ends_with('\n')), (9, true));
    for line in &lines[1..] {
        serde_json::from_str::<Value>(line).unwrap();
    }
    let home = Home::new();
    home.listen(&["--save", "new.jsonl"]).await.end().await;
    let mode = std::fs::metadata(home.path("new.jsonl")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[tokio::test]
async fn answers_and_saves_what_is_at_hand_when_it_is_told_to_end() {
    let home = Home::new();
    let listening = home.listen(&["--save", "saved.jsonl", "--json"]).await;
    let key = TestKey::from_jwk(&home.read(".config/topper/test-key.jwk")).unwrap();
    let request = Delivery::signed(&key, r#"{"id":"1","name":"x","data":{}}"#).to_http1("/");
    let mut socket = TcpStream::connect(address(&listening.url)).await.unwrap();
    let (first, rest) = request.split_at(request.len() - 5);
    socket.write_all(first).await.unwrap();
    sleep(Duration::from_millis(100)).await;
    let ended = tokio::spawn(listening.end());
    sleep(Duration::from_millis(200)).await;
    socket.write_all(rest).await.unwrap();
    let mut answer = String::new();
    socket.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 ") && answer.ends_with("processed"), "{answer}");
    let (code, lines) = ended.await.unwrap();
    assert_eq!((code, lines.len()), (Some(0), 1));
    assert_eq!(home.read("saved.jsonl").lines().count(), 1);
}

#[tokio::test]
async fn takes_post_only_and_ends_after_a_count() {
    let home = Home::new();
    let mut listening = home.listen(&["--count", "2", "--json"]).await;
    let get = "GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
    let answer = topper_testkit::exchange(address(&listening.url), get).await.unwrap();
    assert_eq!(answer.status, 405);
    for _ in 0..2 {
        assert_eq!(
            home.topper(&["send", "user:created", "--to", &listening.url]).await.code,
            Some(0)
        );
        listening.object().await;
    }
    assert_eq!(listening.ended().await, Some(0));
}

#[tokio::test]
async fn shows_no_control_character_from_elsewhere() {
    let home = Home::new();
    let mut listening = home.listen(&["--body"]).await;
    home.write(
        "body",
        "{\"id\":\"a\\u001b[2Jb\",\"name\":\"x\\u0007\\ny\",\"data\":{\"t\":\"\u{9b}2J\"}}",
    );
    home.topper(&["send", "--body", "body", "--to", &listening.url]).await;
    let mut shown = String::new();
    for _ in 0..7 {
        shown.push_str(&listening.line().await);
    }
    assert!(shown.contains("a\\u{1b}[2Jb") && !shown.contains(char::is_control), "{shown:?}");
}

#[tokio::test]
async fn escapes_what_is_invisible_in_a_name() {
    let home = Home::new();
    let mut listening = home.listen(&[]).await;
    let event = EventBuilder::unknown("order:\u{202e}\u{2066}\u{200b}new");
    home.write("body", event.to_json());
    let sent = home.topper(&["send", "--body", "body", "--to", &listening.url]).await;
    for shown in [listening.line().await, sent.stdout] {
        assert!(shown.contains("order:\\u{202e}\\u{2066}\\u{200b}new"), "{shown:?}");
    }
}
