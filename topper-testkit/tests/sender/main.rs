//! The sender, against endpoints on real sockets that answer as they are told.

#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "tests stop at what should not happen"
)]

mod batch;
mod endpoint;
mod https;

use std::{net::SocketAddr, time::Duration};

use endpoint::{Behaviour, Endpoint};
use tokio::{
    io::AsyncReadExt as _,
    net::{TcpListener, TcpSocket},
    sync::mpsc,
    time::{sleep, timeout},
};
use topper_core::{EventName, Fate, KeySet, protocol::SIGNATURE_HEADER};
use topper_testkit::{
    Delivery, EventBuilder, Received, Sender, TestKey, UnreachableKind, exchange,
};

fn delivery(key: &TestKey) -> Delivery {
    Delivery::signed(key, EventBuilder::new(EventName::OrderCryptoOnrampCompleted).to_json())
}

/// All ten retries within 50 ms.
fn fast(endpoint: &Endpoint) -> Sender {
    Sender::to(&endpoint.url()).unwrap().squeezed(216_000.0)
}

#[tokio::test]
async fn sends_the_signed_bytes_and_every_header() {
    let endpoint = Endpoint::start(|_| Behaviour::Answer(200)).await;
    let key = TestKey::generate();
    let delivery = delivery(&key).header("X-Own", "one").header("x-own", "two");
    let sent = fast(&endpoint).send(delivery.clone()).await;
    assert_eq!((sent.fate(), sent.attempts.len()), (Fate::Delivered, 1));
    assert_eq!(sent.delivery(), &delivery);

    let request = endpoint.requests().remove(0);
    assert!(request.head.starts_with("POST /webhooks/topper?a=b HTTP/1.1\r\n"), "{}", request.head);
    assert_eq!(request.values("host"), [endpoint.address.to_string()]);
    assert_eq!(request.values("content-type"), ["application/json"]);
    assert_eq!(request.values("content-length"), [delivery.body.len().to_string()]);
    assert_eq!(request.values("x-own"), ["one", "two"]);
    assert_eq!(request.body, delivery.body);
    let token = request.values(SIGNATURE_HEADER).remove(0);
    let keys = KeySet::parse(&key.public_jwk()).unwrap();
    keys.verify(token.as_bytes(), &request.body).unwrap();
}

#[tokio::test]
async fn tries_again_ten_times_on_exactly_what_topper_does() {
    for status in [408, 409, 429, 500, 501, 503, 504, 599] {
        let endpoint = Endpoint::start(move |_| Behaviour::Answer(status)).await;
        let sent = fast(&endpoint).send(delivery(&TestKey::generate())).await;
        assert_eq!((sent.fate(), sent.attempts.len()), (Fate::Retried, 11), "{status}");
        let requests = endpoint.requests();
        assert_eq!(requests.len(), 11);
        assert!(requests.iter().all(|request| request.body == requests[0].body));
    }
}

#[tokio::test]
async fn ends_with_every_other_answer() {
    for status in [200, 204, 299, 300, 400, 401, 403, 404, 410, 411, 413, 415, 422, 428, 499] {
        let endpoint = Endpoint::start(move |_| Behaviour::Answer(status)).await;
        let sent = fast(&endpoint).send(delivery(&TestKey::generate())).await;
        let fate = if status < 300 { Fate::Delivered } else { Fate::Lost };
        assert_eq!((sent.fate(), sent.attempts.len()), (fate, 1), "{status}");
        assert_eq!(sent.last().unwrap().received.status(), Some(status));
    }
}

#[tokio::test]
async fn follows_no_redirect() {
    for status in [301, 302, 303, 307, 308] {
        let endpoint = Endpoint::start(move |_| Behaviour::Redirect(status)).await;
        let sent = fast(&endpoint).send(delivery(&TestKey::generate())).await;
        assert_eq!((sent.fate(), endpoint.requests().len()), (Fate::Lost, 1), "{status}");
    }
}

#[tokio::test]
async fn delivers_once_the_endpoint_recovers() {
    let endpoint = Endpoint::start(|count| match count {
        0 => Behaviour::Answer(503),
        1 => Behaviour::Hang,
        2 => Behaviour::Close,
        3 => Behaviour::BreakOff,
        _ => Behaviour::Answer(200),
    })
    .await;
    let sender = fast(&endpoint).timeout(Duration::from_millis(200));
    let sent = sender.send(delivery(&TestKey::generate())).await;
    let received: Vec<_> = sent.attempts.iter().map(|attempt| &attempt.received).collect();
    assert!(
        matches!(
            received.as_slice(),
            [
                Received::Answer(_),
                Received::Timeout,
                Received::Unreachable(closed),
                Received::Unreachable(cut_short),
                Received::Answer(_),
            ] if closed.kind() == UnreachableKind::Closed
                && cut_short.kind() == UnreachableKind::CutShort
        ),
        "{received:?}"
    );
    assert_eq!(sent.fate(), Fate::Delivered);
    let numbers: Vec<_> = sent.attempts.iter().map(|attempt| attempt.number).collect();
    assert_eq!(numbers, [1, 2, 3, 4, 5]);
    assert!(sent.attempts.is_sorted_by_key(|attempt| attempt.at));
}

#[tokio::test]
async fn waits_four_seconds_for_an_answer() {
    let endpoint = Endpoint::start(|_| Behaviour::Hang).await;
    let started = std::time::Instant::now();
    let sent = fast(&endpoint).retries(0).send(delivery(&TestKey::generate())).await;
    assert!(matches!(sent.last().unwrap().received, Received::Timeout));
    let elapsed = started.elapsed();
    assert!(elapsed >= Duration::from_secs(4) && elapsed < Duration::from_secs(6), "{elapsed:?}");
}

#[tokio::test]
async fn takes_a_refused_connection_for_a_timeout() {
    // Bound, and not listened on.
    let closed = TcpSocket::new_v4().unwrap();
    closed.bind(SocketAddr::from(([127, 0, 0, 1], 0))).unwrap();
    let url = format!("http://{}/", closed.local_addr().unwrap());
    let sender = Sender::to(&url).unwrap().squeezed(216_000.0).retries(2);
    let sent = sender.send(delivery(&TestKey::generate())).await;
    assert_eq!((sent.fate(), sent.attempts.len()), (Fate::Retried, 3));
    let last = &sent.last().unwrap().received;
    let Received::Unreachable(error) = last else { panic!("{last:?}") };
    assert_eq!(error.kind(), UnreachableKind::Refused);
}

#[tokio::test]
async fn reads_answers_of_every_framing() {
    for (behaviour, body) in [
        (Behaviour::Chunked, "in two chunks"),
        (Behaviour::UntilClose, "to the end"),
        (Behaviour::Interim, "at last"),
    ] {
        let endpoint = Endpoint::start(move |_| behaviour).await;
        let sent = fast(&endpoint).send(delivery(&TestKey::generate())).await;
        let Received::Answer(answer) = &sent.last().unwrap().received else { panic!("{sent:?}") };
        assert_eq!((answer.status, answer.body.as_str()), (200, body));
        assert_eq!(answer.content_type, "text/plain");
    }
}

#[tokio::test]
async fn keeps_no_endless_answer() {
    let endpoint = Endpoint::start(|_| Behaviour::Endless).await;
    let sent = fast(&endpoint).send(delivery(&TestKey::generate())).await;
    assert_eq!(sent.fate(), Fate::Delivered);
}

#[tokio::test]
async fn stops_when_its_future_is_dropped() {
    let endpoint = Endpoint::start(|_| Behaviour::Answer(503)).await;
    let (observer, mut observed) = mpsc::unbounded_channel();
    let sender = Sender::to(&endpoint.url()).unwrap().squeezed(100.0).observed(move |_, _| {
        observer.send(()).unwrap();
    });
    let mut sending = Box::pin(sender.send_all((0..5).map(|_| delivery(&TestKey::generate()))));
    for _ in 0..5 {
        tokio::select! {
            Some(()) = observed.recv() => (),
            _ = &mut sending => panic!("it should go on for two minutes"),
        }
    }
    drop(sending);
    // What was under way arrives; then nothing more, though the first retry was due in 0.1 s.
    sleep(Duration::from_millis(50)).await;
    let requests = endpoint.requests().len();
    sleep(Duration::from_millis(500)).await;
    assert_eq!(endpoint.requests().len(), requests);
}

#[tokio::test]
async fn closes_a_raw_connection_when_its_future_is_dropped() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let request = exchange(listener.local_addr().unwrap(), "POST / HTTP/1.1\r\n");
    let _ = timeout(Duration::from_millis(100), request).await.unwrap_err();
    let (mut socket, _) = listener.accept().await.unwrap();
    let mut received = Vec::new();
    // It would never end.
    let read = timeout(Duration::from_secs(10), socket.read_to_end(&mut received)).await.unwrap();
    assert!(read.is_err() || received.starts_with(b"POST"));
}

#[test]
fn takes_http_urls_only() {
    for url in [
        "",
        "localhost",
        "/path",
        "ftp://host/",
        "http://",
        "http://user:word@host/",
        "a b",
        "https://1.2.3.4.5/",
    ] {
        Sender::to(url).unwrap_err();
    }
    for url in ["http://host", "https://host:8443/a?b=c", "http://[::1]:3000/"] {
        let _: Sender = Sender::to(url).unwrap();
    }
}
