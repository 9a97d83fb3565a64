//! What is actix-web's own; what every adapter must do stands in `conformance.rs`.

#![expect(clippy::unwrap_used, reason = "tests stop at what should not happen")]

use std::{
    io,
    net::SocketAddr,
    sync::{Mutex, Once},
};

use actix_web::{App, HttpServer, rt, web};
use topper_actix::{Verified, WebhookError, WebhookReply};
use topper_core::{Error, EventName, Outcome, Reply, Verifier};
use topper_testkit::{Answer, Delivery, EventBuilder, TestKey};

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

/// What is logged by any thread: a server has its own.
#[derive(Clone, Copy)]
struct Log;

static LOG: Mutex<Vec<u8>> = Mutex::new(Vec::new());

impl Log {
    fn listen() {
        static LISTENS: Once = Once::new();
        LISTENS
            .call_once(|| tracing_subscriber::fmt().with_ansi(false).with_writer(|| Self).init());
    }

    fn has(part: &str) -> bool {
        let log = String::from_utf8(LOG.lock().unwrap().clone()).unwrap();
        log.lines().any(|line| line.contains("ERROR") && line.contains(part))
    }
}

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        LOG.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[actix_web::test]
async fn asks_for_a_retry_when_the_verifier_was_forgotten_and_logs_it() {
    Log::listen();
    let address = serve(|app| {
        app.route("/", web::post().to(receive));
    });
    let delivery = Delivery::signed(&TestKey::generate(), "{}");
    assert_reply(&delivery.send(address, "/").await.unwrap(), Reply::NotConfigured);
    assert!(Log::has("put it into `app_data` outcome=\"not_configured\""));
}

#[actix_web::test]
async fn takes_a_verifier_in_either_form_of_app_data() {
    let key = TestKey::generate();
    let verifier = Verifier::new(&key.public_jwk()).unwrap();
    let inner = verifier.clone();
    let address = serve(move |app| {
        app.app_data(web::Data::new(verifier.clone()))
            .route("/data", web::post().to(receive))
            // The same one twice is no matter.
            .service(web::resource("/both").app_data(inner.clone()).route(web::post().to(receive)));
    });
    let event = EventBuilder::new(EventName::UserCreated).to_json();
    let delivery = Delivery::signed(&key, event);
    assert_reply(&delivery.send(address, "/data").await.unwrap(), Reply::Processed);
    assert_reply(&delivery.send(address, "/both").await.unwrap(), Reply::Processed);
}

#[actix_web::test]
async fn does_not_guess_which_of_two_verifiers_is_meant() {
    Log::listen();
    let key = TestKey::generate();
    let (own, other) = (
        Verifier::new(&key.public_jwk()).unwrap(),
        Verifier::new(&TestKey::generate().public_jwk()).unwrap(),
    );
    let address = serve(move |app| {
        app.app_data(web::Data::new(other.clone()))
            .service(web::resource("/").app_data(own.clone()).route(web::post().to(receive)));
    });
    let delivery = Delivery::signed(&key, "{}");
    assert_reply(&delivery.send(address, "/").await.unwrap(), Reply::NotConfigured);
    assert!(Log::has("use one form only outcome=\"not_configured\""));
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
