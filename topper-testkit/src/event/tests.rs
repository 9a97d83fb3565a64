//! Tests of the builders.

use std::collections::HashSet;

use serde_json::json;
use topper_core::{Envelope, Event, EventName, Timestamp};

use super::EventBuilder;
use crate::flow::Lifecycle;

fn decoded(event: &EventBuilder) -> Envelope {
    Envelope::from_json(&event.to_json()).unwrap()
}

#[test]
fn builds_every_event_as_core_knows_it() {
    for name in EventName::ALL {
        let event = EventBuilder::new(name);
        let envelope = decoded(&event);
        assert_eq!(envelope.event.known_name(), Some(name));
        assert_eq!(serde_json::to_value(&envelope).unwrap(), *event.value());
    }
}

#[test]
fn keeps_the_order_id_and_the_time_it_is_given() {
    let then = "2026-07-01T00:00:00.000Z";
    for name in EventName::ALL {
        let event = decoded(&EventBuilder::new(name).updated_at(then)).event;
        if name != EventName::UserLoggedIn {
            assert_eq!(event.updated_at(), Some(&Timestamp::from(then)), "{name}");
        }
        if name.flow().is_some() {
            let event = decoded(&EventBuilder::new(name).order_id("o-1")).event;
            assert_eq!(event.order_id(), Some("o-1"), "{name}");
        }
    }
}

#[test]
fn builds_an_event_that_nobody_knows() {
    let event = decoded(&EventBuilder::unknown("order:brand-new")).event;
    assert!(matches!(&event, Event::Unknown(_)));
    assert_eq!(event.name(), "order:brand-new");
}

#[test]
fn gives_every_builder_ids_of_its_own() {
    let mut ids = HashSet::new();
    for _ in 0..1000 {
        let event = EventBuilder::new(EventName::OrderCryptoOnrampCharged);
        for path in ["/id", "/bootstrapTokenId", "/data/id"] {
            let id = event.value().pointer(path).unwrap().as_str().unwrap().to_owned();
            assert_eq!(id.len(), 36);
            assert_eq!(id.as_bytes()[14], b'4');
            assert!(b"89ab".contains(&id.as_bytes()[19]));
            assert!(ids.insert(id));
        }
    }
}

#[test]
fn sets_members_and_places_in_arrays() {
    let event = EventBuilder::new(EventName::OrderCryptoOnrampCompleted)
        .set("data.origin.amount", "12.50")
        .set("data.fees.0.amount", "0.01")
        .set("data.fees.2", json!({"amount": "3", "asset": "USD", "type": "partner"}))
        .set("data.brand.new.0.member", true);
    let data = &event.value()["data"];
    assert_eq!(data["origin"]["amount"], "12.50");
    assert_eq!(data["fees"][0]["amount"], "0.01");
    assert_eq!(data["fees"][2]["type"], "partner");
    assert_eq!(data["brand"]["new"][0]["member"], true);
    assert_eq!(decoded(&event).event.onramp_order().unwrap().fees().len(), 3);
}

#[test]
fn removes_members_and_places_in_arrays() {
    let event = EventBuilder::new(EventName::OrderCryptoOnrampCompleted)
        .remove("bootstrapTokenId")
        .remove("data.id")
        .remove("data.fees.0.normalized")
        .remove("data.fees.1");
    assert!(event.value().get("bootstrapTokenId").is_none());
    let decoded = decoded(&event);
    assert_eq!(decoded.bootstrap_token_id, None);
    assert_eq!(decoded.event.order_id(), None);
    let fees = decoded.event.onramp_order().unwrap().fees();
    assert_eq!(fees.len(), 1);
    assert_eq!(fees[0].normalized, None);
}

#[test]
#[should_panic(expected = "`data.status.text`: `text` leads nowhere")]
fn panics_on_a_path_through_text() {
    let _ = EventBuilder::new(EventName::OrderCryptoOnrampCharged).set("data.status.text", 1);
}

#[test]
fn says_so_when_a_typed_path_leads_nowhere() {
    let event = EventBuilder::new(EventName::OrderCryptoOnrampCharged);
    for path in ["data.status.text", "data.fees.7.amount", "data.fees.-1", "data.fees.x"] {
        let error = event.clone().try_set(path, 1).unwrap_err();
        assert!(error.to_string().contains(path), "{error}");
    }
    let set = event.clone().try_set("data.origin.amount", "1").unwrap();
    assert_eq!(set, event.set("data.origin.amount", "1"));
}

#[test]
#[should_panic(expected = "`data.fees.7.amount`: `7` leads nowhere")]
fn panics_past_the_end_of_an_array() {
    let _ = EventBuilder::new(EventName::OrderCryptoOnrampCharged).set("data.fees.7.amount", "1");
}

#[test]
#[should_panic(expected = "`data.idd`: `idd` leads nowhere")]
fn panics_when_there_is_nothing_to_remove() {
    let _ = EventBuilder::new(EventName::OrderCryptoOnrampCharged).remove("data.idd");
}

#[test]
fn builds_a_completed_purchase_of_a_realistic_size() {
    let length = EventBuilder::new(EventName::OrderCryptoOnrampCompleted).to_json().len();
    assert!((1000..1300).contains(&length), "{length} bytes");
}

#[test]
fn prints_the_same_event_to_be_read() {
    let event = EventBuilder::new(EventName::UserCreated);
    let pretty: serde_json::Value = serde_json::from_str(&event.pretty()).unwrap();
    assert_eq!(pretty, *event.value());
    assert!(event.pretty().contains("\n  \"data\""));
}

#[test]
fn shows_only_id_and_name_in_debug() {
    let event = EventBuilder::new(EventName::UserCreated).id("e-1").set("data.user.id", "canary");
    assert_eq!(format!("{event:?}"), r#"EventBuilder { id: "e-1", name: "user:created", .. }"#);
}

#[test]
fn tells_each_lifecycle_about_one_subject_with_rising_times() {
    for lifecycle in Lifecycle::ALL {
        let events = lifecycle.events();
        let path = if lifecycle == Lifecycle::User { "/data/user/id" } else { "/data/id" };
        let subjects: HashSet<_> =
            events.iter().map(|event| event.value().pointer(path).unwrap()).collect();
        assert_eq!(subjects.len(), 1, "{lifecycle:?}");

        let ids: HashSet<_> = events.iter().map(|event| decoded(event).id).collect();
        assert_eq!(ids.len(), events.len(), "{lifecycle:?}");

        let times: Vec<_> = events
            .iter()
            .filter_map(|event| decoded(event).event.updated_at()?.to_system_time())
            .collect();
        assert!(times.len() >= events.len() - 1, "{lifecycle:?}");
        assert!(times.is_sorted_by(|one, next| one < next), "{lifecycle:?}");
    }
}

#[test]
fn ends_each_order_with_a_terminal_event() {
    for lifecycle in Lifecycle::ALL.into_iter().filter(|&one| one != Lifecycle::User) {
        assert!(decoded(lifecycle.events().last().unwrap()).event.is_terminal(), "{lifecycle:?}");
    }
}
