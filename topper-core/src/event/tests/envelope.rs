//! Tests of the envelope.

use serde_json::{Value, json};

use super::fixture::{decoded, encoded_again, event};
use crate::event::{Envelope, Event, EventName};

fn message(json: &[u8]) -> String {
    Envelope::from_json(json).unwrap_err().to_string()
}

#[test]
fn reads_id_name_and_bootstrap_token_id() {
    let envelope = decoded(&event(EventName::UserCreated));
    assert_eq!(envelope.id(), "6a0ab0d2-2f68-4cc7-8c0b-9a7d5f4c1e21");
    assert_eq!(envelope.bootstrap_token_id(), Some("session 17"));
    assert!(matches!(envelope.event().unwrap(), Event::UserCreated(_)));
}

#[test]
fn reads_fields_in_any_order_and_with_white_space() {
    let json =
        b" {\n\t\"data\" : { \"a\" : 1 } , \"other\": [{}], \"name\" :\"n\",\r\n\"id\":\"i\" } \n";
    let envelope = Envelope::from_json(json).unwrap();
    let Event::Unknown(event) = envelope.event().unwrap() else { panic!("a type for nothing") };
    assert_eq!((envelope.id(), event.data()), ("i", "{ \"a\" : 1 }"));
}

#[test]
fn refuses_what_is_no_object() {
    let array = format!("[{0},{0},{0},{0}]", r#""user:created""#);
    for json in ["[]", &array, "null", "1", "true", "\"id\"", "[[["] {
        assert!(message(json.as_bytes()).starts_with("body is not a JSON object"), "{json}");
    }
}

#[test]
fn refuses_what_is_no_json() {
    for json in [
        "",
        " ",
        "{",
        r#"{"id":"i","name":"n"} {}"#,
        r#"{"id":"i","name":"n"}x"#,
        r#"{"id":"i","name":"n",}"#,
        r#"{"id":"i","name":"n","data":{]}"#,
        r#"{"id":"i","name":"n","data":}"#,
        r#"{'id':'i'}"#,
        r#"{"id":"\ud800","name":"n"#,
        "{\"\\ud800\":1,\"\0\":2,\"id\":\"i\",\"name\":\"n\"}",
        "\u{feff}{\"id\":\"i\",\"name\":\"n\"}",
        "{\"id\":\"a\0b\",\"name\":\"n\"}",
    ] {
        assert!(message(json.as_bytes()).starts_with("body is not well-formed JSON"), "{json}");
    }
}

#[test]
fn refuses_what_is_not_utf8_anywhere() {
    let json = b"{\"id\":\"i\",\n\"name\":\"n\",\"data\":{\"x\":\"\xff\"}}";
    assert_eq!(message(json), "body is not UTF-8 at line 2 column 25");
    let error = Envelope::from_json(json).unwrap_err();
    assert_eq!((error.line(), error.column()), (2, 25));
    assert_eq!(message(b"\xff"), "body is not UTF-8 at line 1 column 1");
    assert!(message(b"{\"ignored\":\"\xc3\"}").starts_with("body is not UTF-8"));
}

#[test]
fn refuses_a_missing_or_invalid_id_or_name() {
    for (json, expected) in [
        (r#"{"name":"n"}"#, "field `id` is missing"),
        (r#"{"id":"i"}"#, "field `name` is missing"),
        (r"{}", "field `id` is missing"),
        (r#"{"id":7,"name":"n"}"#, "field `id` is not text, or is empty"),
        (r#"{"id":null,"name":"n"}"#, "field `id` is not text, or is empty"),
        (r#"{"id":["i"],"name":"n"}"#, "field `id` is not text, or is empty"),
        (r#"{"id":"i","name":{}}"#, "field `name` is not text, or is empty"),
        (r#"{"id":"i","name":""}"#, "field `name` is not text, or is empty"),
        (r#"{"id":"\ud800","name":"n"}"#, "field `id` is not text, or is empty"),
        (r#"{"\ud800":1,"id":"i","name":"\ud800"}"#, "field `name` is not text, or is empty"),
        (r#"{"id\ud800":"i","name":"n"}"#, "field `id` is missing"),
    ] {
        let place = message(json.as_bytes()).replacen(expected, "", 1);
        assert!(place.starts_with(" at line 1 column "), "{json}: {place}");
    }
}

#[test]
fn refuses_duplicates_also_when_escaped() {
    let fields = [("id", r"\u0069d"), ("name", r"n\u0061me"), ("data", r"d\u0061t\u0061")];
    for (name, escaped) in fields {
        for (one, next) in [(name, name), (name, escaped), (escaped, name), (escaped, escaped)] {
            let rest = ["id", "name"].into_iter().filter(|&other| other != name);
            let rest: String = rest.map(|other| format!(r#","{other}":"x""#)).collect();
            let json = format!(r#"{{"{one}":"x"{rest},"{next}":"x"}}"#);
            let expected = format!("field `{name}` occurs twice");
            assert!(message(json.as_bytes()).starts_with(&expected), "{json}");
        }
    }
}

#[test]
fn reads_escaped_field_names() {
    let json = br#"{"\u0069d":"i","n\u0061me":"\u0075ser:created","d\u0061ta":{}}"#;
    let envelope = Envelope::from_json(json).unwrap();
    assert_eq!((envelope.id(), envelope.name()), ("i", "user:created"));
}

#[test]
fn lets_other_fields_occur_twice() {
    let json = br#"{"id":"i","other":1,"name":"n","other":2}"#;
    assert_eq!(Envelope::from_json(json).unwrap().id(), "i");
}

#[test]
fn reads_past_half_a_surrogate_pair_in_an_unknown_field() {
    for other in [r#""\ud83d":1"#, r#""a \ude00":{"\ud83d":["\ud83d"]}"#, r#""other":"\ud83d""#] {
        for json in [
            format!(r#"{{{other},"id":"i","name":"n","data":{{"a":1}}}}"#),
            format!(r#"{{"id":"i","name":"n","data":{{"a":1}},{other}}}"#),
        ] {
            let envelope = Envelope::from_json(json.as_bytes()).unwrap();
            let Ok(Event::Unknown(event)) = envelope.event() else { panic!("a type for nothing") };
            assert_eq!((envelope.id(), event.data()), ("i", r#"{"a":1}"#));
        }
    }
    let token = br#"{"\ud83d":1,"id":"i","name":"n","bootstrapTokenId":"t"}"#;
    assert_eq!(Envelope::from_json(token).unwrap().bootstrap_token_id(), Some("t"));
    let twice = r#"{"\ud83d":1,"id":"i","id":"j","name":"n"}"#;
    assert!(message(twice.as_bytes()).starts_with("field `id` occurs twice"));
}

#[test]
fn takes_ids_of_1_to_255_bytes() {
    let with_id = |id: &str| json!({"id": id, "name": "n"}).to_string();
    for id in ["x", &"x".repeat(255), "a\0b", "é"] {
        assert_eq!(Envelope::from_json(with_id(id).as_bytes()).unwrap().id(), id);
    }
    for id in ["", &"x".repeat(256), &"é".repeat(128)] {
        assert!(message(with_id(id).as_bytes()).starts_with("field `id` is not 1 to 255 bytes"));
    }
}

#[test]
fn never_refuses_over_the_bootstrap_token_id() {
    for text in ["null", "7", "{}", "[\"x\"]", "true", r#""\ud800""#] {
        let json = format!(r#"{{"id":"i","name":"n","bootstrapTokenId":{text}}}"#);
        assert_eq!(Envelope::from_json(json.as_bytes()).unwrap().bootstrap_token_id(), None);
    }
    let twice = br#"{"bootstrapTokenId":"a","id":"i","name":"n","bootstrapTokenId":"b"}"#;
    assert_eq!(Envelope::from_json(twice).unwrap().bootstrap_token_id(), None);
    let mut event = event(EventName::UserCreated);
    event.as_object_mut().unwrap().remove("bootstrapTokenId");
    assert_eq!(decoded(&event).bootstrap_token_id(), None);
    assert_eq!(encoded_again(&event), event);

    event["bootstrapTokenId"] = json!("");
    assert_eq!(decoded(&event).bootstrap_token_id(), Some(""));
}

#[test]
fn survives_deep_nesting() {
    let deep = "[".repeat(100_000) + &"]".repeat(100_000);
    for json in [
        format!(r#"{{"id":"i","name":"user:created","data":{deep}}}"#),
        format!(r#"{{"id":"i","name":"user:created","data":{{"user":{deep}}}}}"#),
        format!(r#"{{"id":"i","name":"user:created","data":{{"other":{deep}}}}}"#),
        format!(r#"{{"id":"i","name":"brand:new","other":{deep}}}"#),
        format!(r#"{{"id":"i","name":"brand:new","bootstrapTokenId":{deep}}}"#),
    ] {
        let envelope = Envelope::from_json(json.as_bytes()).unwrap();
        assert_eq!(envelope.clone(), envelope);
        let _ = format!("{envelope:?}");

        match envelope.into_event() {
            Ok(Event::Unknown(event)) => {
                assert!(event.decode::<Value>().is_err() || event.data() == "null");
            }
            other => drop(other.unwrap_err()),
        }
    }
    let unclosed = r#"{"id":"i","name":"n","data":"#.to_owned() + &"[".repeat(100_000);
    assert!(message(unclosed.as_bytes()).starts_with("body is not well-formed JSON"));
    assert!(message("[".repeat(100_000).as_bytes()).starts_with("body is not a JSON object"));
    let in_id = format!(r#"{{"id":{deep},"name":"n"}}"#);
    assert!(message(in_id.as_bytes()).starts_with("field `id` is not text, or is empty"));
}
