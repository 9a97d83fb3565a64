//! Running a handler: what is answered, and the one line that is logged.

use std::{
    io,
    pin::pin,
    sync::{Arc, LazyLock, Mutex},
    task::{Context, Poll, Waker},
};

use topper_core::{Outcome, Reply, Retry, Verifier, Webhook};
use topper_testkit::{Delivery, EventBuilder, TestKey};
use tracing_subscriber::fmt::MakeWriter;

use crate::{builder, event};

/// What is logged while something runs, from INFO on.
pub(crate) fn logged(run: impl FnOnce()) -> String {
    // With a single subscriber, tracing asks the thread that comes to a line of code first whether
    // it is of interest, and that may be one of another test, which has none.
    static SECOND: LazyLock<tracing::Dispatch> =
        LazyLock::new(|| tracing::Dispatch::new(tracing_subscriber::registry()));
    LazyLock::force(&SECOND);
    let lines = Lines::default();
    let subscriber = tracing_subscriber::fmt()
        .with_ansi(false)
        .without_time()
        .with_writer(lines.clone())
        .finish();
    tracing::subscriber::with_default(subscriber, run);
    let lines = lines.0.lock().unwrap();
    String::from_utf8(lines.clone()).unwrap()
}

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Lines {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

/// A future that does not wait for anything.
fn ready<T>(future: impl Future<Output = T>) -> T {
    let Poll::Ready(value) = pin!(future).poll(&mut Context::from_waker(Waker::noop())) else {
        panic!("it waits")
    };
    value
}

fn verifier(key: &TestKey) -> Verifier {
    builder(key).label("sandbox").build().unwrap()
}

/// The answer, and the lines that are logged.
fn handle<F: Future<Output = Result<Outcome, Retry>>>(
    body: Vec<u8>,
    handler: impl FnOnce(Webhook) -> F,
) -> (Reply, Vec<String>) {
    let key = TestKey::generate();
    let mut reply = None;
    let text = logged(|| {
        let webhook = Delivery::signed(&key, body).verify(&verifier(&key)).unwrap();
        reply = Some(ready(webhook.handle(handler)));
    });
    (reply.unwrap(), text.lines().map(str::to_owned).collect())
}

#[test]
fn answers_and_logs_each_outcome_once() {
    for &outcome in Outcome::ALL {
        let (reply, lines) = handle(event(), async |_| Ok(outcome));
        assert_eq!(reply, outcome.into());
        let [line] = lines.as_slice() else { panic!("{lines:?}") };
        assert!(line.contains("INFO") && line.contains("webhook answered"), "{line}");
        assert!(line.contains(&format!("outcome=\"{outcome}\"")), "{line}");
        assert!(line.contains("webhook=\"sandbox\""), "{line}");
    }
}

#[test]
fn logs_a_failure_once_with_what_it_is_about_and_its_causes() {
    #[derive(Debug, thiserror::Error)]
    #[error("cannot credit")]
    struct Outer(#[source] std::num::ParseIntError);

    let event = EventBuilder::new(topper_core::EventName::UserCreated).id("the-id").to_json();
    let (reply, lines) = handle(event, async |_| Err(Outer("x".parse::<u8>().unwrap_err()))?);
    assert_eq!(reply, Reply::Retry);
    let [line] = lines.as_slice() else { panic!("{lines:?}") };
    for part in [
        "ERROR",
        "webhook=\"sandbox\"",
        "event.name=user:created",
        "event.id=the-id",
        "outcome=\"retry\"",
        "retried=true",
        "error=cannot credit: invalid digit found in string",
    ] {
        assert!(line.contains(part), "{part} is not in {line}");
    }
}

#[test]
fn keeps_an_error_in_one_line_of_bounded_length() {
    let text = format!("first\nsecond\u{1b}[2J\u{202e}{}", "x".repeat(10_000));
    let (_, lines) = handle(event(), async |_| Err(text)?);
    let [line] = lines.as_slice() else { panic!("{lines:?}") };
    assert!(line.contains("error=first\\nsecond\\u{1b}[2J\\u{202e}xxx"), "{line}");
    assert!(line.len() < 1000, "{}", line.len());
}

#[test]
fn answers_a_panic_wherever_it_is() {
    fn calls(_: Webhook) -> std::future::Ready<Result<Outcome, Retry>> {
        panic!("in the call")
    }
    let key = TestKey::generate();
    let webhook = || Delivery::signed(&key, event()).verify(&verifier(&key)).unwrap();
    let text = logged(|| {
        assert_eq!(ready(webhook().handle(calls)), Reply::Panicked);
        assert_eq!(ready(webhook().handle(async |_| panic!("in the future"))), Reply::Panicked);
    });
    assert_eq!(text.matches("outcome=\"panicked\"").count(), 2, "{text}");
    // What a panic says may be anything.
    assert!(!text.contains("in the call") && !text.contains("in the future"), "{text}");
}

#[test]
fn asks_for_a_known_event_again_that_it_cannot_read() {
    let body = EventBuilder::new(topper_core::EventName::OrderCryptoOnrampCompleted)
        .remove("data.widget")
        .to_json();
    let (reply, lines) = handle(body, async |webhook: Webhook| match webhook.event()? {
        topper_core::Event::Unknown(_) => unreachable!("its name is known"),
        _ => Ok(Outcome::Ignored),
    });
    assert_eq!(reply, Reply::Retry);
    assert!(lines.concat().contains("error=data.widget is missing"), "{lines:?}");
}

#[test]
fn lets_what_a_handler_logs_carry_its_event() {
    let (_, lines) = handle(event(), async |_| {
        tracing::info!("credited");
        Ok(Outcome::Processed)
    });
    let line = lines.iter().find(|line| line.contains("credited")).unwrap();
    assert!(line.contains("handler{webhook=\"sandbox\" event.name=order:crypto-onramp"), "{line}");
}
