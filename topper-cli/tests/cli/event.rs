//! `topper event`

use topper_core::EventName;
use topper_testkit::EventBuilder;

use crate::Home;

#[tokio::test]
async fn prints_every_field_of_every_event() {
    let home = Home::new();
    for &name in EventName::ALL {
        let event = EventBuilder::new(name);
        home.write("event.json", event.to_json());
        let output = home.topper(&["event", "event.json"]).await;
        assert_eq!(output.code, Some(0), "{output:?}");
        assert!(output.stdout.starts_with(&format!("known    {name}\n")), "{output:?}");
        assert!(!output.stdout.contains("ignored"), "{output:?}");
        let output = home.topper(&["event", "event.json", "--json"]).await;
        let object = output.objects().remove(0);
        assert_eq!(object["event"], *event.value());
        assert_eq!(
            (object["known"].as_bool(), &object["unknown_fields"]),
            (Some(true), &serde_json::json!([]))
        );
    }
    let output = home.topper(&["event", "event.json"]).await;
    assert!(!output.stdout.contains("\"user:"), "{output:?}");
}

#[tokio::test]
async fn names_the_fields_it_does_not_know() {
    let home = Home::new();
    let event = EventBuilder::new(EventName::OrderCryptoOfframpCommitted)
        .add("data.fees.1.brandNew", "x")
        .add("brandNew.deep", 1)
        .add("data.destination.tag", serde_json::Value::Null);
    let output = home.topper_with(&["event", "-"], &event.to_json()).await;
    assert_eq!(output.code, Some(0));
    let (_, ignored) = output.stdout.split_once("ignored:\n").unwrap();
    let paths: Vec<_> =
        ignored.lines().map(|line| line.split_whitespace().next().unwrap()).collect();
    assert_eq!(paths, ["brandNew.deep", "data.fees.1.brandNew"]);
    let output = home.topper_with(&["event", "-", "--json"], &event.to_json()).await;
    let unknown = &output.objects()[0]["unknown_fields"];
    assert_eq!(*unknown, serde_json::json!(["brandNew.deep", "data.fees.1.brandNew"]));
}

#[tokio::test]
async fn tells_why_an_event_is_not_known() {
    let home = Home::new();
    for (event, word, reason) in [
        (EventBuilder::unknown("order:new"), "unknown", "does not know this name"),
        (
            EventBuilder::new(EventName::UserCreated).remove("data.user.id"),
            "unreadable",
            "data.user.id is missing",
        ),
    ] {
        let output = home.topper_with(&["event", "-"], &event.to_json()).await;
        assert_eq!(output.code, Some(1));
        let first = output.stdout.lines().next().unwrap();
        assert!(first.starts_with(word) && first.contains(reason), "{first}");
        let output = home.topper_with(&["event", "-", "--json"], &event.to_json()).await;
        assert_eq!(output.objects()[0]["event"], *event.value());
    }
    let output = home.topper_with(&["event", "-"], br#"{"name":"x"}"#).await;
    assert_eq!(output.code, Some(1));
    assert!(output.stdout.contains("not an event  field `id` is missing"), "{output:?}");
    assert_eq!(home.topper(&["event", "none"]).await.code, Some(2));
}

#[tokio::test]
async fn names_the_field_that_makes_json_something_else_than_an_event() {
    let home = Home::new();
    for (body, expected) in [
        (r#"{"name":"x","data":{}}"#, "not an event  field `id` is missing"),
        (r#"{"id":7,"name":"x","data":{}}"#, "not an event  field `id` is not text"),
        (r#"{"id":"","name":"x","data":{}}"#, "not an event  field `id` is not 1 to 255 bytes"),
        (r#"{"id":"1","data":{}}"#, "not an event  field `name` is missing"),
        (r#"{"id":"1","name":[],"data":{}}"#, "not an event  field `name` is not text"),
        (r#"{"id":"1","id":"2","name":"x"}"#, "not an event  field `id` occurs twice"),
        (r#"{"id":"1","name":"user:created"}"#, "unreadable  user:created: data "),
        (r#"{"id":"1","name":"user:created","data":7}"#, "unreadable  user:created: data "),
    ] {
        let output = home.topper_with(&["event", "-"], body.as_bytes()).await;
        assert_eq!(output.code, Some(1));
        assert!(output.stdout.starts_with(expected), "{expected}: {output:?}");
    }
    // The SDK accepts an unknown event without it, but Topper documents no such event.
    let output = home.topper_with(&["event", "-"], br#"{"id":"1","name":"x"}"#).await;
    assert_eq!(output.code, Some(1));
    assert!(output.stdout.contains("and the field `data` is missing"), "{output:?}");
    let output = home.topper_with(&["event", "-"], br#"{"id":"1","name":"x","data":{}}"#).await;
    assert!(!output.stdout.contains("is missing"), "{output:?}");
}

/// What would turn a line around or hide in it.
const INVISIBLE: [&str; 3] = ["\u{202e}", "\u{2066}", "\u{200b}"];

#[tokio::test]
async fn escapes_what_is_invisible_in_names_and_values() {
    let home = Home::new();
    for character in INVISIBLE {
        let escaped = character.escape_debug().to_string();
        let name = format!("a{character}b");
        let event = EventBuilder::unknown(&format!("order:{name}"))
            .add(&format!("data.{name}"), 1)
            .add("data.note", format!("from{character}to"));
        let output = home.topper_with(&["event", "-"], &event.to_json()).await;
        assert!(!output.stdout.contains(character), "{output:?}");
        for shown in [
            format!("order:a{escaped}b: "),
            format!("data.a{escaped}b "),
            format!("from{escaped}to"),
        ] {
            assert!(output.stdout.contains(&shown), "{shown} {output:?}");
        }
    }
}
