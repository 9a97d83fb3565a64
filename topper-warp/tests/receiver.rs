//! The adapter over real sockets: what depends on warp.

#![expect(clippy::unwrap_used, reason = "tests stop at what should not happen")]

use std::{net::SocketAddr, time::Duration};

use tokio::net::TcpListener;
use topper_core::{
    Error, EventName, Reply, Retry, SIGNATURE_HEADER, SourceMode, TrustedProxies, Verifier,
    VerifierBuilder, Webhook,
};
use topper_testkit::{Act, Answer, Delivery, EventBuilder, TestKey, converse, exchange};
use topper_warp::{WebhookRejection, WebhookReply, recover, verified};
use warp::{Filter, Rejection};

async fn serve<F, R>(filter: F) -> SocketAddr
where
    F: Filter<Extract = (R,), Error = Rejection> + Clone + Send + Sync + 'static,
    R: warp::Reply + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(warp::serve(filter).incoming(listener).run());
    address
}

/// Answers with the code of what it makes of the event, so that a test sees the handler has run.
async fn receive(webhook: Webhook) -> WebhookReply {
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
        let filter = warp::post().and(verified(verifier)).then(receive).recover(recover);
        let address = serve(filter).await;
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
        (genuine.clone().with_signature(&b"\xff..y"[..]), Reply::SignatureMalformed),
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
    let answer = receiver.open("content-length: 262145", vec![]).await;
    assert_reply(&answer, Reply::BodyTooLarge);
}

#[tokio::test]
async fn answers_a_slow_body_after_its_time() {
    let receiver =
        Receiver::start(|builder| builder.body_timeout(Duration::from_millis(300))).await;
    for framing in ["content-length: 1000", "transfer-encoding: chunked"] {
        assert_reply(&receiver.open(framing, vec![]).await, Reply::BodyTimeout);
    }
}

#[tokio::test]
async fn answers_a_body_that_broke_off() {
    let receiver = Receiver::start(|builder| builder).await;
    for (framing, body) in [
        ("content-length: 1000", &b"{"[..]),
        ("transfer-encoding: chunked", b"5\r\n{"),
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

#[tokio::test]
async fn gives_a_refusal_to_a_recovery_that_asks_for_it() {
    async fn lenient(rejection: Rejection) -> Result<WebhookReply, Rejection> {
        match rejection.find() {
            Some(WebhookRejection(Error::SignatureMissing)) => Ok(Reply::Duplicate.into()),
            _ => recover(rejection).await,
        }
    }
    let key = TestKey::generate();
    let verifier = Verifier::new(&key.public_jwk()).unwrap();
    let address = serve(verified(verifier).then(receive).recover(lenient)).await;
    let unsigned = Delivery::unsigned("{}");
    assert_reply(&unsigned.send(address, "/").await.unwrap(), Reply::Duplicate);
    let malformed = unsigned.with_signature("x");
    assert_reply(&malformed.send(address, "/").await.unwrap(), Reply::SignatureMalformed);
}

#[tokio::test]
async fn leaves_other_rejections_to_others() {
    let verifier = Verifier::new(&TestKey::generate().public_jwk()).unwrap();
    let hook = warp::path("hook").and(warp::post()).and(verified(verifier)).then(receive);
    let other = warp::path("other").map(|| "other");
    let anything = warp::post().map(|| "anything");
    let address = serve(hook.recover(recover).or(other).or(anything)).await;
    let forged = Delivery::signed(&TestKey::generate(), "{}");
    assert_reply(&forged.send(address, "/hook").await.unwrap(), Reply::KeyUnproven);
    for path in ["other", "anything"] {
        let answer = forged.send(address, &format!("/{path}")).await.unwrap();
        assert_eq!((answer.status, answer.body.as_str()), (200, path));
    }
    let address = serve(warp::path("hook").and(warp::post()).map(|| "").recover(recover)).await;
    assert_eq!(forged.send(address, "/other").await.unwrap().status, 404);
}

#[tokio::test]
async fn answers_a_refusal_that_was_followed_by_other_rejections() {
    let verifier = Verifier::new(&TestKey::generate().public_jwk()).unwrap();
    let hook = warp::path("hook").and(verified(verifier)).then(receive);
    let other = warp::path("other").map(|| "other");
    let address = serve(hook.or(other).recover(recover)).await;
    let unsigned = Delivery::unsigned("{}");
    assert_reply(&unsigned.send(address, "/hook").await.unwrap(), Reply::SignatureMissing);
}

#[tokio::test]
async fn serves_two_webhooks_with_keys_and_labels_of_their_own() {
    let keys = [("sandbox", TestKey::generate()), ("production", TestKey::generate())];
    let hooks = keys.each_ref().map(|(label, key)| {
        let builder = Verifier::builder().public_key(&key.public_jwk()).label(*label);
        let verifier = builder.retry_while_unproven(false).build().unwrap();
        warp::path(*label)
            .and(verified(verifier))
            .map(|webhook: Webhook| webhook.label().to_owned())
            .recover(recover)
    });
    let [sandbox, production] = hooks;
    let address = serve(sandbox.or(production)).await;
    for (own, key) in &keys {
        let delivery = Delivery::signed(key, EventBuilder::new(EventName::UserCreated).to_json());
        for (path, _) in &keys {
            let answer = delivery.send(address, &format!("/{path}")).await.unwrap();
            if path == own {
                assert_eq!((answer.status, answer.body.as_str()), (200, *own));
            } else {
                assert_reply(&answer, Reply::SignatureInvalid);
            }
        }
    }
}
