//! Tests of events with an unknown name, and of those that cannot be read.

use serde::Deserialize;
use serde_json::{Value, json};

use super::fixture::{decoded, encoded_again, event};
use crate::event::{Envelope, Event, EventName, OnrampOrder, UnknownEvent};

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
fn keeps_data_that_does_not_match() {
    assert_eq!(
        unreadable(r#"{"id":"i","name":"user:created","data":{"user":{"id":7}}}"#),
        "data.user.id is not text",
    );
}

#[test]
fn keeps_data_that_is_no_object() {
    for data in [r#"[{"id":"u","createdAt":"t"}]"#, "null", "1", "\"{}\"", "[]"] {
        assert_eq!(
            unreadable(&format!(r#"{{"id":"i","name":"user:created","data":{data}}}"#)),
            "data is not a JSON object",
        );
    }
}

#[test]
fn takes_missing_data_for_null() {
    assert_eq!(unknown(r#"{"id":"i","name":"brand:new"}"#).data(), "null");
    assert!(unreadable(r#"{"id":"i","name":"user:created"}"#).contains("is not a JSON object"));
}

#[test]
fn keeps_data_with_duplicate_fields() {
    let message = unreadable(
        r#"{"id":"i","name":"user:kyc:identity:initiated",
        "data":{"kycSession":{"initiatedAt":"t"},"user":{"id":"a","id":"b"}}}"#,
    );
    assert_eq!(message, "data.user.id occurs twice");
}

#[test]
fn keeps_data_with_half_a_surrogate_pair() {
    let json = r#"{"name":"user:created","id":"i","data":{"user":{"id":"\ud800"}}}"#;
    let envelope = Envelope::from_json(json.as_bytes()).unwrap();
    assert_eq!(serde_json::to_string(&envelope).unwrap(), json);
    assert_eq!(envelope.event().unwrap_err().to_string(), "data.user.id is not Unicode text");
}

#[test]
fn loses_no_event_when_any_one_field_is_missing() {
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
    let error = event.decode::<Vec<u8>>().unwrap_err();
    assert_eq!((error.field(), error.to_string().as_str()), ("data", "data is not a list"));
}

#[test]
fn reads_the_types_of_this_crate_under_an_unknown_name_alike() {
    let mut order = event(EventName::OrderCryptoOnrampCompleted);
    order["name"] = json!("order:crypto-onramp:brand-new");
    order["data"]["origin"]["amount"] = json!(7);
    let json = order.to_string().replace(r#""Shop""#, r#""Shop \ud83d""#);
    let order: OnrampOrder = unknown(&json).decode().unwrap();
    assert_eq!(order.origin.amount.as_str(), "7");
    assert_eq!(order.widget.name.as_deref(), Some("Shop \u{fffd}"));
    let error = unknown(&json.replace(r#""amount":7"#, r#""amount":{}"#)).decode::<OnrampOrder>();
    assert_eq!(error.unwrap_err().field(), "data.origin.amount");
}

#[test]
fn reads_values_of_every_kind_the_second_time() {
    #[derive(Debug, PartialEq, Deserialize)]
    enum Side {
        Buy,
    }
    #[derive(Debug, PartialEq, Deserialize)]
    struct Swap {
        #[serde(rename = "n")]
        number: f64,
        count: Option<u8>,
        flag: bool,
        side: Side,
        pair: (i64, char),
        any: Value,
        nothing: (),
        by_name: std::collections::BTreeMap<String, Vec<String>>,
    }

    let json = r#"{"id":"i","name":"order:swap","data":{"\ud83d":1,"n":1.5,"count":7,"flag":true,
        "side":"Buy","pair":[-1,"x"],"any":[null,true,{"a":"b"},-2,0.5],"nothing":null,
        "by_name":{"\ud83d":["x"]}}}"#;
    let swap: Swap = unknown(json).decode().unwrap();
    assert_eq!((swap.number, swap.count, swap.flag, swap.side), (1.5, Some(7), true, Side::Buy));
    assert_eq!((swap.pair, swap.any), ((-1, 'x'), json!([null, true, {"a": "b"}, -2, 0.5])));
    assert_eq!(swap.by_name["\u{fffd}"], ["x"]);
    for (wrong, message) in [
        (json.replace("1.5", "true"), "data.n does not match its type"),
        (json.replace("\"x\"]}", "7]}"), "data.by_name[0] is not text"),
        (json.replace("\"b\"", r#""\ud83d""#), "data.any[2] is not Unicode text"),
    ] {
        assert_eq!(unknown(&wrong).decode::<Swap>().unwrap_err().to_string(), message);
    }
}

#[test]
fn an_unknown_event_is_equal_to_one_with_the_same_name_and_data() {
    let one = r#"{"id":"i","name":"order:swap","data":{"n":1}}"#;
    assert_eq!(unknown(one), unknown(one));
    assert_ne!(unknown(one), unknown(&one.replace("swap", "loan")));
    assert_ne!(unknown(one), unknown(&one.replace('1', "2")));
}

#[test]
fn an_unreadable_event_is_equal_to_one_with_the_same_name_and_data() {
    let one = r#"{"id":"i","name":"user:created","data":{"user":{"id":7}}}"#;
    let envelope = |json: &str| {
        let envelope = Envelope::from_json(json.as_bytes()).unwrap();
        envelope.event().unwrap_err();
        envelope
    };
    assert_eq!(envelope(one), envelope(one));
    let other_name = EventName::UserLoggedIn.as_str();
    assert_ne!(envelope(one), envelope(&one.replace("user:created", other_name)));
    assert_ne!(envelope(one), envelope(&one.replace('7', "8")));
}

#[test]
fn reads_as_deep_the_second_time_as_the_first() {
    for levels in [1, 125, 126, 127, 128, 100_000] {
        let list = "[".repeat(levels) + &"]".repeat(levels);
        let json =
            |other: &str| format!(r#"{{"id":"i","name":"deep","data":{{{other}"n":{list}}}}}"#);
        let first = serde_json::from_str::<Value>(unknown(&json("")).data()).is_ok();
        // The fast reading refuses such a name.
        let second = unknown(&json(r#""\ud83d":1,"#)).decode::<Value>().is_ok();
        assert_eq!((first, second), (levels < 127, levels < 127), "{levels}");
    }
}

#[test]
fn reads_a_struct_from_a_list_the_second_time() {
    #[derive(Debug, PartialEq, Deserialize)]
    struct Pair {
        one: u8,
        other: u8,
    }
    #[derive(Debug, PartialEq, Deserialize)]
    struct Data {
        pair: Pair,
    }

    let decode = |pair: &str| {
        let data = format!(r#"{{"\ud83d":1,"pair":{pair}}}"#);
        let event = unknown(&format!(r#"{{"id":"i","name":"pair","data":{data}}}"#));
        event.decode::<Data>().map_err(|error| error.to_string())
    };
    assert_eq!(decode("[1,2]"), Ok(Data { pair: Pair { one: 1, other: 2 } }));
    assert_eq!(decode("[1]").unwrap_err(), "data.pair is not a JSON object");
    assert_eq!(decode(r#"[1,"x"]"#).unwrap_err(), "data.pair[1] does not match its type");
}
