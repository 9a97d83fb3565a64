//! The example receivers as processes: configured by their environment, told to end by a signal.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "tests stop at what should not happen")]
#![expect(clippy::print_stdout, reason = "a test that is skipped says so")]

mod receiver;

use std::{path::Path, time::Duration};

use receiver::{RECEIVERS, command, end, start};
use tokio::{
    net::TcpStream,
    process::Command,
    time::{sleep, timeout},
};
use topper::{EventName, Reply};
use topper_testkit::{Delivery, EventBuilder, TestKey};

#[tokio::test]
async fn receives_logs_and_ends_on_sigterm() {
    for receiver in RECEIVERS {
        receives_and_ends(receiver).await;
    }
}

async fn receives_and_ends(receiver: &str) {
    let key = TestKey::generate();
    let folder = tempfile::tempdir().unwrap();
    let (child, address) = start(receiver, folder.path(), &key, &[]).await;
    let event = EventBuilder::new(EventName::OrderCryptoOnrampCompleted).id("the-id");
    for (delivery, reply) in [
        (Delivery::signed(&key, event.to_json()), Reply::Processed),
        (
            Delivery::signed(&key, EventBuilder::new(EventName::UserCreated).to_json()),
            Reply::Ignored,
        ),
        (Delivery::signed(&key, EventBuilder::unknown("user:deleted").to_json()), Reply::Ignored),
        (Delivery::signed(&TestKey::generate(), event.to_json()), Reply::SignatureInvalid),
    ] {
        let answer = delivery.send(address, "/webhooks/topper").await.unwrap();
        assert_eq!((answer.status, answer.body.as_str()), (reply.status(), reply.code()));
        assert_eq!(answer.content_type, "text/plain; charset=utf-8", "{receiver}");
    }
    let output = end(child, "-TERM").await;
    let log = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{receiver} {log}");
    let by_handler = log.lines().find(|line| line.contains("on-ramp order completed")).unwrap();
    assert!(by_handler.contains("event.id=the-id"), "{by_handler}");
    for part in ["webhook answered", "the-id", "webhook refused", "signature_invalid", "ended"] {
        assert!(log.contains(part), "{part} is not in {receiver} {log}");
    }
    assert_eq!(log.matches(" outcome=").count(), 4, "one line a delivery: {receiver} {log}");
}

#[tokio::test]
async fn works_on_an_event_once_over_a_restart() {
    for receiver in RECEIVERS {
        works_once(receiver).await;
    }
}

async fn works_once(receiver: &str) {
    let key = TestKey::generate();
    let event = EventBuilder::new(EventName::OrderCryptoOnrampCompleted).id("the-id");
    let delivery = Delivery::signed(&key, event.to_json());
    let folder = tempfile::tempdir().unwrap();
    for (settings, replies) in [
        (&[][..], [Reply::Processed, Reply::Duplicate]),
        (&[("TOPPER_PROCESSING", "once")], [Reply::Duplicate, Reply::Duplicate]),
        (&[("TOPPER_PROCESSING", "inbox")], [Reply::Duplicate, Reply::Duplicate]),
        (&[("TOPPER_STORE_URL", "sqlite://another.db")], [Reply::Processed, Reply::Duplicate]),
        (&[("TOPPER_PROCESSING", "verify")], [Reply::Processed, Reply::Processed]),
    ] {
        let (child, address) = start(receiver, folder.path(), &key, settings).await;
        for reply in replies {
            let answer = delivery.send(address, "/webhooks/topper").await.unwrap();
            assert_eq!(answer.body, reply.code(), "{receiver} {settings:?}");
        }
        let log = String::from_utf8(end(child, "-TERM").await.stdout).unwrap();
        let logged = |reply: Reply| log.matches(&format!(" outcome=\"{}\"", reply.code())).count();
        for reply in replies {
            let expected = replies.iter().filter(|&&other| other == reply).count();
            assert_eq!(logged(reply), expected, "{receiver} {settings:?} {log}");
        }
    }
    assert!(folder.path().join("topper.db").exists());
}

#[tokio::test]
async fn stores_an_event_in_the_inbox_and_processes_it_after_the_answer() {
    for receiver in RECEIVERS {
        let key = TestKey::generate();
        let event = EventBuilder::new(EventName::OrderCryptoOnrampCompleted).id("the-id");
        let delivery = Delivery::signed(&key, event.to_json());
        let folder = tempfile::tempdir().unwrap();
        let inbox = [("TOPPER_PROCESSING", "inbox")];
        let (child, address) = start(receiver, folder.path(), &key, &inbox).await;
        for reply in [Reply::Accepted, Reply::Duplicate] {
            let answer = delivery.send(address, "/webhooks/topper").await.unwrap();
            assert_eq!((answer.status, answer.body.as_str()), (200, reply.code()), "{receiver}");
        }
        let log = String::from_utf8(end(child, "-TERM").await.stdout).unwrap();
        assert_eq!(log.matches("on-ramp order completed").count(), 1, "{receiver} {log}");
        assert_eq!(log.matches(" inbox_outcome=\"processed\"").count(), 1, "{receiver} {log}");
        // From now on the event is one that was processed, whoever asks.
        let (child, address) = start(receiver, folder.path(), &key, &[]).await;
        let answer = delivery.send(address, "/webhooks/topper").await.unwrap();
        assert_eq!(answer.body, Reply::Duplicate.code(), "{receiver}");
        drop(end(child, "-TERM").await);
    }
}

#[tokio::test]
async fn asks_again_for_a_known_event_that_it_cannot_read() {
    for receiver in RECEIVERS {
        let key = TestKey::generate();
        let folder = tempfile::tempdir().unwrap();
        let (child, address) = start(receiver, folder.path(), &key, &[]).await;
        let event = EventBuilder::new(EventName::OrderCryptoOnrampCompleted)
            .remove("data.destination.amount")
            .to_json();
        for _ in 0..2 {
            let delivery = Delivery::signed(&key, event.clone());
            let answer = delivery.send(address, "/webhooks/topper").await.unwrap();
            assert_eq!((answer.status, answer.body.as_str()), (503, "retry"), "{receiver}");
        }
        drop(end(child, "-TERM").await);
    }
}

#[tokio::test]
async fn has_nothing_that_the_doctor_would_mend() {
    // Built with the tests of the whole workspace.
    let topper = Path::new(RECEIVERS[0]).with_file_name("topper");
    if !topper.exists() {
        let is_required = std::env::var_os("TOPPER_TEST_REQUIRE_SERVERS").is_some();
        assert!(!is_required, "there is no {topper:?}");
        println!("skipped: there is no `topper` beside the receivers");
        return;
    }
    let inbox = [("TOPPER_PROCESSING", "inbox")];
    let settings = RECEIVERS.iter().map(|receiver| (receiver, &[][..]));
    for (receiver, settings) in settings.chain([(&RECEIVERS[1], &inbox[..])]) {
        let key = TestKey::generate();
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("key.jwk"), key.private_jwk()).unwrap();
        let (mut child, address) = start(receiver, folder.path(), &key, settings).await;
        // A log that nobody reads would soon hold the receiver up.
        let mut log = child.stdout.take().unwrap();
        tokio::spawn(async move { tokio::io::copy(&mut log, &mut tokio::io::sink()).await });
        let url = format!("http://{address}/webhooks/topper");
        let mut doctor = Command::new(&topper);
        doctor.args(["doctor", &url, "--key", "key.jwk"]).current_dir(folder.path());
        let output = timeout(Duration::from_secs(60), doctor.output()).await.unwrap().unwrap();
        let findings = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success(), "{receiver} {findings}");
        assert!(
            findings.ends_with("24 passed, 0 to look at, 0 failed, 0 not tested\n"),
            "{findings}"
        );
        drop(end(child, "-TERM").await);
    }
}

#[tokio::test]
async fn answers_what_is_at_hand_before_it_ends_on_ctrl_c() {
    for receiver in RECEIVERS {
        answers_and_ends(receiver).await;
    }
}

async fn answers_and_ends(receiver: &str) {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let key = TestKey::generate();
    let folder = tempfile::tempdir().unwrap();
    let (child, address) = start(receiver, folder.path(), &key, &[]).await;
    let event = EventBuilder::new(EventName::OrderCryptoOnrampCompleted);
    let delivery = Delivery::signed(&key, event.to_json());
    let framing = format!(
        "connection: close\r\nexpect: 100-continue\r\ncontent-length: {}",
        delivery.body.len()
    );
    let mut socket = TcpStream::connect(address).await.unwrap();
    socket.write_all(&delivery.head("/webhooks/topper", &framing)).await.unwrap();
    // It comes when the body is waited for: only then is the delivery at hand.
    let mut go_on = [0; b"HTTP/1.1 100 Continue\r\n\r\n".len()];
    timeout(Duration::from_secs(10), socket.read_exact(&mut go_on)).await.unwrap().unwrap();
    assert_eq!(&go_on, b"HTTP/1.1 100 Continue\r\n\r\n", "{receiver}");
    // actix counts a connection only after it has handed it on to a worker, and waits for those
    // that are counted. One that is accepted after ours shows that ours is.
    let other = Delivery::signed(&key, EventBuilder::new(EventName::UserCreated).to_json());
    let answer = other.send(address, "/webhooks/topper").await.unwrap();
    assert_eq!(answer.body, Reply::Ignored.code(), "{receiver}");

    let ended = tokio::spawn(end(child, "-INT"));
    sleep(Duration::from_millis(200)).await;
    socket.write_all(&delivery.body).await.unwrap();
    let mut answer = String::new();
    socket.read_to_string(&mut answer).await.unwrap();
    let output = ended.await.unwrap();
    let log = String::from_utf8(output.stdout).unwrap();
    assert!(
        answer.starts_with("HTTP/1.1 200 ") && answer.ends_with("processed"),
        "{receiver} {answer} {log}"
    );
    assert!(output.status.success(), "{receiver} {log}");
}

#[tokio::test]
async fn says_at_start_what_is_wrong_and_how_it_should_be() {
    let folder = tempfile::tempdir().unwrap();
    let key = TestKey::generate().public_jwk();
    for (variables, part) in [
        (
            vec![("TOPPER_WEBHOOK_PUBLIC_KEY", key.as_str()), ("TOPPER_STORE_URL", "mysql://x")],
            "TOPPER_STORE_URL: the store failed: this is not the URL of a store; it should look like",
        ),
        (
            vec![
                ("TOPPER_WEBHOOK_PUBLIC_KEY", key.as_str()),
                ("TOPPER_STORE_URL", "sqlite:///no/such/folder/topper.db"),
            ],
            "TOPPER_STORE_URL: the store failed: SQLite answered: unable to open database file",
        ),
        (
            vec![("TOPPER_WEBHOOK_PUBLIC_KEY", key.as_str()), ("TOPPER_PROCESSING", "twice")],
            "TOPPER_PROCESSING: set it to once, inbox or verify",
        ),
        (
            vec![
                ("TOPPER_WEBHOOK_PUBLIC_KEY", key.as_str()),
                ("TOPPER_PROCESSING", "inbox"),
                ("TOPPER_STORE_URL", "redis://localhost"),
            ],
            "TOPPER_STORE_URL: the store failed: Redis cannot hold an inbox; use",
        ),
        (vec![], "TOPPER_WEBHOOK_PUBLIC_KEY: no public key is configured; it should look like"),
        (vec![("TOPPER_WEBHOOK_PUBLIC_KEY", key.as_str()), ("PORT", "x")], "PORT: not a port"),
        (
            vec![("TOPPER_WEBHOOK_PUBLIC_KEY", key.as_str()), ("TOPPER_WEBHOOK_SOURCES", "x")],
            "TOPPER_WEBHOOK_SOURCES: not a valid source mode; it should look like off, observe or enforce",
        ),
    ] {
        for receiver in RECEIVERS {
            let command = command(receiver, folder.path(), &variables).output();
            let output = timeout(Duration::from_secs(5), command);
            let output = output.await.unwrap().unwrap();
            assert_eq!(output.status.code(), Some(1));
            let log = String::from_utf8(output.stdout).unwrap();
            assert!(log.contains(part), "{receiver} {log}");
        }
    }
}
