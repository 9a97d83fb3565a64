//! Everything that a delivery makes visible.

use std::{
    error::Error,
    fmt::{Debug, Write as _},
    io,
    sync::{Arc, LazyLock, Mutex},
};

use topper_core::{Verifier, VerifierBuilder};
use topper_testkit::{Delivery, TestKey};
use tracing_subscriber::fmt::MakeWriter;

/// Text that stands nowhere by itself.
pub(crate) const CANARY: &str = "Kanarienvogel";

/// Runs it with every log at TRACE, and returns what it shows and what was logged.
pub(crate) fn shown(run: impl FnOnce(&mut String)) -> String {
    // With a single subscriber, tracing asks the thread that comes to a line of code first whether
    // it is of interest, and that may be one of another test, which has none.
    static SECOND: LazyLock<tracing::Dispatch> =
        LazyLock::new(|| tracing::Dispatch::new(tracing_subscriber::registry()));
    LazyLock::force(&SECOND);
    let logs = Logs::default();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_ansi(false)
        .with_span_events(tracing_subscriber::fmt::format::FmtSpan::FULL)
        .with_writer(logs.clone())
        .finish();
    let mut text = String::new();
    tracing::subscriber::with_default(subscriber, || run(&mut text));
    let logs = logs.0.lock().unwrap();
    text + std::str::from_utf8(&logs).unwrap()
}

/// What the whole way of a delivery through a verifier shows.
pub(crate) fn delivery(delivery: &Delivery, verifier: &Verifier) -> String {
    shown(|text| {
        debug(text, verifier);
        let mut admitted = match verifier.admit(delivery) {
            Ok(admitted) => admitted,
            Err(refused) => {
                *text += refused.reply().code();
                return error(text, &refused);
            }
        };
        admitted.push(&delivery.body).unwrap();
        debug(text, &admitted);
        match admitted.verify() {
            Ok(webhook) => {
                debug(text, &webhook);
                debug(text, &webhook.event());
                debug(text, webhook.key());
                debug(text, webhook.envelope());
            }
            Err(refused) => {
                *text += refused.reply().code();
                error(text, &refused);
            }
        }
    })
}

/// A verifier, and one whose words on sources are the strictest.
pub(crate) fn verifier(
    key: &TestKey,
    with: impl Fn(VerifierBuilder) -> VerifierBuilder,
) -> Verifier {
    with(Verifier::builder().public_key(&key.public_jwk())).build().unwrap()
}

pub(crate) fn debug(text: &mut String, value: &impl Debug) {
    write!(text, "{value:?} {value:#?} ").unwrap();
}

/// An error, with all that is behind it.
pub(crate) fn error(text: &mut String, error: &(dyn Error + 'static)) {
    let mut next = Some(error);
    while let Some(error) = next {
        write!(text, "{error} {error:?} {error:#?} ").unwrap();
        next = error.source();
    }
}

#[derive(Clone, Default)]
struct Logs(Arc<Mutex<Vec<u8>>>);

impl MakeWriter<'_> for Logs {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

impl io::Write for Logs {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn sees_a_canary_where_one_is_shown() {
    // The checks of the other modules could not fail if this did not hold.
    let key = TestKey::generate();
    let event = topper_testkit::EventBuilder::unknown("order:new").id(CANARY);
    let text = delivery(&Delivery::signed(&key, event.to_json()), &verifier(&key, |it| it));
    assert!(text.contains(&format!("event.id={CANARY}")), "{text}");
    assert!(text.contains(&format!("id: \"{CANARY}\"")), "{text}");
    assert!(text.contains("order:new") && text.contains("DEBUG"), "{text}");
}

#[test]
fn logs_what_helps_to_find_out_why() {
    let key = TestKey::generate();
    let genuine = Delivery::signed(&key, "[]");
    let stranger = genuine.clone().from_peer("203.0.113.9".parse().ok());
    let verifier = verifier(&key, |it| it.label("sandbox"));
    let text = shown(|_| {
        stranger.verify(&verifier).unwrap_err();
        genuine.with_signature("x").verify(&verifier).unwrap_err();
    });
    for part in [
        "would be refused if sources were enforced webhook=\"sandbox\" peer=203.0.113.9",
        "outcome=\"event_unreadable\" status=500 retried=true",
        "body is not a JSON object at line 1 column 0",
        "outcome=\"signature_malformed\" status=401 retried=false",
        "is malformed: not a detached JWS in compact form",
    ] {
        assert!(text.contains(part), "{part} is not in {text}");
    }
}
