//! The adapter over real sockets: what depends on actix-web.

#![expect(clippy::unwrap_used, reason = "tests stop at what should not happen")]

use std::{net::SocketAddr, time::Duration};

use actix_web::{App, HttpServer, rt, web};
use topper_actix::{Verified, WebhookError, WebhookReply};
use topper_core::{
    Error, EventName, Reply, Retry, SIGNATURE_HEADER, SourceMode, TrustedProxies, Verifier,
    VerifierBuilder,
};
use topper_testkit::{Act, Answer, Delivery, EventBuilder, TestKey, converse, exchange};

fn serve(configure: impl Fn(&mut web::ServiceConfig) + Clone + Send + 'static) -> SocketAddr {
    let app = move || App::new().configure(configure.clone());
    let server = HttpServer::new(app).workers(1).disable_signals().bind("127.0.0.1:0").unwrap();
    let address = *server.addrs().first().unwrap();
    rt::spawn(server.run());
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
    fn start(configure: impl FnOnce(VerifierBuilder) -> VerifierBuilder) -> Self {
        let key = TestKey::generate();
        let builder = Verifier::builder().public_key(&key.public_jwk()).retry_while_unproven(false);
        let verifier = configure(builder).build().unwrap();
        let address = serve(move |app| {
            app.app_data(verifier.clone()).route("/", web::post().to(receive));
        });
        Self { key, address }
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

fn assert_reply(answer: &Answer, expected: Reply) {
    assert_eq!((answer.status, answer.body.as_str()), (expected.status(), expected.code()));
    assert_eq!(answer.content_type, "text/plain; charset=utf-8");
    assert!(answer.elapsed < Duration::from_millis(3500));
}

#[actix_web::test]
async fn answers_with_the_handlers_reply() {
    let receiver = Receiver::start(|builder| builder);
    receiver.assert(receiver.completed(), Reply::Processed).await;
    receiver.assert(receiver.signed(EventName::OrderCryptoOnrampFailed), Reply::Retry).await;
    receiver.assert(receiver.signed(EventName::UserCreated), Reply::Ignored).await;
    receiver.assert(Delivery::signed(&receiver.key, "[]"), Reply::EventUnreadable).await;
}

#[actix_web::test]
async fn refuses_forgeries_before_the_handler_runs() {
    let receiver = Receiver::start(|builder| builder);
    let genuine = receiver.completed();
    let token = receiver.key.sign(&genuine.body);
    for (delivery, reply) in [
        (genuine.clone().without_header(SIGNATURE_HEADER), Reply::SignatureMissing),
        (genuine.clone().with_signature("x..y"), Reply::SignatureMalformed),
        (genuine.clone().with_signature(&b"\xff..y"[..]), Reply::SignatureMalformed),
        (genuine.clone().header("X-Topper-JWS-Signature", token), Reply::SignatureMalformed),
        (genuine.clone().with_body("{}"), Reply::SignatureInvalid),
        (Delivery::signed(&TestKey::generate(), genuine.body), Reply::SignatureInvalid),
    ] {
        receiver.assert(delivery, reply).await;
    }
}

#[actix_web::test]
async fn takes_the_peer_from_the_socket_and_every_line_of_a_trusted_header() {
    let enforce = |builder: VerifierBuilder| builder.sources(SourceMode::Enforce);
    let receiver = Receiver::start(|builder| enforce(builder).allowed_ips(["127.0.0.1"]));
    receiver.assert(receiver.completed(), Reply::Processed).await;

    let receiver = Receiver::start(enforce);
    for header in ["forwarded", "x-forwarded-for", "x-real-ip"] {
        let value = if header == "forwarded" { "for=35.188.196.183" } else { "35.188.196.183" };
        receiver.assert(receiver.completed().header(header, value), Reply::SourceUnknown).await;
    }

    let proxies = TrustedProxies::new(["127.0.0.1"]).unwrap();
    let receiver = Receiver::start(|builder| enforce(builder).trusted_proxies(proxies));
    let via = |first: &str, last: &str| {
        let delivery = receiver.completed().header("x-forwarded-for", first);
        delivery.header("X-Forwarded-For", last)
    };
    receiver.assert(via("203.0.113.9", "35.188.196.183"), Reply::Processed).await;
    receiver.assert(via("35.188.196.183", "203.0.113.9"), Reply::SourceForbidden).await;
}

#[actix_web::test]
async fn limits_the_body_declared_or_chunked() {
    let receiver = Receiver::start(|builder| builder.body_limit(4096));
    let mut body = receiver.completed().body;
    for (length, reply) in [(4096, Reply::Processed), (4097, Reply::BodyTooLarge)] {
        body.resize(length, b' ');
        let delivery = Delivery::signed(&receiver.key, body.clone());
        receiver.assert(delivery.clone(), reply).await;
        let chunked = delivery.to_http1_chunked("/", 1000);
        assert_reply(&exchange(receiver.address, chunked).await.unwrap(), reply);
    }
}

#[actix_web::test]
async fn is_not_bound_by_the_frameworks_own_limit() {
    let receiver = Receiver::start(|builder| builder.body_limit(3 * 1024 * 1024));
    let mut body = receiver.completed().body;
    body.resize(3 * 1024 * 1024, b' ');
    receiver.assert(Delivery::signed(&receiver.key, body), Reply::Processed).await;
}

#[actix_web::test]
async fn answers_a_declared_length_over_the_limit_before_the_body_comes() {
    let receiver = Receiver::start(|builder| builder);
    let answer = receiver.open("content-length: 262145", vec![]).await;
    assert_reply(&answer, Reply::BodyTooLarge);
}

#[actix_web::test]
async fn answers_a_slow_body_after_its_time() {
    let receiver = Receiver::start(|builder| builder.body_timeout(Duration::from_millis(300)));
    for framing in ["content-length: 1000", "transfer-encoding: chunked"] {
        // After its answer actix-web waits for the rest of a chunked body, so the client ends it.
        let acts = vec![Act::Pause(Duration::from_secs(1)), Act::Finish];
        assert_reply(&receiver.open(framing, acts).await, Reply::BodyTimeout);
    }
}

#[actix_web::test]
async fn answers_a_body_that_broke_off() {
    let receiver = Receiver::start(|builder| builder);
    for (framing, body) in [
        ("content-length: 1000", &b"{"[..]),
        ("transfer-encoding: chunked", b"5\r\n{"),
        ("transfer-encoding: chunked", b"zz\r\n"),
    ] {
        let acts = vec![Act::Send(body.to_vec()), Act::Finish];
        assert_reply(&receiver.open(framing, acts).await, Reply::BodyIncomplete);
    }
}

#[actix_web::test]
async fn takes_the_bytes_as_they_come_whatever_their_labels() {
    let receiver = Receiver::start(|builder| builder);
    let labelled = receiver.completed().without_header("content-type");
    receiver.assert(labelled.clone(), Reply::Processed).await;
    let labelled = labelled.header("content-type", "text/html").header("content-encoding", "gzip");
    receiver.assert(labelled, Reply::Processed).await;
}

#[actix_web::test]
async fn asks_for_a_retry_when_the_verifier_was_forgotten() {
    let address = serve(|app| {
        app.route("/", web::post().to(receive));
    });
    let delivery = Delivery::signed(&TestKey::generate(), "{}");
    assert_reply(&delivery.send(address, "/").await.unwrap(), Reply::NotConfigured);
}

#[actix_web::test]
async fn gives_a_refusal_to_a_handler_that_asks_for_it() {
    async fn lenient(
        verified: Result<Verified, WebhookError>,
    ) -> Result<WebhookReply, WebhookError> {
        match verified {
            Ok(_) => Ok(Reply::Processed.into()),
            Err(WebhookError(Error::SignatureMissing)) => Ok(Reply::Duplicate.into()),
            Err(other) => Err(other),
        }
    }
    async fn optional(verified: Option<Verified>) -> WebhookReply {
        assert!(verified.is_none());
        Reply::Ignored.into()
    }
    let key = TestKey::generate();
    let verifier = Verifier::new(&key.public_jwk()).unwrap();
    let address = serve(move |app| {
        app.app_data(web::Data::new(verifier.clone()))
            .route("/", web::post().to(lenient))
            .route("/optional", web::post().to(optional));
    });
    let (unsigned, malformed) =
        (Delivery::unsigned("{}"), Delivery::unsigned("{}").with_signature("x"));
    assert_reply(&unsigned.send(address, "/").await.unwrap(), Reply::Duplicate);
    assert_reply(&malformed.send(address, "/").await.unwrap(), Reply::SignatureMalformed);
    assert_reply(&malformed.send(address, "/optional").await.unwrap(), Reply::Ignored);
}

#[actix_web::test]
async fn serves_two_webhooks_with_keys_and_labels_of_their_own() {
    async fn label(Verified(webhook): Verified) -> String {
        webhook.label().to_owned()
    }
    let keys = [("sandbox", TestKey::generate()), ("production", TestKey::generate())];
    let verifiers = keys.each_ref().map(|(label, key)| {
        let builder = Verifier::builder().public_key(&key.public_jwk()).label(*label);
        (*label, builder.retry_while_unproven(false).build().unwrap())
    });
    let address = serve(move |app| {
        for (path, verifier) in &verifiers {
            let scope = web::scope(&format!("/{path}")).app_data(verifier.clone());
            app.service(scope.route("/topper", web::post().to(label)));
        }
    });
    for (own, key) in &keys {
        let delivery = Delivery::signed(key, EventBuilder::new(EventName::UserCreated).to_json());
        for (path, _) in &keys {
            let answer = delivery.send(address, &format!("/{path}/topper")).await.unwrap();
            if path == own {
                assert_eq!((answer.status, answer.body.as_str()), (200, *own));
            } else {
                assert_reply(&answer, Reply::SignatureInvalid);
            }
        }
    }
}
