//! What is actix-web's own; what every adapter must do stands in `conformance.rs`.

#![expect(clippy::unwrap_used, reason = "tests stop at what should not happen")]

use std::net::SocketAddr;

use actix_web::{App, HttpServer, rt, web};
use topper_actix::{Verified, WebhookError, WebhookReply};
use topper_core::{Error, Outcome, Reply, Verifier};
use topper_testkit::{Answer, Delivery, TestKey};

fn serve(configure: impl Fn(&mut web::ServiceConfig) + Clone + Send + 'static) -> SocketAddr {
    let app = move || App::new().configure(configure.clone());
    let server = HttpServer::new(app).workers(1).disable_signals().bind("127.0.0.1:0").unwrap();
    let address = *server.addrs().first().unwrap();
    rt::spawn(server.run());
    address
}

async fn receive(_: Verified) -> WebhookReply {
    Outcome::Processed.into()
}

fn assert_reply(answer: &Answer, expected: Reply) {
    assert_eq!((answer.status, answer.body.as_str()), (expected.status(), expected.code()));
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
            Ok(_) => Ok(Outcome::Processed.into()),
            Err(WebhookError(Error::SignatureMissing)) => Ok(Outcome::Duplicate.into()),
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
        app.app_data(verifier.clone())
            .route("/", web::post().to(lenient))
            .route("/optional", web::post().to(optional));
    });
    let (unsigned, malformed) =
        (Delivery::unsigned("{}"), Delivery::unsigned("{}").with_signature("x"));
    assert_reply(&unsigned.send(address, "/").await.unwrap(), Reply::Duplicate);
    assert_reply(&malformed.send(address, "/").await.unwrap(), Reply::SignatureMalformed);
    assert_reply(&malformed.send(address, "/optional").await.unwrap(), Reply::Ignored);
}
