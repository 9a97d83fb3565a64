//! What is Rocket's own; what every adapter must do stands in `conformance.rs`.

#![expect(clippy::unwrap_used, reason = "tests stop at what should not happen")]

use std::net::SocketAddr;

use rocket::{
    Build, Config, Data, Request, Rocket, catch, catchers,
    data::{self, FromData},
    error::ErrorKind,
    fairing::AdHoc,
    log::LogLevel,
    post,
    response::Redirect,
    routes,
};
use tokio::sync::oneshot;
use topper_core::{Error, Outcome, Reply, Verifier};
use topper_rocket::{DefaultWebhook, Verified, WebhookError, WebhookReply, fairing, fairing_for};
use topper_testkit::{Answer, Delivery, TestKey};

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

#[post("/", data = "<_verified>")]
async fn receive(_verified: Verified) -> WebhookReply {
    Outcome::Processed.into()
}

fn assert_reply(answer: &Answer, expected: Reply) {
    assert_eq!((answer.status, answer.body.as_str()), (expected.status(), expected.code()));
}

#[tokio::test]
async fn does_not_launch_when_the_fairing_was_forgotten_or_attached_twice() {
    #[post("/result", data = "<verified>")]
    fn result(verified: Result<Verified<u8>, WebhookError>) {
        drop(verified);
    }
    #[post("/option", data = "<verified>")]
    fn option(verified: Option<Verified<u8>>) {
        drop(verified);
    }
    let verifier = Verifier::new(&TestKey::generate().public_jwk()).unwrap();
    for routes in [routes![receive], routes![result], routes![option]] {
        let error = build().mount("/", routes).ignite().await.unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::SentinelAborts(_)), "{error}");
    }
    let rocket = build().attach(fairing(verifier.clone())).attach(fairing(verifier));
    let error = rocket.ignite().await.unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::FailedFairings(_)), "{error}");
}

#[tokio::test]
async fn asks_for_a_retry_when_no_sentinel_could_see_that_it_was_forgotten() {
    struct Hidden;
    #[rocket::async_trait]
    impl<'r> FromData<'r> for Hidden {
        type Error = WebhookError;
        async fn from_data(request: &'r Request<'_>, data: Data<'r>) -> data::Outcome<'r, Self> {
            Verified::<DefaultWebhook>::from_data(request, data).await.map(|_| Self)
        }
    }
    #[post("/", data = "<hidden>")]
    fn hidden(hidden: Result<Hidden, WebhookError>) -> Result<(), WebhookError> {
        hidden.map(|_| ())
    }
    #[post("/bare", data = "<_hidden>")]
    fn bare(_hidden: Hidden) {}
    let address = serve(build().mount("/", routes![hidden, bare])).await;
    let delivery = Delivery::unsigned("{}");
    assert_reply(&delivery.send(address, "/").await.unwrap(), Reply::NotConfigured);
    assert_eq!(delivery.send(address, "/bare").await.unwrap().status, 500);
}

#[tokio::test]
async fn gives_a_refusal_to_a_handler_that_asks_for_it() {
    #[post("/", data = "<verified>")]
    async fn lenient(
        verified: Result<Verified, WebhookError>,
    ) -> Result<WebhookReply, WebhookError> {
        match verified {
            Ok(_) => Ok(Outcome::Processed.into()),
            Err(WebhookError(Error::SignatureMissing)) => Ok(Outcome::Duplicate.into()),
            Err(other) => Err(other),
        }
    }
    #[post("/optional", data = "<verified>")]
    async fn optional(verified: Option<Verified>) -> WebhookReply {
        assert!(verified.is_none());
        Reply::Ignored.into()
    }
    let verifier = Verifier::new(&TestKey::generate().public_jwk()).unwrap();
    let rocket = build().attach(fairing(verifier)).mount("/", routes![lenient, optional]);
    let address = serve(rocket).await;
    let unsigned = Delivery::unsigned("{}");
    assert_reply(&unsigned.send(address, "/").await.unwrap(), Reply::Duplicate);
    let malformed = unsigned.with_signature("x");
    assert_reply(&malformed.send(address, "/").await.unwrap(), Reply::SignatureMalformed);
    assert_reply(&malformed.send(address, "/optional").await.unwrap(), Reply::Ignored);
}

#[tokio::test]
async fn answers_refusals_itself_whatever_catchers_the_program_has() {
    #[catch(401)]
    fn login() -> Redirect {
        Redirect::to("/login")
    }
    #[catch(default)]
    fn page() -> Redirect {
        Redirect::to("/sorry")
    }
    let verifier = Verifier::new(&TestKey::generate().public_jwk()).unwrap();
    let rocket = build()
        .register("/", catchers![login, page])
        .attach(fairing(verifier.clone()))
        .attach(fairing_for::<u8>(verifier))
        .mount("/webhooks/topper", routes![receive])
        .register("/webhooks", catchers![login, page]);
    let address = serve(rocket).await;
    let unsigned = Delivery::unsigned("{}");
    let answer = unsigned.send(address, "/webhooks/topper").await.unwrap();
    assert_reply(&answer, Reply::SignatureMissing);
    assert_eq!(unsigned.send(address, "/webhooks/other").await.unwrap().status, 303);
}
