//! What is axum's own; what every adapter must do stands in `conformance.rs`.

#![expect(clippy::unwrap_used, reason = "tests stop at what should not happen")]

use std::net::SocketAddr;

use axum::{Router, extract::FromRef, routing::post};
use tokio::net::TcpListener;
use topper_axum::{Verified, WebhookRejection, WebhookReply};
use topper_core::{Error, EventName, Outcome, Reply, SourceMode, Verifier};
use topper_testkit::{Answer, Delivery, EventBuilder, TestKey};

async fn serve(router: Router) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    tokio::spawn(async move { axum::serve(listener, service).await });
    address
}

async fn receive(Verified(_): Verified) -> WebhookReply {
    Outcome::Processed.into()
}

fn assert_reply(answer: &Answer, expected: Reply) {
    assert_eq!((answer.status, answer.body.as_str()), (expected.status(), expected.code()));
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
async fn gives_a_refusal_to_a_handler_that_asks_for_it() {
    async fn lenient(
        verified: Result<Verified, WebhookRejection>,
    ) -> Result<WebhookReply, WebhookRejection> {
        match verified {
            Ok(_) => Ok(Outcome::Processed.into()),
            Err(WebhookRejection(Error::SignatureMissing)) => Ok(Outcome::Duplicate.into()),
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
    assert_reply(&delivery.send(address, "/").await.unwrap(), Reply::Processed);
}
