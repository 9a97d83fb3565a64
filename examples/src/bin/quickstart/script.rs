//! What is sent, and the expected result.

use topper::{Event, Reply};
use topper_testkit::{Answer, Delivery, EventBuilder, Lifecycle, TestKey};

use crate::Seen;

pub(crate) struct Step {
    /// The heading of a group, before its first step.
    pub(crate) group: Option<&'static str>,
    pub(crate) title: String,
    pub(crate) delivery: Delivery,
    pub(crate) expected: Expected,
}

pub(crate) enum Expected {
    /// The typed event of that name.
    Event(String),
    /// An unknown event of that name, with its raw data.
    UnknownEvent(String),
    /// An event that was sent before.
    Repetition(Reply),
    Refusal(Reply),
}

/// The id of an event whose work takes half a second.
pub(crate) const SLOW: &str = "5107a000-0000-4000-8000-000000000000";

impl Expected {
    pub(crate) fn is_met(&self, answer: &Answer, seen: &Seen) -> bool {
        let (reply, is_seen) = match (self, seen) {
            (Self::Event(name), Ok(webhook)) => {
                let is_typed = !matches!(webhook.event(), Ok(Event::Unknown(_)) | Err(_));
                (Reply::Processed, is_typed && webhook.name() == name)
            }
            (Self::UnknownEvent(name), Ok(webhook)) => {
                let is_unknown = matches!(webhook.event(), Ok(Event::Unknown(_)));
                (Reply::Ignored, is_unknown && webhook.name() == name)
            }
            (Self::Repetition(reply), Ok(_)) => (*reply, true),
            (Self::Refusal(reply), Err(rejection)) => (*reply, rejection.0.reply() == *reply),
            _ => return false,
        };
        is_seen && answer.status == reply.status() && answer.body == reply.code()
    }
}

pub(crate) fn steps(key: &TestKey) -> Vec<Step> {
    let mut steps = Vec::new();
    let before_any = EventBuilder::new(topper::EventName::UserCreated);
    group(
        &mut steps,
        "A wrong key, before any key has matched: retried until the right key is deployed",
        [refused(
            "signed with another key",
            Delivery::signed(&TestKey::generate(), before_any.to_json()),
            Reply::KeyUnproven,
        )],
    );
    let mut repeated = before_any;
    for (title, lifecycle) in [
        ("An on-ramp order", Lifecycle::Onramp),
        ("An off-ramp order", Lifecycle::Offramp),
        ("A user and an identity check", Lifecycle::User),
    ] {
        let events = lifecycle.events();
        group(&mut steps, title, events.iter().map(|event| genuine(key, event)));
        repeated = events.into_iter().last().unwrap_or(repeated);
    }
    let unknown = EventBuilder::unknown("order:crypto-swap:completed");
    group(
        &mut steps,
        "An unknown event: the handler gets it with its raw data",
        [Step {
            expected: Expected::UnknownEvent("order:crypto-swap:completed".to_owned()),
            ..genuine(key, &unknown)
        }],
    );
    group(
        &mut steps,
        "The last event of the user again: not processed twice, and not retried",
        [Step { expected: Expected::Repetition(Reply::Duplicate), ..genuine(key, &repeated) }],
    );
    group(&mut steps, "Forgeries: none reaches the handler", forgeries(key));
    steps
}

/// An event that takes a while.
pub(crate) fn slow(key: &TestKey) -> Step {
    genuine(key, &EventBuilder::new(topper::EventName::OrderCryptoOnrampCompleted).id(SLOW))
}

fn group(steps: &mut Vec<Step>, title: &'static str, group: impl IntoIterator<Item = Step>) {
    let group = group.into_iter().enumerate();
    steps.extend(group.map(|(index, step)| Step { group: (index == 0).then_some(title), ..step }));
}

fn genuine(key: &TestKey, event: &EventBuilder) -> Step {
    let name = event.name().to_owned();
    Step {
        group: None,
        title: name.clone(),
        delivery: Delivery::signed(key, event.to_json()),
        expected: Expected::Event(name),
    }
}

fn refused(title: &str, delivery: Delivery, reply: Reply) -> Step {
    Step { group: None, title: title.to_owned(), delivery, expected: Expected::Refusal(reply) }
}

fn forgeries(key: &TestKey) -> Vec<Step> {
    let event = EventBuilder::new(topper::EventName::OrderCryptoOnrampCompleted);
    let body = event.to_json();
    let signed = Delivery::signed(key, body.clone());
    let dearer = event.clone().set("data.destination.amount", "1000000").to_json();
    let token = key.sign(&body);
    let attached = token.replacen("..", ".eyJmb28iOiJiYXIifQ.", 1);
    vec![
        refused("the amount changed", signed.clone().with_body(dearer), Reply::SignatureInvalid),
        refused(
            "the JSON parsed and serialised again",
            signed.clone().with_body(event.pretty()),
            Reply::SignatureInvalid,
        ),
        refused(
            "signed with another key",
            Delivery::signed(&TestKey::generate(), body.clone()),
            Reply::SignatureInvalid,
        ),
        refused("no signature", Delivery::unsigned(body.clone()), Reply::SignatureMissing),
        refused(
            "alg none",
            signed.clone().with_signature(key.sign_with_header(r#"{"alg":"none"}"#, &body)),
            Reply::SignatureMalformed,
        ),
        refused(
            "alg HS256",
            signed.clone().with_signature(key.sign_with_header(r#"{"alg":"HS256"}"#, &body)),
            Reply::SignatureMalformed,
        ),
        refused(
            "a payload inside the signature",
            signed.clone().with_signature(attached),
            Reply::SignatureMalformed,
        ),
        refused(
            "two signatures",
            signed.header("X-Topper-JWS-Signature", token),
            Reply::SignatureMalformed,
        ),
    ]
}
