//! The adapter over real sockets: what depends on Rocket.

#![expect(clippy::unwrap_used, reason = "tests stop at what should not happen")]

use std::{net::SocketAddr, time::Duration};

use rocket::{Build, Config, Rocket, fairing::AdHoc, log::LogLevel, post, routes};
use tokio::sync::oneshot;
use topper_core::{
    EventName, Reply, Retry, SIGNATURE_HEADER, SourceMode, TrustedProxies, Verifier,
    VerifierBuilder,
};
use topper_rocket::{Verified, WebhookReply, fairing};
use topper_testkit::{Act, Answer, Delivery, EventBuilder, TestKey, converse, exchange};

mod guard;

fn build() -> Rocket<Build> {
    let mut config = Config { port: 0, log_level: LogLevel::Off, ..Config::debug_default() };
    config.shutdown.ctrlc = false;
    rocket::custom(config)
}

async fn serve(rocket: Rocket<Build>) -> SocketAddr {
    let (sender, port) = oneshot::channel();
    let rocket = rocket.attach(AdHoc::on_liftoff("port", |rocket| {
        Box::pin(async { sender.send(rocket.config().port).unwrap() })
    }));
    tokio::spawn(rocket.launch());
    SocketAddr::from(([127, 0, 0, 1], port.await.unwrap()))
}

/// Answers with the code of what it makes of the event, so that a test sees the handler has run.
#[post("/", data = "<verified>")]
async fn receive(verified: Verified) -> WebhookReply {
    let result: Result<Reply, Retry> = match verified.0.name() {
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
        let rocket = build().attach(fairing(verifier)).mount("/", routes![receive]);
        Self { key, address: serve(rocket).await }
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

    /// The first answer to a genuine head with another framing, and the acts that follow it.
    async fn open(&self, framing: &str, mut acts: Vec<Act>) -> Answer {
        let head = self.completed().head("/", &format!("connection: close\r\n{framing}"));
        acts.insert(0, Act::Send(head));
        converse(self.address, acts, 1).await.unwrap().swap_remove(0)
    }
}

/// What Rocket waits for before any guard runs.
const SEEN_FIRST: &[u8] = b"{             ";

fn assert_reply(answer: &Answer, expected: Reply) {
    assert_eq!((answer.status, answer.body.as_str()), (expected.status(), expected.code()));
    assert_eq!(answer.content_type, "text/plain; charset=utf-8");
    assert!(answer.elapsed < Duration::from_millis(3500));
}

#[tokio::test]
async fn answers_with_the_handlers_reply() {
    let receiver = Receiver::start(|builder| builder).await;
    receiver.assert(receiver.completed(), Reply::Processed).await;
    receiver.assert(receiver.signed(EventName::OrderCryptoOnrampFailed), Reply::Retry).await;
    receiver.assert(receiver.signed(EventName::UserCreated), Reply::Ignored).await;
    receiver.assert(Delivery::signed(&receiver.key, "[]"), Reply::EventUnreadable).await;
}

#[tokio::test]
async fn refuses_forgeries_before_the_handler_runs() {
    let receiver = Receiver::start(|builder| builder).await;
    let genuine = receiver.completed();
    let token = receiver.key.sign(&genuine.body);
    for (delivery, reply) in [
        (genuine.clone().without_header(SIGNATURE_HEADER), Reply::SignatureMissing),
        (genuine.clone().with_signature("x..y"), Reply::SignatureMalformed),
        // Rocket drops a line that is not UTF-8.
        (genuine.clone().with_signature(&b"\xff..y"[..]), Reply::SignatureMissing),
        (genuine.clone().header("X-Topper-JWS-Signature", token), Reply::SignatureMalformed),
        (genuine.clone().with_body("{}"), Reply::SignatureInvalid),
        (Delivery::signed(&TestKey::generate(), genuine.body), Reply::SignatureInvalid),
    ] {
        receiver.assert(delivery, reply).await;
    }
}

#[tokio::test]
async fn takes_the_peer_from_the_socket_and_every_line_of_a_trusted_header() {
    let enforce = |builder: VerifierBuilder| builder.sources(SourceMode::Enforce);
    let receiver = Receiver::start(|builder| enforce(builder).allowed_ips(["127.0.0.1"])).await;
    receiver.assert(receiver.completed(), Reply::Processed).await;

    let receiver = Receiver::start(enforce).await;
    for header in ["forwarded", "x-forwarded-for", "x-real-ip"] {
        let value = if header == "forwarded" { "for=35.188.196.183" } else { "35.188.196.183" };
        receiver.assert(receiver.completed().header(header, value), Reply::SourceUnknown).await;
    }

    let proxies = TrustedProxies::new(["127.0.0.1"]).unwrap();
    let receiver = Receiver::start(|builder| enforce(builder).trusted_proxies(proxies)).await;
    let via = |first: &str, last: &str| {
        let delivery = receiver.completed().header("x-forwarded-for", first);
        delivery.header("X-Forwarded-For", last)
    };
    receiver.assert(via("203.0.113.9", "35.188.196.183"), Reply::Processed).await;
    receiver.assert(via("35.188.196.183", "203.0.113.9"), Reply::SourceForbidden).await;
}

#[tokio::test]
async fn limits_the_body_declared_or_chunked() {
    let receiver = Receiver::start(|builder| builder.body_limit(4096)).await;
    let mut body = receiver.completed().body;
    for (length, reply) in [(4096, Reply::Processed), (4097, Reply::BodyTooLarge)] {
        body.resize(length, b' ');
        let delivery = Delivery::signed(&receiver.key, body.clone());
        receiver.assert(delivery.clone(), reply).await;
        let chunked = delivery.to_http1_chunked("/", 1000);
        assert_reply(&exchange(receiver.address, chunked).await.unwrap(), reply);
    }
}

#[tokio::test]
async fn is_not_bound_by_the_frameworks_own_limit() {
    let receiver = Receiver::start(|builder| builder.body_limit(3 * 1024 * 1024)).await;
    let mut body = receiver.completed().body;
    body.resize(3 * 1024 * 1024, b' ');
    receiver.assert(Delivery::signed(&receiver.key, body), Reply::Processed).await;
}

#[tokio::test]
async fn answers_a_declared_length_over_the_limit_before_the_body_comes() {
    let receiver = Receiver::start(|builder| builder).await;
    let first = Act::Send(SEEN_FIRST.to_vec());
    let answer = receiver.open("content-length: 262145", vec![first]).await;
    assert_reply(&answer, Reply::BodyTooLarge);
}

#[tokio::test]
async fn answers_a_slow_body_after_its_time() {
    let receiver =
        Receiver::start(|builder| builder.body_timeout(Duration::from_millis(300))).await;
    let chunk = [b"e\r\n", SEEN_FIRST, b"\r\n"].concat();
    for (framing, first) in
        [("content-length: 1000", SEEN_FIRST), ("transfer-encoding: chunked", &chunk)]
    {
        let acts = vec![Act::Send(first.to_vec())];
        assert_reply(&receiver.open(framing, acts).await, Reply::BodyTimeout);
    }
}

#[tokio::test]
async fn answers_a_body_that_broke_off() {
    let receiver = Receiver::start(|builder| builder).await;
    for (framing, body) in [
        ("content-length: 1000", &b""[..]),
        ("content-length: 1000", b"{"),
        ("content-length: 1000", &[b' '; 600]),
        ("transfer-encoding: chunked", b"5\r\n{"),
        ("transfer-encoding: chunked", b"14\r\n{                   \r\n5\r\n"),
        ("transfer-encoding: chunked", b"zz\r\n"),
    ] {
        let acts = vec![Act::Send(body.to_vec()), Act::Finish];
        assert_reply(&receiver.open(framing, acts).await, Reply::BodyIncomplete);
    }
}

#[tokio::test]
async fn takes_the_bytes_as_they_come_whatever_their_labels() {
    let receiver = Receiver::start(|builder| builder).await;
    let labelled = receiver.completed().without_header("content-type");
    receiver.assert(labelled.clone(), Reply::Processed).await;
    let labelled = labelled.header("content-type", "text/html").header("content-encoding", "gzip");
    receiver.assert(labelled, Reply::Processed).await;
}
