//! A canary in every place of every event.

use serde_json::{Value, json};
use topper_core::{EventName, Verifier};
use topper_testkit::{Delivery, EventBuilder, TestKey};

use crate::shown::{self, CANARY};

/// An amount and a time, so that a canary also reaches what is typed.
const AMOUNT: &str = "90909.818181727272";
const TIME: &str = "2031-07-31T07:31:07.731Z";

/// The paths of all members and places, except those that are meant for logs: `id` and `name`.
fn paths(value: &Value, path: &str, into: &mut Vec<String>) {
    let mut next = |name: &str, value: &Value| {
        let path = if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
        if !["id", "name"].contains(&path.as_str()) {
            into.push(path.clone());
            paths(value, &path, into);
        }
    };
    match value {
        Value::Object(members) => members.iter().for_each(|(name, value)| next(name, value)),
        Value::Array(values) => {
            values.iter().enumerate().for_each(|(index, value)| next(&index.to_string(), value));
        }
        _ => {}
    }
}

fn assert_hidden(builder: &EventBuilder, canary: &str, key: &TestKey, verifier: &Verifier) {
    let text = shown::delivery(&Delivery::signed(key, builder.to_json()), verifier);
    assert!(text.contains("webhook verified"), "{text}");
    assert!(!text.contains(canary), "{} in {text}", builder.pretty());
}

#[test]
fn hides_every_member_of_every_event() {
    let key = TestKey::generate();
    let verifier = shown::verifier(&key, |it| it);
    let mut count = 0;
    for &name in EventName::ALL {
        let builder = EventBuilder::new(name);
        let mut all = Vec::new();
        paths(builder.value(), "", &mut all);
        for path in all {
            for (canary, value) in [
                (CANARY, json!(CANARY)),
                (CANARY, json!({"type": CANARY, "value": CANARY, CANARY: CANARY})),
                (CANARY, json!([CANARY])),
                (AMOUNT, json!(AMOUNT)),
                ("90909818181", json!(90_909_818_181_u64)),
                (TIME, json!(TIME)),
            ] {
                assert_hidden(&builder.clone().set(&path, value), canary, &key, &verifier);
                count += 1;
            }
        }
    }
    assert!(count > 2000, "{count}");
}

#[test]
fn hides_members_that_nobody_knows() {
    let key = TestKey::generate();
    let verifier = shown::verifier(&key, |it| it);
    for &name in EventName::ALL {
        for path in [CANARY.to_owned(), format!("data.{CANARY}"), format!("data.user.{CANARY}")] {
            let builder = EventBuilder::new(name).add(&path, CANARY);
            assert_hidden(&builder, CANARY, &key, &verifier);
        }
    }
    let unknown = EventBuilder::unknown("order:new").add("data.subject.x", CANARY);
    assert_hidden(&unknown, CANARY, &key, &verifier);
}

#[test]
fn hides_a_body_that_cannot_be_read() {
    let key = TestKey::generate();
    let verifier = shown::verifier(&key, |it| it);
    for body in [
        CANARY.to_owned(),
        format!("\"{CANARY}\""),
        format!("[\"{CANARY}\"]"),
        format!("{{\"{CANARY}\":1}}"),
        format!("{{\"{CANARY}\":1,\"{CANARY}\":2,\"id\":\"1\"}}"),
        format!("{{\"id\":[\"{CANARY}\"],\"name\":\"x\"}}"),
        format!("{{\"id\":\"1\",\"name\":{{\"{CANARY}\":\"{CANARY}\"}}}}"),
        format!("{{\"id\":\"{CANARY}\",\"id\":\"{CANARY}\",\"name\":\"{CANARY}\"}}"),
        format!("{{\"id\":\"{}\",\"name\":\"x\"}}", CANARY.repeat(40)),
        format!("{{\"id\":\"1\",\"name\":\"x\",\"data\":{CANARY}}}"),
    ] {
        let text = shown::delivery(&Delivery::signed(&key, body.clone()), &verifier);
        assert!(text.contains("event_unreadable"), "{body}: {text}");
        assert!(!text.contains(CANARY), "{body}: {text}");
    }
}

#[test]
fn hides_the_body_of_a_forgery() {
    let key = TestKey::generate();
    let verifier = shown::verifier(&key, |it| it.retry_while_unproven(false));
    let event = EventBuilder::new(EventName::UserCreated).id(CANARY).set("data.user.id", CANARY);
    // Whoever forges an event chooses its id and name.
    let forged = Delivery::signed(&TestKey::generate(), event.to_json());
    let text = shown::delivery(&forged, &verifier);
    assert!(text.contains("signature_invalid") && !text.contains(CANARY), "{text}");
}
