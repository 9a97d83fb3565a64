//! Tests of events with an unknown name, and of those that cannot be read.

use serde::Deserialize;
use serde_json::{Value, json};

use super::fixture::{decoded, encoded_again, event};
use crate::event::{Envelope, Event, EventName, UnknownEvent};

fn unknown(json: &str) -> UnknownEvent {
    match Envelope::from_json(json.as_bytes()).unwrap().into_event() {
        Ok(Event::Unknown(event)) => event,
        other => panic!("{other:?} is known"),
    }
}

/// The message for an event with a known name that cannot be read; its data is kept all the same.
fn unreadable(json: &str) -> String {
    let envelope = Envelope::from_json(json.as_bytes()).unwrap();
    let again: Value = serde_json::from_str(&serde_json::to_string(&envelope).unwrap()).unwrap();
    let sent: Value = serde_json::from_str(json).unwrap_or_default();
    if !sent.is_null() {
        assert_eq!(again["data"], sent["data"]);
    }
    assert_eq!(envelope.name(), again["name"]);
    let error = envelope.event().unwrap_err();
    assert_eq!(envelope.into_event(), Err(error.clone()));
    error.to_string()
}

#[test]
fn keeps_an_unknown_name_with_its_exact_data() {
    let event = unknown(r#"{"id":"i","name":"order:swap","data": {"n": 1.50e3,"s":"\u0041"} }"#);
    assert_eq!(event.name(), "order:swap");
    assert_eq!(event.data(), r#"{"n": 1.50e3,"s":"\u0041"}"#);
}

#[test]
fn writes_exact_data_back() {
    let json = r#"{"name":"order:swap","id":"i","data":{"n": 1.50e3,"s":"\u0041"}}"#;
    let envelope = Envelope::from_json(json.as_bytes()).unwrap();
    assert_eq!(serde_json::to_string(&envelope).unwrap(), json);
}

#[test]
fn keeps_data_that_does_not_fit() {
    assert_eq!(
        unreadable(r#"{"id":"i","name":"user:created","data":{"user":{"id":7}}}"#),
        "cannot read the data: a field is missing or invalid at line 1 column 15",
    );
}

#[test]
fn keeps_data_that_is_no_object() {
    for data in [r#"[{"id":"u","createdAt":"t"}]"#, "null", "1", "\"{}\"", "[]"] {
        assert_eq!(
            unreadable(&format!(r#"{{"id":"i","name":"user:created","data":{data}}}"#)),
            "cannot read the data: it is not a JSON object at line 1 column 1",
        );
    }
}

#[test]
fn takes_missing_data_for_null() {
    assert_eq!(unknown(r#"{"id":"i","name":"brand:new"}"#).data(), "null");
    assert!(unreadable(r#"{"id":"i","name":"user:created"}"#).contains("it is not a JSON object"));
}

#[test]
fn keeps_data_with_duplicate_members() {
    let message = unreadable(
        r#"{"id":"i","name":"user:kyc:identity:initiated",
        "data":{"kycSession":{"initiatedAt":"t"},"user":{"id":"a","id":"b"}}}"#,
    );
    assert!(message.starts_with("cannot read the data: a field is missing or invalid"));
}

#[test]
fn keeps_data_with_half_a_surrogate_pair() {
    let json = r#"{"name":"user:created","id":"i","data":{"user":{"id":"\ud800"}}}"#;
    let envelope = Envelope::from_json(json.as_bytes()).unwrap();
    assert_eq!(serde_json::to_string(&envelope).unwrap(), json);
    let message = envelope.event().unwrap_err().to_string();
    assert!(message.starts_with("cannot read the data: text is not Unicode"), "{message}");
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
    for &name in EventName::ALL {
        let whole = event(name);
        let mut found = Vec::new();
        paths(&whole["data"], "/data", &mut found);
        for path in found {
            let mut event = whole.clone();
            let (parent, member) = path.rsplit_once('/').unwrap();
            event.pointer_mut(parent).unwrap().as_object_mut().unwrap().remove(member);
            assert_eq!(decoded(&event).name(), name.as_str());
            assert_eq!(encoded_again(&event), event, "{name} without {path}");
        }
    }
}

#[test]
fn has_no_order_flow_end_or_time() {
    let event = Event::Unknown(unknown(
        r#"{"id":"i","name":"order:crypto-swap:completed","data":{"id":"o","updatedAt":"t"}}"#,
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
