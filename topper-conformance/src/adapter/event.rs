//! What is signed reaches the handler, whatever it says, as long as it is an event at all.

use serde_json::json;
use topper_core::{Event, EventName, Reply, event::OrderStatus};
use topper_testkit::EventBuilder;

use super::receiver::Bench;

pub(super) async fn accepts_every_documented_event(bench: &Bench) {
    let receiver = bench.receiver().await;
    for &name in EventName::ALL {
        let builder = EventBuilder::new(name);
        let webhook = receiver.accepts(&receiver.signed(builder.to_json())).await;
        assert_eq!(webhook.event().unwrap().known_name(), Some(name));
        assert_eq!(webhook.name(), name.as_str());
        assert_eq!(builder.value().get("id"), Some(&json!(webhook.id())));
    }
}

pub(super) async fn hands_on_the_bytes_that_were_signed(bench: &Bench) {
    let receiver = bench.receiver().await;
    let body = "\r\n\t{ \"data\" : {\"n\":1.50, \"n\":\"\\u00e9\u{e9}\"},\n\"id\":\"7\" , \"name\":\"x\" }\n ";
    receiver.accepts(&receiver.signed(body)).await;
}

pub(super) async fn accepts_an_event_of_an_unknown_name(bench: &Bench) {
    let receiver = bench.receiver().await;
    let body = EventBuilder::unknown("order:crypto-swap:completed").to_json();
    let webhook = receiver.accepts(&receiver.signed(body)).await;
    let Event::Unknown(event) = webhook.event().unwrap() else { panic!("it is known") };
    assert_eq!(event.name(), "order:crypto-swap:completed");
}

pub(super) async fn accepts_a_known_event_that_does_not_fit(bench: &Bench) {
    let receiver = bench.receiver().await;
    let builder = EventBuilder::new(EventName::OrderCryptoOnrampCompleted);
    for builder in [
        builder.clone().set("data", json!(null)),
        builder.clone().set("data", json!([1, 2])),
        builder.clone().set("data", json!({})),
        builder.clone().set("data.origin", "none"),
        builder.clone().set("data.origin.amount", "a lot"),
        builder.remove("data"),
    ] {
        let webhook = receiver.accepts(&receiver.signed(builder.to_json())).await;
        let error = webhook.event().unwrap_err().to_string();
        assert!(error.starts_with("data"), "{error}");
        assert_eq!(webhook.name(), "order:crypto-onramp:completed");
    }
}

pub(super) async fn accepts_unknown_members_and_values(bench: &Bench) {
    let receiver = bench.receiver().await;
    let builder = EventBuilder::new(EventName::OrderCryptoOnrampCompleted)
        .add("version", json!(2))
        .set("data.status", "half-completed")
        .set("data.origin.paymentMethod.type", "seashells")
        .add("data.destination.bridge", json!({"via": ["a", {"b": null}]}))
        .set("data.widget.flow", "crypto_swap");
    let webhook = receiver.accepts(&receiver.signed(builder.to_json())).await;
    let order = webhook.event().unwrap().onramp_order().unwrap();
    assert_eq!(order.status, OrderStatus::from("half-completed"));
}

pub(super) async fn accepts_the_oldest_shape(bench: &Bench) {
    let receiver = bench.receiver().await;
    let builder = EventBuilder::new(EventName::OrderCryptoOnrampCompleted)
        .remove("data.id")
        .remove("data.origin.paymentMethod")
        .remove("data.fees.0.normalized");
    let webhook = receiver.accepts(&receiver.signed(builder.to_json())).await;
    assert!(webhook.event().unwrap().onramp_order().unwrap().id.is_none());
}

pub(super) async fn keeps_amounts_to_the_byte(bench: &Bench) {
    let receiver = bench.receiver().await;
    let builder = EventBuilder::new(EventName::OrderCryptoOnrampCompleted)
        .set("data.origin.amount", "1770.27534301775263314892000");
    let webhook = receiver.accepts(&receiver.signed(builder.to_json())).await;
    let order = webhook.event().unwrap().onramp_order().unwrap();
    assert_eq!(order.origin.amount.as_str(), "1770.27534301775263314892000");
}

pub(super) async fn keeps_authentic_text_that_is_not_json(bench: &Bench) {
    unreadable(bench, &[b"OK", b"id=1&name=x", b"{\"id\":\"1\",", b"{}{}", b"<html>"]).await;
}

pub(super) async fn keeps_authentic_json_that_is_no_object(bench: &Bench) {
    let array = br#"["1","user:created",null,{}]"#;
    unreadable(bench, &[array, b"[]", b"null", b"1", b"\"x\"", b"true"]).await;
}

pub(super) async fn keeps_an_envelope_without_id_or_name(bench: &Bench) {
    let bodies: [&[u8]; 6] = [
        b"{}",
        br#"{"id":"1"}"#,
        br#"{"name":"user:created"}"#,
        br#"{"id":1,"name":"user:created"}"#,
        br#"{"id":null,"name":"user:created"}"#,
        br#"{"id":"1","name":7}"#,
    ];
    unreadable(bench, &bodies).await;
}

pub(super) async fn keeps_an_envelope_with_a_duplicate_member(bench: &Bench) {
    let bodies: [&[u8]; 4] = [
        br#"{"id":"1","id":"2","name":"user:created","data":{}}"#,
        br#"{"id":"1","\u0069d":"2","name":"user:created","data":{}}"#,
        br#"{"id":"1","name":"user:created","name":"user:created","data":{}}"#,
        br#"{"id":"1","name":"user:created","data":{},"data":{}}"#,
    ];
    unreadable(bench, &bodies).await;
}

pub(super) async fn keeps_an_envelope_that_is_not_utf_8(bench: &Bench) {
    let bodies: [&[u8]; 3] = [
        b"{\"id\":\"\xff\",\"name\":\"x\"}",
        b"{\"id\":\"1\",\"name\":\"x\",\"data\":{\"y\":\"\xc3\x28\"}}",
        b"\xef\xbb\xbf{\"id\":\"1\",\"name\":\"x\"}",
    ];
    unreadable(bench, &bodies).await;
}

pub(super) async fn keeps_an_empty_body(bench: &Bench) {
    unreadable(bench, &[b"", b" "]).await;
}

pub(super) async fn survives_deep_nesting(bench: &Bench) {
    let receiver = bench.receiver().await;
    let (open, close) = ("[".repeat(20_000), "]".repeat(20_000));
    for body in [open.clone(), format!("{open}{close}"), "{\"a\":".repeat(20_000)] {
        receiver.refuses(&receiver.signed(body), Reply::EventUnreadable).await;
    }
    for name in ["user:created", "order:new"] {
        let body = format!(r#"{{"id":"1","name":"{name}","data":{{"x":{open}{close}}}}}"#);
        let delivery = receiver.signed(body);
        let sent = receiver
            .converse(vec![topper_testkit::Act::Send(delivery.to_http1("/first"))], 1)
            .await;
        // Read or not, it is one of the two, and not the end of the process.
        let handled = receiver.probe().take().len();
        let status = sent.first().unwrap().status;
        assert!(matches!((status, handled), (200, 1) | (500, 0)), "{status} {handled}");
    }
    receiver.accepts(&receiver.completed()).await;
}

pub(super) async fn accepts_ids_of_1_to_255_bytes(bench: &Bench) {
    let receiver = bench.receiver().await;
    let with_id = |id: &str| EventBuilder::new(EventName::UserCreated).id(id).to_json();
    for id in ["x", "a\u{0}b", "\u{0}", &"x".repeat(255), &"\u{e9}".repeat(127)] {
        assert_eq!(receiver.accepts(&receiver.signed(with_id(id))).await.id(), id);
    }
    for id in ["", &"x".repeat(256), &"\u{e9}".repeat(128)] {
        receiver.refuses(&receiver.signed(with_id(id)), Reply::EventUnreadable).await;
    }
}

/// Signed, so a fix can still be deployed before Topper gives up.
async fn unreadable(bench: &Bench, bodies: &[&[u8]]) {
    let receiver = bench.receiver().await;
    for body in bodies {
        receiver.refuses(&receiver.signed(*body), Reply::EventUnreadable).await;
    }
    receiver.accepts(&receiver.completed()).await;
}
