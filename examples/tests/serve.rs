//! Where the receivers listen, what they say of their health, and deliveries to a wrong place.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "tests stop at what should not happen")]

mod receiver;

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener},
    time::Duration,
};

use receiver::{RECEIVERS, end, start};
use tokio::{
    net::TcpStream,
    process::Command,
    time::{Instant, sleep},
};
use topper::{EventName, Reply};
use topper_testkit::{Answer, Delivery, EventBuilder, TestKey, exchange};

fn delivery(key: &TestKey) -> Delivery {
    Delivery::signed(key, EventBuilder::new(EventName::OrderCryptoOnrampCompleted).to_json())
}

async fn get(address: SocketAddr, path: &str) -> Answer {
    let request = format!("GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n");
    exchange(address, request).await.unwrap()
}

fn assert_answer(answer: &Answer, status: u16, body: &str, what: &str) {
    assert_eq!((answer.status, answer.body.as_str()), (status, body), "{what}");
}

/// A port that was free a moment ago.
fn free() -> (SocketAddr, String) {
    let address = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap();
    (address, address.port().to_string())
}

#[tokio::test]
async fn answers_a_delivery_to_a_wrong_place_so_that_topper_tries_again() {
    for receiver in RECEIVERS {
        let key = TestKey::generate();
        let folder = tempfile::tempdir().unwrap();
        let settings = [("TOPPER_PROCESSING", "verify"), ("NO_COLOR", "1")];
        let (child, address) = start(receiver, folder.path(), &key, &settings).await;
        let signed = delivery(&key);
        for path in ["/webhooks/topper", "/webhooks/topper/", "/webhooks/topper/?from=topper"] {
            let answer = signed.send(address, path).await.unwrap();
            assert_answer(&answer, 200, "processed", &format!("{receiver} {path}"));
        }
        let forged = delivery(&TestKey::generate());
        let answer = forged.send(address, "/webhooks/topper/").await.unwrap();
        assert_eq!(answer.body, Reply::SignatureInvalid.code(), "{receiver}");

        let reply = Reply::NotConfigured;
        assert!(reply.is_retried());
        for path in ["/webhook/topper", "/webhooks/topper/more", "/", "/%0a%1b[2J"] {
            let answer = signed.send(address, path).await.unwrap();
            assert_answer(&answer, reply.status(), reply.code(), &format!("{receiver} {path}"));
            assert_eq!(answer.content_type, "text/plain; charset=utf-8", "{receiver}");
        }
        let put = String::from_utf8(signed.to_http1("/webhooks/topper")).unwrap();
        let answer = exchange(address, put.replacen("POST", "PUT", 1)).await.unwrap();
        assert_answer(&answer, reply.status(), reply.code(), receiver);

        // What is not from Topper gets what it always got.
        let unsigned = signed.clone().without_header("x-topper-jws-signature");
        let answer = unsigned.send(address, "/webhook/topper").await.unwrap();
        assert_eq!(answer.status, 404, "{receiver}");
        assert_eq!(get(address, "/").await.status, 404, "{receiver}");

        let log = String::from_utf8(end(child, "-TERM").await.stdout).unwrap();
        assert_eq!(log.matches("outcome=\"not_configured\"").count(), 5, "{receiver} {log}");
        assert!(
            log.contains("a delivery arrived at POST /webhook/topper, where"),
            "{receiver} {log}"
        );
        assert!(log.contains("PUT /webhooks/topper, where"), "{receiver} {log}");
        assert!(log.contains("peer=127.0.0.1"), "{receiver} {log}");
    }
}

#[tokio::test]
async fn says_how_it_is_on_the_admin_port() {
    for receiver in RECEIVERS {
        let key = TestKey::generate();
        let folder = tempfile::tempdir().unwrap();
        let (admin, port) = free();
        let settings = [("ADMIN_PORT", port.as_str()), ("SHUTDOWN_DELAY", "2")];
        let (child, address) = start(receiver, folder.path(), &key, &settings).await;
        // Rocket listens before it says so.
        let mut answer = get(admin, "/readyz").await;
        for _ in 0..100 {
            if answer.status == 200 {
                break;
            }
            sleep(Duration::from_millis(20)).await;
            answer = get(admin, "/readyz").await;
        }
        assert_answer(&answer, 200, "ready", receiver);
        assert_answer(&get(admin, "/livez").await, 200, "alive", receiver);
        let metrics = get(admin, "/metrics").await;
        assert_eq!(metrics.status, 200, "{receiver}");
        assert_eq!(metrics.content_type, "text/plain; version=0.0.4; charset=utf-8");
        assert_eq!(get(admin, "/webhooks/topper").await.status, 404, "{receiver}");
        // Nor is the one port the other one.
        assert_eq!(get(address, "/livez").await.status, 404, "{receiver}");

        let id = child.id().unwrap().to_string();
        let ending = tokio::spawn(end(child, "-TERM"));
        let told = Instant::now();
        let mut was_unready = false;
        while told.elapsed() < Duration::from_millis(1500) {
            let answer = get(admin, "/readyz").await;
            was_unready |= answer.status == 503;
            if was_unready {
                assert_answer(&answer, 503, "shutting down", receiver);
                assert_answer(&get(admin, "/livez").await, 200, "alive", receiver);
                let answer = delivery(&key).send(address, "/webhooks/topper").await.unwrap();
                assert_eq!(answer.status, 200, "{receiver}");
            }
            sleep(Duration::from_millis(100)).await;
        }
        assert!(was_unready, "{receiver} {id}");
        let output = ending.await.unwrap();
        assert!(output.status.success(), "{receiver}");
        assert!(told.elapsed() >= Duration::from_secs(2), "{receiver}");
    }
}

#[tokio::test]
async fn is_not_ready_without_its_store_and_alive_all_the_same() {
    let receiver = RECEIVERS[1];
    let key = TestKey::generate();
    let folder = tempfile::tempdir().unwrap();
    let (admin, port) = free();
    let settings = [("ADMIN_PORT", port.as_str()), ("TOPPER_PROCESSING", "inbox")];
    let (child, _) = start(receiver, folder.path(), &key, &settings).await;
    assert_answer(&get(admin, "/readyz").await, 200, "ready", receiver);
    for file in std::fs::read_dir(folder.path()).unwrap() {
        std::fs::remove_file(file.unwrap().path()).unwrap();
    }
    let removed = Instant::now();
    let mut answer = get(admin, "/readyz").await;
    while answer.status == 200 && removed.elapsed() < Duration::from_secs(10) {
        sleep(Duration::from_millis(100)).await;
        answer = get(admin, "/readyz").await;
    }
    assert_answer(&answer, 503, "a check failed", receiver);
    assert_answer(&get(admin, "/livez").await, 200, "alive", receiver);
    drop(end(child, "-TERM").await);
}

#[tokio::test]
async fn has_no_admin_port_unless_it_is_told() {
    let (admin, _) = free();
    let key = TestKey::generate();
    let folder = tempfile::tempdir().unwrap();
    let settings = [("ADMIN_HOST", "127.0.0.1"), ("ADMIN_PORT", "")];
    let (child, address) = start(RECEIVERS[1], folder.path(), &key, &settings).await;
    assert!(TcpStream::connect(admin).await.is_err());
    assert_eq!(get(address, "/readyz").await.status, 404);
    // Only the port of the deliveries is listened on.
    let sockets = std::fs::read_dir(format!("/proc/{}/fd", child.id().unwrap()));
    if let Ok(sockets) = sockets {
        let inodes: Vec<String> = sockets
            .filter_map(|file| {
                std::fs::read_link(file.ok()?.path()).ok()?.to_str().map(str::to_owned)
            })
            .filter_map(|link| {
                Some(link.strip_prefix("socket:[")?.trim_end_matches(']').to_owned())
            })
            .collect();
        let listening = ["/proc/net/tcp", "/proc/net/tcp6"].map(std::fs::read_to_string);
        let listening: String = listening.into_iter().flatten().collect();
        let ours = listening.lines().filter(|line| {
            let columns: Vec<&str> = line.split_whitespace().collect();
            columns.get(3) == Some(&"0A")
                && columns.get(9).is_some_and(|it| inodes.iter().any(|i| i == it))
        });
        assert_eq!(ours.count(), 1);
    }
    drop(end(child, "-TERM").await);
}

#[tokio::test]
async fn listens_on_the_host_it_is_told() {
    let has_ipv6 = TcpListener::bind((Ipv6Addr::LOCALHOST, 0)).is_ok();
    let (v4, v6) = (IpAddr::from(Ipv4Addr::LOCALHOST), IpAddr::from(Ipv6Addr::LOCALHOST));
    for receiver in RECEIVERS {
        for (host, answers, refuses) in [
            ("", vec![v4, v6], None),
            ("::", vec![v4, v6], None),
            ("0.0.0.0", vec![v4], Some(v6)),
            ("127.0.0.1", vec![v4], Some(v6)),
        ] {
            let key = TestKey::generate();
            let folder = tempfile::tempdir().unwrap();
            let settings = [("HOST", host), ("TOPPER_PROCESSING", "verify")];
            let (child, address) = start(receiver, folder.path(), &key, &settings).await;
            for ip in answers.into_iter().filter(|ip| ip.is_ipv4() || has_ipv6) {
                let to = SocketAddr::new(ip, address.port());
                let answer = delivery(&key).send(to, "/webhooks/topper").await.unwrap();
                assert_answer(&answer, 200, "processed", &format!("{receiver} {host} {ip}"));
            }
            if let Some(ip) = refuses.filter(|_| has_ipv6) {
                let to = SocketAddr::new(ip, address.port());
                assert!(TcpStream::connect(to).await.is_err(), "{receiver} {host} {ip}");
            }
            drop(end(child, "-TERM").await);
        }
    }
}

#[tokio::test]
async fn logs_json_when_it_is_told() {
    let key = TestKey::generate();
    let folder = tempfile::tempdir().unwrap();
    let settings = [("LOG_FORMAT", "json"), ("TOPPER_PROCESSING", "verify")];
    let (child, address) = start(RECEIVERS[1], folder.path(), &key, &settings).await;
    delivery(&key).send(address, "/webhooks/topper").await.unwrap();
    let log = String::from_utf8(end(child, "-TERM").await.stdout).unwrap();
    let lines: Vec<serde_json::Value> =
        log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(lines.iter().any(|line| line["outcome"] == "processed"), "{log}");
    assert!(lines.iter().any(|line| line["message"] == "ended"), "{log}");
}

#[tokio::test]
async fn ends_at_once_on_a_second_signal() {
    for receiver in RECEIVERS {
        let key = TestKey::generate();
        let folder = tempfile::tempdir().unwrap();
        let settings = [("SHUTDOWN_DELAY", "60"), ("TOPPER_PROCESSING", "verify")];
        let (mut child, address) = start(receiver, folder.path(), &key, &settings).await;
        let id = child.id().unwrap().to_string();
        assert!(Command::new("kill").args(["-TERM", &id]).status().await.unwrap().success());
        // It goes on.
        sleep(Duration::from_millis(300)).await;
        assert_eq!(delivery(&key).send(address, "/webhooks/topper").await.unwrap().status, 200);
        assert!(child.try_wait().unwrap().is_none(), "{receiver}");
        let told = Instant::now();
        let output = end(child, "-TERM").await;
        assert_eq!(output.status.code(), Some(143), "{receiver}");
        assert!(told.elapsed() < Duration::from_secs(2), "{receiver}");
    }
}
