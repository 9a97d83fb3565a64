//! The adapter over real sockets: every row of the status table that concerns it.

#![expect(clippy::unwrap_used, reason = "tests stop at what should not happen")]

use std::{net::SocketAddr, time::Duration};

use axum::{Router, extract::FromRef, routing::post};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};
use topper_axum::{Verified, WebhookRejection, WebhookReply};
use topper_core::{
    Error, EventName, Reply, Retry, SIGNATURE_HEADER, SourceMode, TrustedProxies, Verifier,
    VerifierBuilder,
};
use topper_testkit::{Answer, Delivery, EventBuilder, TestKey, exchange};

async fn serve(router: Router) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    tokio::spawn(async move { axum::serve(listener, service).await });
    address
}

/// Answers with the code of what it makes of the event, so that a test sees the handler has run.
async fn receive(Verified(webhook): Verified) -> WebhookReply {
    let result: Result<Reply, Retry> = match webhook.name() {
        "order:crypto-onramp:completed" => Ok(Reply::Processed),
        "order:crypto-onramp:failed" => Err(Retry::because("ledger is closed")),
        _ => Ok(Reply::Ignored),
    };
    result.into()
}

struct Receiver {
    key: TestKey,
    address: SocketAddr,
}

impl Receiver {
    async fn start(configure: impl FnOnce(VerifierBuilder) -> VerifierBuilder) -> Self {
        let key = TestKey::generate();
        let builder = Verifier::builder().public_key(&key.public_jwk()).retry_while_unproven(false);
        let verifier = configure(builder).build().unwrap();
        let router = Router::new().route("/", post(receive)).with_state(verifier);
        Self { key, address: serve(router).await }
    }

    fn signed(&self, name: EventName) -> Delivery {
        Delivery::signed(&self.key, EventBuilder::new(name).to_json())
    }

    fn completed(&self) -> Delivery {
        self.signed(EventName::OrderCryptoOnrampCompleted)
    }

    async fn assert(&self, delivery: Delivery, expected: Reply) {
        assert_reply(&delivery.send(self.address, "/").await.unwrap(), expected);
    }

    /// Sends raw bytes after the head of a genuine delivery.
    async fn open(&self, more_headers: &str, body: &[u8]) -> TcpStream {
        let token = self.key.sign(&self.completed().body);
        let mut socket = TcpStream::connect(self.address).await.unwrap();
        let head = format!(
            "POST / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n{SIGNATURE_HEADER}: {token}\r\n{more_headers}\r\n"
        );
        socket.write_all(head.as_bytes()).await.unwrap();
        socket.write_all(body).await.unwrap();
        socket
    }
}

fn assert_reply(answer: &Answer, expected: Reply) {
    assert_eq!((answer.status, answer.body.as_str()), (expected.status(), expected.code()));
    assert!(answer.elapsed < Duration::from_millis(3500));
}

#[tokio::test]
async fn answers_with_the_handlers_reply() {
    let receiver = Receiver::start(|builder| builder).await;
    receiver.assert(receiver.completed(), Reply::Processed).await;
    receiver.assert(receiver.signed(EventName::OrderCryptoOnrampFailed), Reply::Retry).await;
    receiver.assert(receiver.signed(EventName::UserCreated), Reply::Ignored).await;
    let unknown = EventBuilder::unknown("user:deleted");
    receiver.assert(Delivery::signed(&receiver.key, unknown.to_json()), Reply::Ignored).await;
}

#[tokio::test]
async fn answers_in_plain_text_without_anything_but_the_code() {
    let receiver = Receiver::start(|builder| builder).await;
    let mut socket = TcpStream::connect(receiver.address).await.unwrap();
    socket.write_all(&Delivery::unsigned("{}").to_http1("/")).await.unwrap();
    let mut answer = String::new();
    socket.read_to_string(&mut answer).await.unwrap();
    assert!(
        answer.starts_with(
            "HTTP/1.1 401 Unauthorized\r\ncontent-type: text/plain; charset=utf-8\r\n"
        ),
        "{answer}"
    );
    assert!(answer.ends_with("\r\n\r\nsignature_missing"), "{answer}");
}

#[tokio::test]
async fn refuses_forgeries_before_the_handler_runs() {
    let receiver = Receiver::start(|builder| builder).await;
    let genuine = receiver.completed();
    receiver
        .assert(genuine.clone().without_header(SIGNATURE_HEADER), Reply::SignatureMissing)
        .await;
    receiver.assert(genuine.clone().with_signature("x..y"), Reply::SignatureMalformed).await;
    let token = receiver.key.sign(&genuine.body);
    receiver
        .assert(genuine.clone().header("x-topper-jws-signature", token), Reply::SignatureMalformed)
        .await;
    receiver.assert(genuine.clone().with_body("{}"), Reply::SignatureInvalid).await;
    let forged = Delivery::signed(&TestKey::generate(), genuine.body);
    receiver.assert(forged, Reply::SignatureInvalid).await;
}

#[tokio::test]
async fn finds_the_header_in_any_case_and_whatever_the_content_type() {
    let receiver = Receiver::start(|builder| builder).await;
    let body = receiver.completed().body;
    for name in ["X-Topper-JWS-Signature", "X-TOPPER-JWS-SIGNATURE", "x-topper-jws-signature"] {
        let delivery = Delivery::unsigned(body.clone()).header(name, receiver.key.sign(&body));
        receiver.assert(delivery.clone().without_header("content-type"), Reply::Processed).await;
        let odd =
            delivery.without_header("content-type").header("content-type", "text/html; charset=x");
        receiver.assert(odd.header("content-encoding", "gzip"), Reply::Processed).await;
    }
}

#[tokio::test]
async fn tries_a_wrong_key_again_until_one_has_matched() {
    let receiver = Receiver::start(|builder| builder.retry_while_unproven(true)).await;
    let forged = Delivery::signed(&TestKey::generate(), receiver.completed().body);
    receiver.assert(forged.clone(), Reply::KeyUnproven).await;
    receiver.assert(receiver.completed(), Reply::Processed).await;
    receiver.assert(forged, Reply::SignatureInvalid).await;
}

#[tokio::test]
async fn tells_the_socket_peer() {
    let receiver =
        Receiver::start(|builder| builder.sources(SourceMode::Enforce).allowed_ips(["127.0.0.1"]))
            .await;
    receiver.assert(receiver.completed(), Reply::Processed).await;
    let receiver = Receiver::start(|builder| builder.sources(SourceMode::Enforce)).await;
    receiver
        .assert(
            receiver.completed().header("x-forwarded-for", "35.188.196.183"),
            Reply::SourceUnknown,
        )
        .await;
}

#[tokio::test]
async fn passes_on_every_line_of_a_forwarding_header() {
    let proxies = || TrustedProxies::new(["127.0.0.1", "10.0.0.0/8"]).unwrap();
    let receiver =
        Receiver::start(|builder| builder.sources(SourceMode::Enforce).trusted_proxies(proxies()))
            .await;
    let with = |lines: &[&str]| {
        lines
            .iter()
            .fold(receiver.completed(), |delivery, line| delivery.header("X-Forwarded-For", *line))
    };
    receiver.assert(with(&["203.0.113.9", "35.188.196.183", "10.1.2.3"]), Reply::Processed).await;
    receiver.assert(with(&["35.188.196.183", "203.0.113.9"]), Reply::SourceForbidden).await;
    receiver.assert(with(&["35.188.196.183", "unknown"]), Reply::SourceUnknown).await;
}

#[tokio::test]
async fn does_not_know_a_peer_when_connect_info_was_forgotten() {
    let key = TestKey::generate();
    let verifier = Verifier::builder()
        .public_key(&key.public_jwk())
        .sources(SourceMode::Enforce)
        .build()
        .unwrap();
    let router = Router::new().route("/", post(receive)).with_state(verifier);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    assert_reply(
        &Delivery::signed(&key, "{}").send(address, "/").await.unwrap(),
        Reply::SourceUnknown,
    );
}

#[tokio::test]
async fn limits_the_body_declared_or_chunked() {
    let receiver = Receiver::start(|builder| builder.body_limit(4096)).await;
    let mut body = receiver.completed().body;
    body.resize(4096, b' ');
    receiver.assert(Delivery::signed(&receiver.key, body.clone()), Reply::Processed).await;
    let token = receiver.key.sign(&body);
    let head = format!(
        "POST / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n{SIGNATURE_HEADER}: {token}\r\ntransfer-encoding: chunked\r\n\r\n"
    );
    let chunked = |body: &[u8]| {
        let chunks: Vec<u8> = body
            .chunks(1000)
            .flat_map(|chunk| {
                [format!("{:x}\r\n", chunk.len()).as_bytes(), chunk, b"\r\n"].concat()
            })
            .collect();
        [head.as_bytes(), &chunks, b"0\r\n\r\n"].concat()
    };
    assert_reply(&exchange(receiver.address, chunked(&body)).await.unwrap(), Reply::Processed);
    body.push(b' ');
    receiver.assert(Delivery::signed(&receiver.key, body.clone()), Reply::BodyTooLarge).await;
    assert_reply(&exchange(receiver.address, chunked(&body)).await.unwrap(), Reply::BodyTooLarge);
}

#[tokio::test]
async fn is_not_bound_by_axums_own_limit() {
    let receiver = Receiver::start(|builder| builder.body_limit(3 * 1024 * 1024)).await;
    let mut body = receiver.completed().body;
    body.resize(3 * 1024 * 1024, b' ');
    receiver.assert(Delivery::signed(&receiver.key, body), Reply::Processed).await;
}

#[tokio::test]
async fn answers_a_declared_length_over_the_limit_before_the_body_comes() {
    let receiver = Receiver::start(|builder| builder).await;
    let mut socket = receiver.open("content-length: 262145\r\n", b"").await;
    let mut answer = [0; 12];
    tokio::time::timeout(Duration::from_secs(1), socket.read_exact(&mut answer))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(&answer, b"HTTP/1.1 413");
}

#[tokio::test]
async fn answers_a_slow_body_after_its_time() {
    let receiver =
        Receiver::start(|builder| builder.body_timeout(Duration::from_millis(300))).await;
    let mut socket = receiver.open("content-length: 1000\r\n", b"{").await;
    let mut answer = String::new();
    tokio::time::timeout(Duration::from_secs(2), socket.read_to_string(&mut answer))
        .await
        .unwrap()
        .unwrap();
    assert!(answer.starts_with("HTTP/1.1 408 ") && answer.ends_with("body_timeout"), "{answer}");
}

#[tokio::test]
async fn answers_a_body_that_broke_off() {
    let receiver = Receiver::start(|builder| builder).await;
    for (headers, body) in [
        ("content-length: 1000\r\n", &b"{"[..]),
        ("transfer-encoding: chunked\r\n", b"5\r\n{"),
        ("transfer-encoding: chunked\r\n", b"zz\r\n"),
    ] {
        let mut socket = receiver.open(headers, body).await;
        socket.shutdown().await.unwrap();
        let mut answer = String::new();
        socket.read_to_string(&mut answer).await.unwrap();
        assert!(
            answer.starts_with("HTTP/1.1 400 ") && answer.ends_with("body_incomplete"),
            "{headers} {answer}"
        );
    }
}

#[tokio::test]
async fn keeps_what_is_authentic_but_unreadable() {
    let receiver = Receiver::start(|builder| builder).await;
    for body in ["", "x", "[]", "{}", "null", r#"{"id":"a","id":"a","name":"b"}"#] {
        receiver.assert(Delivery::signed(&receiver.key, body), Reply::EventUnreadable).await;
    }
}

#[tokio::test]
async fn gives_a_refusal_to_a_handler_that_asks_for_it() {
    async fn lenient(
        verified: Result<Verified, WebhookRejection>,
    ) -> Result<WebhookReply, WebhookRejection> {
        match verified {
            Ok(_) => Ok(Reply::Processed.into()),
            Err(WebhookRejection(Error::SignatureMissing)) => Ok(Reply::Duplicate.into()),
            Err(other) => Err(other),
        }
    }
    let key = TestKey::generate();
    let verifier = Verifier::new(&key.public_jwk()).unwrap();
    let address = serve(Router::new().route("/", post(lenient)).with_state(verifier)).await;
    assert_reply(&Delivery::unsigned("{}").send(address, "/").await.unwrap(), Reply::Duplicate);
    assert_reply(
        &Delivery::unsigned("{}").with_signature("x").send(address, "/").await.unwrap(),
        Reply::SignatureMalformed,
    );
}

#[tokio::test]
async fn serves_two_webhooks_with_keys_and_labels_of_their_own() {
    async fn label(Verified(webhook): Verified) -> String {
        webhook.label().to_owned()
    }
    let (sandbox, production) = (TestKey::generate(), TestKey::generate());
    let verifier = |key: &TestKey, label: &str| {
        Verifier::builder()
            .public_key(&key.public_jwk())
            .label(label)
            .retry_while_unproven(false)
            .build()
            .unwrap()
    };
    let router = Router::new()
        .merge(
            Router::new().route("/sandbox", post(label)).with_state(verifier(&sandbox, "sandbox")),
        )
        .merge(
            Router::new()
                .route("/production", post(label))
                .with_state(verifier(&production, "production")),
        );
    let address = serve(router).await;
    let body = EventBuilder::new(EventName::UserCreated).to_json();
    for (key, own, other) in
        [(&sandbox, "sandbox", "production"), (&production, "production", "sandbox")]
    {
        let delivery = Delivery::signed(key, body.clone());
        let answer = delivery.send(address, &format!("/{own}")).await.unwrap();
        assert_eq!((answer.status, answer.body.as_str()), (200, own));
        assert_reply(
            &delivery.send(address, &format!("/{other}")).await.unwrap(),
            Reply::SignatureInvalid,
        );
    }
}

#[tokio::test]
async fn takes_its_verifier_from_a_larger_state() {
    #[derive(Clone)]
    struct App {
        verifier: Verifier,
    }
    impl FromRef<App> for Verifier {
        fn from_ref(app: &App) -> Self {
            app.verifier.clone()
        }
    }
    let key = TestKey::generate();
    let app = App { verifier: Verifier::new(&key.public_jwk()).unwrap() };
    let address = serve(Router::new().route("/", post(receive)).with_state(app)).await;
    let delivery = Delivery::signed(&key, EventBuilder::new(EventName::UserCreated).to_json());
    assert_reply(&delivery.send(address, "/").await.unwrap(), Reply::Ignored);
}
