//! Nothing of a body shows.

use std::fmt::Debug;

use serde_json::{Value, json};

use super::fixture::{decoded, event, typed};
use crate::event::{Envelope, Event, EventName};

const CANARY: &str = "98765432109876543210";

fn assert_silent(shown: &impl Debug) {
    for text in [format!("{shown:?}"), format!("{shown:#?}")] {
        assert!(!text.contains("9876"), "{text}");
    }
}

/// The canary fits wherever text goes, amounts included.
fn with_canaries(mut value: Value) -> Value {
    match &mut value {
        Value::Object(members) => members.values_mut().for_each(|member| {
            *member = with_canaries(member.take());
        }),
        Value::Array(items) => items.iter_mut().for_each(|item| {
            *item = with_canaries(item.take());
        }),
        Value::String(text) => CANARY.clone_into(text),
        _ => {}
    }
    value
}

fn canary_event(name: EventName) -> Value {
    let mut event = event(name);
    event["data"] = with_canaries(event["data"].take());
    event["bootstrapTokenId"] = json!(CANARY);
    event
}

#[test]
fn shows_id_and_name_of_an_envelope_only() {
    for &name in EventName::ALL {
        let envelope = decoded(&canary_event(name));
        assert_eq!(envelope.event().unwrap().known_name(), Some(name));
        assert_silent(&envelope);
        assert_silent(envelope.event().unwrap());
        assert_eq!(
            format!("{:?}", envelope.event().unwrap()),
            format!("Event({:?})", name.as_str())
        );
    }
    assert_eq!(
        format!("{:?}", decoded(&canary_event(EventName::UserCreated))),
        r#"Envelope { id: "6a0ab0d2-2f68-4cc7-8c0b-9a7d5f4c1e21", name: "user:created", .. }"#
    );
}

#[test]
fn shows_nothing_of_an_onramp_order() {
    let event = typed(&canary_event(EventName::OrderCryptoOnrampRefundCompleted));
    let order = event.onramp_order().unwrap();
    assert_eq!(format!("{order:?}"), "OnrampOrder { .. }");
    assert_silent(order);
    assert_silent(&(&order.id.is_some(), &order.status, &order.created_at, &order.updated_at));
    assert_silent(&(&order.origin, &order.origin.amount, &order.origin.payment_method));
    assert_silent(&(&order.origin.payment_method.as_ref().unwrap().kind, &order.origin.rate));
    let destination = &order.destination;
    assert_silent(&(destination, &destination.priority, &destination.tag, &destination.ledger));
    assert_silent(&destination.tag.as_ref().unwrap().kind);
    assert_silent(&(&order.fees, &order.fees()[0].kind, &order.fees()[0].normalized));
    assert_silent(&(&order.refund, &order.refund.as_ref().unwrap().rate));
    assert_silent(&(&order.error, &order.error.as_ref().unwrap().reason));
    assert_silent(&(&order.user, &order.widget, &order.widget.flow));
}

#[test]
fn shows_nothing_of_an_offramp_order() {
    let event = typed(&canary_event(EventName::OrderCryptoOfframpRefundCompleted));
    let order = event.offramp_order().unwrap();
    assert_eq!(format!("{order:?}"), "OfframpOrder { .. }");
    assert_silent(order);
    let address = order.origin.deposit_address.as_ref().unwrap();
    assert_silent(&(&order.origin, address, &address.expires_at, &address.tag));
    assert_silent(&(&order.destination, &order.destination.payment_method));
    assert_silent(&(&order.refund, &order.refund.as_ref().unwrap().amount, &order.fees));
}

#[test]
fn shows_nothing_of_a_user() {
    for &name in EventName::ALL {
        match typed(&canary_event(name)) {
            Event::UserCreated(created) => assert_silent(&(&created, &created.user)),
            Event::UserLoggedIn(logged_in) => {
                assert_silent(&(&logged_in, &logged_in.user, &logged_in.authentication_method));
            }
            Event::UserKycIdentityInitiated(kyc) => {
                assert_silent(&(&kyc, &kyc.kyc_session, &kyc.user));
            }
            Event::UserKycIdentitySucceeded(kyc) | Event::UserKycIdentityFailed(kyc) => {
                assert_silent(&(&kyc, &kyc.kyc_session, &kyc.user));
            }
            _ => {}
        }
    }
}

#[test]
fn shows_nothing_of_data_without_a_type() {
    for name in ["brand:new", "user:created"] {
        let envelope = decoded(&json!({"id": "i", "name": name, "data": {"user": CANARY}}));
        assert_silent(&envelope);
        let error = match envelope.into_event() {
            Ok(event) => {
                assert_silent(&event);
                let Event::Unknown(unknown) = &event else { panic!("{event:?} is known") };
                assert_silent(unknown);
                unknown.decode::<u8>().unwrap_err()
            }
            Err(error) => error,
        };
        assert_silent(&error);
        assert!(!error.to_string().contains("9876"), "{error}");
    }
}

#[test]
fn shows_at_most_64_characters_of_id_and_name() {
    let long = "é".repeat(64) + CANARY;
    let envelope = decoded(&json!({"id": long, "name": long, "data": {}}));
    assert_silent(&envelope);
    assert_silent(envelope.event().unwrap());
    let Event::Unknown(unknown) = envelope.event().unwrap() else { panic!("a type for nothing") };
    assert_silent(unknown);
    assert!(format!("{envelope:?}").contains(&"é".repeat(64)));
}

#[test]
fn escapes_control_characters_of_an_id() {
    let envelope = decoded(&json!({"id": "a\n\0\u{1b}[31m", "name": "n"}));
    assert!(format!("{envelope:?}").contains(r#""a\n\0\u{1b}[31m""#));
}

#[test]
fn shows_nothing_of_an_unreadable_body() {
    for json in [
        format!(r#"{{"id":{CANARY},"name":"n"}}"#),
        format!(r#"{{"id":["{CANARY}"],"name":"n"}}"#),
        format!(r#"{{"id":"i","name":{{"{CANARY}":1}}}}"#),
        format!(r#"{{"id":"i","id":"{CANARY}"}}"#),
        format!(r#"{{"{CANARY}":"{CANARY}"}}"#),
        format!(r#"{{"{CANARY}" "{CANARY}"}}"#),
        format!("\"{CANARY}\""),
        CANARY.to_owned(),
    ] {
        let error = Envelope::from_json(json.as_bytes()).unwrap_err();
        assert_silent(&error);
        assert!(!error.to_string().contains("9876"), "{error}");
        assert!(std::error::Error::source(&error).is_none());
    }
}
