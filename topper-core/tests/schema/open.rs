//! What is valid.

use serde_json::{Value, json};
use topper_core::{EventName, schema};
use topper_testkit::{EventBuilder, Lifecycle};

use crate::{ENVELOPE, EVENT, KNOWN_EVENT, OF};

fn assert_valid(name: EventName, event: &Value) {
    for validator in [&OF[&name], &*KNOWN_EVENT, &*EVENT, &*ENVELOPE] {
        let errors: Vec<String> = validator.iter_errors(event).map(|it| it.to_string()).collect();
        assert!(errors.is_empty(), "{name}: {errors:?}");
    }
}

#[test]
fn takes_every_event_of_the_testkit() {
    for &name in EventName::ALL {
        assert_valid(name, EventBuilder::new(name).value());
    }
    for event in Lifecycle::ALL.iter().flat_map(Lifecycle::events) {
        assert_valid(event.name().parse().unwrap(), event.value());
    }
}

#[test]
fn takes_no_event_for_one_of_another_name() {
    for &name in EventName::ALL {
        for &other in EventName::ALL.iter().filter(|&&other| other != name) {
            assert!(!OF[&other].is_valid(EventBuilder::new(name).value()), "{name} as {other}");
        }
    }
}

#[test]
fn carries_examples_that_are_valid() {
    for &name in EventName::ALL {
        let schema: Value = serde_json::from_str(schema::of(name)).unwrap();
        let examples = schema["examples"].as_array().unwrap();
        assert!(!examples.is_empty(), "{name}");
        for example in examples {
            assert_valid(name, example);
        }
    }
    for (text, validator) in [
        (schema::KNOWN_EVENT, &*KNOWN_EVENT),
        (schema::EVENT, &*EVENT),
        (schema::ENVELOPE, &*ENVELOPE),
    ] {
        let schema: Value = serde_json::from_str(text).unwrap();
        assert!(schema["examples"].as_array().unwrap().iter().all(|it| validator.is_valid(it)));
    }
}

#[test]
fn takes_an_event_that_nobody_knows() {
    let event = EventBuilder::unknown("order:swap");
    assert!(!KNOWN_EVENT.is_valid(event.value()));
    assert!(EVENT.is_valid(event.value()));
    assert!(ENVELOPE.is_valid(event.value()));
}

#[test]
fn takes_unknown_members_everywhere() {
    fn add_members(value: &mut Value) {
        match value {
            Value::Object(members) => {
                members.values_mut().for_each(add_members);
                members.insert("brandNew".to_owned(), json!({"deep": [1, null]}));
            }
            Value::Array(items) => items.iter_mut().for_each(add_members),
            _ => {}
        }
    }
    for &name in EventName::ALL {
        let mut event = EventBuilder::new(name).value().clone();
        add_members(&mut event);
        assert_valid(name, &event);
    }
}

#[test]
fn takes_unknown_values_of_every_enumeration() {
    let name = EventName::OrderCryptoOnrampFailed;
    for path in [
        "data.status",
        "data.origin.paymentMethod.type",
        "data.destination.priority",
        "data.fees.0.type",
        "data.error.reason",
        "data.widget.flow",
    ] {
        assert_valid(name, EventBuilder::new(name).set(path, "brand new").value());
    }
}

#[test]
fn names_every_value_that_the_types_know() {
    use topper_core::event::{
        AuthenticationMethod, FailureReason, FeeType, Flow, OrderStatus, PaymentMethodType,
        Priority, TagType,
    };
    let schema: Value = serde_json::from_str(schema::EVENT).unwrap();
    macro_rules! assert_known {
        ($($open:ident $count:literal)+) => {$(
            let known = &schema["$defs"][stringify!($open)]["anyOf"][0]["enum"];
            let known = known.as_array().unwrap();
            assert_eq!(known.len(), $count, stringify!($open));
            for text in known {
                let value = $open::from(text.as_str().unwrap());
                assert!(!matches!(value, $open::Unknown(_)), "{} {text}", stringify!($open));
            }
        )+};
    }
    assert_known! {
        OrderStatus 6
        PaymentMethodType 2
        FeeType 3
        Flow 2
        Priority 2
        AuthenticationMethod 2
        FailureReason 1
        TagType 2
    }
}

#[test]
fn describes_and_marks_what_it_says() {
    fn visit(value: &Value, place: &str) {
        for (name, member) in value["properties"].as_object().into_iter().flatten() {
            let place = format!("{place}.{name}");
            // A reference has that of its type.
            assert!(
                member["description"].is_string() || member["$ref"].is_string(),
                "{place} has no description"
            );
            let text = member["description"].as_str().unwrap_or_default();
            assert!(!text.contains("](") && !text.contains("::"), "{place}: {text}");
        }
    }
    let event: Value = serde_json::from_str(schema::EVENT).unwrap();
    for (name, definition) in event["$defs"].as_object().unwrap() {
        assert!(definition["title"].is_string() && definition["description"].is_string(), "{name}");
        visit(definition, name);
    }
    let types = &event["$defs"];
    assert_eq!(types["OnrampDestination"]["properties"]["blockchainUrl"]["deprecated"], true);
    let created = &types["OnrampOrder"]["properties"]["createdAt"]["description"];
    assert!(created.as_str().unwrap().ends_with("in UTC."), "{created}");
    assert!(types["OnrampOrigin"]["properties"]["rate"]["pattern"].is_string());
    assert_eq!(types["UserCreatedEvent"]["title"], "UserCreatedEvent");
}

#[test]
fn suits_validators_and_generators() {
    fn visit(value: &Value) {
        match value {
            Value::Object(members) => {
                assert!(!members.get("format").is_some_and(Value::is_string), "{value}");
                assert!(members.get("$ref").is_none() || members.len() == 1, "{value}");
                members.values().for_each(visit);
            }
            Value::Array(items) => items.iter().for_each(visit),
            _ => {}
        }
    }
    let all = EventName::ALL.iter().map(|&name| schema::of(name));
    for text in all.chain([schema::KNOWN_EVENT, schema::EVENT, schema::ENVELOPE]) {
        visit(&serde_json::from_str(text).unwrap());
    }
    let known: Value = serde_json::from_str(schema::KNOWN_EVENT).unwrap();
    assert_eq!(known["oneOf"].as_array().unwrap().len(), EventName::ALL.len());
}

/// Ids that are not UUIDs, times without a zone, a token of any type.
#[test]
fn takes_what_the_types_take() {
    let name = EventName::OrderCryptoOnrampCompleted;
    for (path, value) in [
        ("id", json!("42")),
        ("bootstrapTokenId", json!(7)),
        ("bootstrapTokenId", json!({"jti": ["a"]})),
        ("bootstrapTokenId", json!(null)),
        ("data.id", json!("order 1")),
        ("data.createdAt", json!("2026-03-02T09:15:27.120")),
        ("data.updatedAt", json!("yesterday")),
        ("data.destination.ledger.url", json!("no URL")),
    ] {
        let event = EventBuilder::new(name).set(path, value);
        assert_eq!(crate::known(event.value()), Some(name), "{path}");
        assert_valid(name, event.value());
    }
}
