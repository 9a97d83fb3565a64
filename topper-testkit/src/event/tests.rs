//! Tests of the builders.

use std::collections::HashSet;

use serde_json::json;
use topper_core::{Envelope, Event, EventName, event::Timestamp};

use super::{EventBuilder, PathError};
use crate::flow::Lifecycle;

fn decoded(event: &EventBuilder) -> Envelope {
    Envelope::from_json(&event.to_json()).unwrap()
}

fn read(event: &EventBuilder) -> Event {
    decoded(event).into_event().unwrap()
}

#[test]
fn builds_every_event_as_core_knows_it() {
    for &name in EventName::ALL {
        let event = EventBuilder::new(name);
        let envelope = decoded(&event);
        assert_eq!(envelope.event().unwrap().known_name(), Some(name));
        assert_eq!(serde_json::to_value(&envelope).unwrap(), *event.value());
    }
}

#[test]
fn keeps_the_order_id_and_the_time_it_is_given() {
    let then = "2026-07-01T00:00:00.000Z";
    for &name in EventName::ALL {
        let event = read(&EventBuilder::new(name).updated_at(then));
        if name != EventName::UserLoggedIn {
            assert_eq!(event.updated_at(), Some(&Timestamp::from(then)), "{name}");
        }
        if name.flow().is_some() {
            let event = read(&EventBuilder::new(name).order_id("o-1"));
            assert_eq!(event.order_id(), Some("o-1"), "{name}");
        }
    }
}

#[test]
fn builds_an_event_that_no_one_knows() {
    let event = read(&EventBuilder::unknown("order:brand-new"));
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
fn sets_fields_and_elements_of_arrays() {
    let event = EventBuilder::new(EventName::OrderCryptoOnrampCompleted)
        .set("data.origin.amount", "12.50")
        .set("data.fees.0.amount", "0.01");
    let data = &event.value()["data"];
    assert_eq!(data["origin"]["amount"], "12.50");
    assert_eq!(data["fees"][0]["amount"], "0.01");
}

#[test]
fn adds_fields_and_elements_of_arrays() {
    let event = EventBuilder::new(EventName::OrderCryptoOnrampCompleted)
        .add("data.fees.2", json!({"amount": "3", "asset": "USD", "type": "partner"}))
        .add("data.brand.new.0.field", true)
        .add("data.a/b~c", 1)
        .set("data.a/b~c", 2);
    let data = &event.value()["data"];
    assert_eq!(data["fees"][2]["type"], "partner");
    assert_eq!(data["brand"]["new"][0]["field"], true);
    assert_eq!(data["a/b~c"], 2);
    assert_eq!(read(&event).onramp_order().unwrap().fees().len(), 3);
}

#[test]
fn removes_fields_and_elements_of_arrays() {
    let event = EventBuilder::new(EventName::OrderCryptoOnrampCompleted)
        .remove("bootstrapTokenId")
        .remove("data.id")
        .remove("data.fees.0.normalized")
        .remove("data.fees.1");
    assert!(event.value().get("bootstrapTokenId").is_none());
    let decoded = decoded(&event);
    assert_eq!(decoded.bootstrap_token_id(), None);
    let event = decoded.event().unwrap();
    assert_eq!(event.order_id(), None);
    let fees = event.onramp_order().unwrap().fees();
    assert_eq!(fees.len(), 1);
    assert_eq!(fees[0].normalized, None);
}

#[test]
fn sets_what_each_event_has_even_after_it_was_removed() {
    let event = EventBuilder::new(EventName::OrderCryptoOnrampCompleted);
    let all = |event: EventBuilder| {
        event.id("1").bootstrap_token_id("2").order_id("3").updated_at("2026-07-01T00:00:00Z")
    };
    let removed = event
        .clone()
        .remove("id")
        .remove("bootstrapTokenId")
        .remove("data.id")
        .remove("data.updatedAt");
    assert_eq!(all(removed), all(event));
}

#[test]
#[should_panic(
    expected = "the event has no field `data.orign.amount`; the nearest is `data.origin.amount` (to add a new field, use `add`)"
)]
fn panics_when_there_is_nothing_to_set() {
    let _ = EventBuilder::new(EventName::OrderCryptoOnrampCharged).set("data.orign.amount", "1");
}

#[test]
#[should_panic(expected = "the event already has a field `data.origin.amount`; use `set`")]
fn panics_when_there_is_something_to_add() {
    let _ = EventBuilder::new(EventName::OrderCryptoOnrampCharged).add("data.origin.amount", "1");
}

#[test]
#[should_panic(
    expected = "the event has no place for `data.status.text`: what is before `text` is neither"
)]
fn panics_when_a_field_is_added_to_text() {
    let _ = EventBuilder::new(EventName::OrderCryptoOnrampCharged).add("data.status.text", 1);
}

#[test]
#[should_panic(expected = "the event has no field `data.idd`; the nearest is `data.id`")]
fn panics_when_there_is_nothing_to_remove() {
    let _ = EventBuilder::new(EventName::OrderCryptoOnrampCharged).remove("data.idd");
}

#[test]
fn says_what_is_wrong_with_a_typed_path() {
    let event = EventBuilder::new(EventName::OrderCryptoOnrampCharged);
    for path in ["data.status.text", "data.fees.7.amount", "data.fees.-1", "data.fees.01", ""] {
        let (set, add) = (event.clone().try_set(path, 1), event.clone().try_add(path, 1));
        assert!(matches!(set.unwrap_err(), PathError::Missing { path: it, .. } if it == path));
        if !path.is_empty() {
            assert!(matches!(add.unwrap_err(), PathError::NoPlace { path: it, .. } if it == path));
        }
    }
    let exists = PathError::Exists { path: "data.fees.0".to_owned() };
    assert_eq!(event.clone().try_add("data.fees.0", 1).unwrap_err(), exists);
    let set = event.clone().try_set("data.origin.amount", "1").unwrap();
    assert_eq!(set, event.clone().set("data.origin.amount", "1"));
    let added = event.clone().try_add("data.brandNew", "1").unwrap();
    assert_eq!(added, event.add("data.brandNew", "1"));
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
    for &lifecycle in Lifecycle::ALL {
        let events = lifecycle.events();
        let path = if lifecycle == Lifecycle::User { "/data/user/id" } else { "/data/id" };
        let subjects: HashSet<_> =
            events.iter().map(|event| event.value().pointer(path).unwrap()).collect();
        assert_eq!(subjects.len(), 1, "{lifecycle:?}");

        let ids: HashSet<_> = events.iter().map(|event| decoded(event).id().to_owned()).collect();
        assert_eq!(ids.len(), events.len(), "{lifecycle:?}");

        let times: Vec<_> =
            events.iter().filter_map(|event| read(event).updated_at()?.to_system_time()).collect();
        assert!(times.len() >= events.len() - 1, "{lifecycle:?}");
        assert!(times.is_sorted_by(|one, next| one < next), "{lifecycle:?}");
    }
}

#[test]
fn ends_each_order_with_a_terminal_event() {
    for lifecycle in Lifecycle::ALL.iter().filter(|&&one| one != Lifecycle::User) {
        assert!(read(lifecycle.events().last().unwrap()).is_terminal(), "{lifecycle:?}");
    }
}
