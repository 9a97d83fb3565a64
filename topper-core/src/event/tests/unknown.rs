//! Tests of events without a type.

use serde::Deserialize;
use serde_json::{Value, json};

use super::fixture::{decoded, encoded_again, event};
use crate::event::{Envelope, Event, EventName, UnknownEvent, UnknownReason};

fn unknown(json: &str) -> UnknownEvent {
    match Envelope::from_json(json.as_bytes()).unwrap().event {
        Event::Unknown(event) => event,
        typed => panic!("{typed:?} has a type"),
    }
}

fn misfit(event: &UnknownEvent) -> String {
    match event.reason() {
        UnknownReason::Data(misfit) => misfit.to_string(),
        UnknownReason::Name => panic!("the name should be known"),
    }
}

#[test]
fn keeps_an_unknown_name_with_its_exact_data() {
    let event = unknown(r#"{"id":"i","name":"order:swap","data": {"n": 1.50e3,"s":"\u0041"} }"#);
    assert_eq!(event.name(), "order:swap");
    assert_eq!(event.data(), r#"{"n": 1.50e3,"s":"\u0041"}"#);
    assert_eq!(event.reason(), UnknownReason::Name);
}

#[test]
fn writes_exact_data_back() {
    let json = r#"{"name":"order:swap","id":"i","data":{"n": 1.50e3,"s":"\u0041"}}"#;
    let envelope = Envelope::from_json(json.as_bytes()).unwrap();
    assert_eq!(serde_json::to_string(&envelope).unwrap(), json);
}

#[test]
fn keeps_data_that_does_not_fit() {
    let event = unknown(r#"{"id":"i","name":"user:created","data":{"user":{"id":7}}}"#);
    assert_eq!(event.name(), "user:created");
    assert_eq!(event.data(), r#"{"user":{"id":7}}"#);
    assert_eq!(misfit(&event), "data lacks a member, or has one that is unfit at line 1 column 15");
}

#[test]
fn keeps_data_that_is_no_object() {
    for data in [r#"[{"id":"u","createdAt":"t"}]"#, "null", "1", "\"{}\"", "[]"] {
        let event = unknown(&format!(r#"{{"id":"i","name":"user:created","data":{data}}}"#));
        assert_eq!(event.data(), data);
        assert_eq!(misfit(&event), "data is not a JSON object at line 1 column 1");
    }
}

#[test]
fn takes_missing_data_for_null() {
    for name in ["user:created", "brand:new"] {
        assert_eq!(unknown(&format!(r#"{{"id":"i","name":"{name}"}}"#)).data(), "null");
    }
}

#[test]
fn keeps_data_with_duplicate_members() {
    let event = unknown(
        r#"{"id":"i","name":"user:kyc:identity:initiated",
        "data":{"kycSession":{"initiatedAt":"t"},"user":{"id":"a","id":"b"}}}"#,
    );
    assert!(misfit(&event).starts_with("data lacks a member, or has one that is unfit"));
}

#[test]
fn keeps_data_with_half_a_surrogate_pair() {
    let event = unknown(r#"{"id":"i","name":"user:created","data":{"user":{"id":"\ud800"}}}"#);
    assert_eq!(event.data(), r#"{"user":{"id":"\ud800"}}"#);
    assert!(misfit(&event).starts_with("data has text that is not Unicode"));
}

#[test]
fn loses_no_event_when_any_one_member_is_missing() {
    fn paths(value: &Value, path: &str, found: &mut Vec<String>) {
        for (name, member) in value.as_object().into_iter().flatten() {
            let path = format!("{path}/{name}");
            paths(member, &path, found);
            found.push(path);
        }
    }
    for name in EventName::ALL {
        let whole = event(name);
        let mut found = Vec::new();
        paths(&whole["data"], "/data", &mut found);
        for path in found {
            let mut event = whole.clone();
            let (parent, member) = path.rsplit_once('/').unwrap();
            event.pointer_mut(parent).unwrap().as_object_mut().unwrap().remove(member);
            assert_eq!(decoded(&event).event.name(), name.as_str());
            assert_eq!(encoded_again(&event), event, "{name} without {path}");
        }
    }
}

#[test]
fn has_no_order_flow_end_or_time() {
    let event = Event::Unknown(unknown(
        r#"{"id":"i","name":"order:crypto-onramp:completed","data":{"id":"o","updatedAt":"t"}}"#,
    ));
    assert_eq!(event.known_name(), None);
    assert_eq!((event.order_id(), event.flow(), event.updated_at()), (None, None, None));
    assert!(!event.is_terminal());
}

#[test]
fn can_be_read_with_a_type_of_ones_own() {
    #[derive(Debug, PartialEq, Deserialize)]
    struct Swap {
        pair: (String, String),
    }

    let event = unknown(r#"{"id":"i","name":"order:swap","data":{"pair":["BTC","ETH"]}}"#);
    let pair = ("BTC".to_owned(), "ETH".to_owned());
    assert_eq!(event.decode(), Ok(Swap { pair }));
    assert_eq!(event.decode::<Value>(), Ok(json!({"pair": ["BTC", "ETH"]})));
    assert!(event.decode::<Vec<u8>>().is_err());
}
