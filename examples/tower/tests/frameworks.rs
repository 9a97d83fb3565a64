//! The receivers on poem and salvo as processes.

#![expect(clippy::unwrap_used, reason = "tests stop at what should not happen")]

use std::{net::SocketAddr, process::Stdio, time::Duration};

use tokio::{
    net::{TcpSocket, TcpStream},
    process::{Child, Command},
    time::{sleep, timeout},
};
use topper::{EventName, Fate, Reply};
use topper_testkit::{Delivery, EventBuilder, Received, Sender, TestKey};

const RECEIVERS: [&str; 2] =
    [env!("CARGO_BIN_EXE_receive-poem"), env!("CARGO_BIN_EXE_receive-salvo")];

/// A receiver on a port of its own. It accepts deliveries from here alone, so it must know who connects.
async fn start(receiver: &str, key: &TestKey) -> (Child, SocketAddr) {
    // Bound, so that it is free for this receiver only, and not listened on.
    let reserved = TcpSocket::new_v4().unwrap();
    reserved.set_reuseaddr(true).unwrap();
    reserved.bind(SocketAddr::from(([127, 0, 0, 1], 0))).unwrap();
    let address = reserved.local_addr().unwrap();
    let child = Command::new(receiver)
        .env_clear()
        .env("PORT", address.port().to_string())
        .env("TOPPER_WEBHOOK_PUBLIC_KEY", key.public_jwk())
        .env("TOPPER_WEBHOOK_SOURCES", "enforce")
        .env("TOPPER_WEBHOOK_ALLOWED_IPS", "127.0.0.1")
        .env("TOPPER_STORE_URL", "memory:")
        .stdout(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let listens = async {
        while TcpStream::connect(address).await.is_err() {
            sleep(Duration::from_millis(20)).await;
        }
    };
    assert!(timeout(Duration::from_secs(20), listens).await.is_ok(), "{receiver} does not listen");
    (child, address)
}

fn completed(key: &TestKey) -> Delivery {
    Delivery::signed(key, EventBuilder::new(EventName::OrderCryptoOnrampCompleted).to_json())
}

#[tokio::test]
async fn receive_what_the_sender_sends_as_topper_does() {
    for receiver in RECEIVERS {
        let key = TestKey::generate();
        let (_child, address) = start(receiver, &key).await;
        let sender = Sender::to(&format!("http://{address}/webhooks/topper")).unwrap().retries(0);
        let genuine = completed(&key);
        let unsigned = genuine.clone().without_header(topper::protocol::SIGNATURE_HEADER);
        let forged = genuine.clone().with_body([&genuine.body[..], b" "].concat());
        let large = Delivery::signed(&key, vec![b' '; 256 * 1024 + 1]);
        let unreadable = Delivery::signed(&key, "[]");
        for (delivery, reply) in [
            (genuine.clone(), Reply::Processed),
            (genuine, Reply::Duplicate),
            (unsigned, Reply::SignatureMissing),
            (forged, Reply::SignatureInvalid),
            (large, Reply::BodyTooLarge),
            (unreadable, Reply::EventUnreadable),
        ] {
            let sent = sender.send(delivery).await;
            let Received::Answer(answer) = &sent.last().unwrap().received else {
                unreachable!("{receiver} {reply}: {sent:?}")
            };
            assert_eq!(
                (answer.status, answer.body.as_str(), answer.content_type.as_str()),
                (reply.status(), reply.code(), "text/plain; charset=utf-8"),
                "{receiver}"
            );
            assert_eq!(sent.fate() == Fate::Retried, reply.is_retried(), "{receiver} {reply}");
        }
        // Only the webhook's route is the webhook.
        let elsewhere = completed(&key).send(address, "/webhooks/other").await.unwrap();
        assert_eq!(elsewhere.status, 404, "{receiver}");
    }
}
