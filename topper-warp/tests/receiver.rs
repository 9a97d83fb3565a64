//! What is warp's own; what every adapter must do stands in `conformance.rs`.

#![expect(clippy::unwrap_used, reason = "tests stop at what should not happen")]

use std::net::SocketAddr;

use tokio::net::TcpListener;
use topper_core::{Error, Outcome, Reply, Verifier, Webhook};
use topper_testkit::{Answer, Delivery, TestKey};
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

async fn receive(_: Webhook) -> WebhookReply {
    Outcome::Processed.into()
}

fn assert_reply(answer: &Answer, expected: Reply) {
    assert_eq!((answer.status, answer.body.as_str()), (expected.status(), expected.code()));
}

#[tokio::test]
async fn gives_a_refusal_to_a_recovery_that_asks_for_it() {
    async fn lenient(rejection: Rejection) -> Result<WebhookReply, Rejection> {
        match rejection.find() {
            Some(WebhookRejection(Error::SignatureMissing)) => Ok(Outcome::Duplicate.into()),
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
