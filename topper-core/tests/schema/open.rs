//! What is valid.

use serde_json::{Value, json};
use topper_core::{EventName, schema};
use topper_testkit::{EventBuilder, Lifecycle};

use crate::{ENVELOPE, EVENT, OF};

fn assert_valid(name: EventName, event: &Value) {
    for validator in [&OF[&name], &*EVENT, &*ENVELOPE] {
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
fn carries_examples_that_are_valid_with_formats_checked() {
    for &name in EventName::ALL {
        let schema: Value = serde_json::from_str(schema::of(name)).unwrap();
        let strict = jsonschema::draft202012::options()
            .should_validate_formats(true)
            .build(&schema)
            .unwrap();
        let examples = schema["examples"].as_array().unwrap();
        assert!(!examples.is_empty(), "{name}");
        for example in examples {
            assert_valid(name, example);
            let errors: Vec<String> =
                strict.iter_errors(example).map(|it| it.to_string()).collect();
            assert!(errors.is_empty(), "{name}: {errors:?}");
        }
    }
    for (text, validator) in [(schema::EVENT, &*EVENT), (schema::ENVELOPE, &*ENVELOPE)] {
        let schema: Value = serde_json::from_str(text).unwrap();
        assert!(schema["examples"].as_array().unwrap().iter().all(|it| validator.is_valid(it)));
    }
}

#[test]
fn takes_an_event_that_nobody_knows() {
    let event = EventBuilder::unknown("order:swap");
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
            assert!(member["description"].is_string(), "{place} has no description");
            let text = member["description"].as_str().unwrap();
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
    assert_eq!(types["OnrampOrder"]["properties"]["id"]["format"], "uuid");
    assert_eq!(types["OnrampOrder"]["properties"]["createdAt"]["format"], "date-time");
    assert!(types["OnrampOrigin"]["properties"]["rate"]["pattern"].is_string());
    assert_eq!(types["UserCreatedEvent"]["title"], "user:created");
}
