//! Tests of the payloads' shapes.

use std::time::{Duration, UNIX_EPOCH};

use serde_json::{Value, json};

use super::fixture::{decoded, encoded_again, event, typed};
use crate::event::{Envelope, Event, EventName, ExactDecimal, Flow, OrderStatus, Timestamp};

const ONRAMP: EventName = EventName::OrderCryptoOnrampCompleted;
const OFFRAMP: EventName = EventName::OrderCryptoOfframpCommitted;

#[test]
fn decodes_and_encodes_every_event_to_equal_json() {
    for &name in EventName::ALL {
        let event = event(name);
        assert_eq!(typed(&event).known_name(), Some(name));
        assert_eq!(typed(&event).name(), name.as_str());
        assert_eq!(encoded_again(&event), event, "{name}");
    }
}

#[test]
fn decodes_its_own_encoding_to_an_equal_event() {
    for &name in EventName::ALL {
        let event = event(name);
        assert_eq!(decoded(&encoded_again(&event)), decoded(&event), "{name}");
    }
}

#[test]
fn reads_every_event_alike_the_second_time() {
    for &name in EventName::ALL {
        let event = event(name);
        // The fast reading refuses such a name.
        let json = event.to_string().replacen(r#""data":{"#, r#""data":{"\ud83d":1,"#, 1);
        let envelope = Envelope::from_json(json.as_bytes()).unwrap();
        assert_eq!(envelope.into_event(), Ok(typed(&event)), "{name}");
    }
}

#[test]
fn decodes_the_oldest_shapes() {
    for name in [ONRAMP, OFFRAMP] {
        let mut event = event(name);
        let data = event["data"].as_object_mut().unwrap();
        for newer in ["id", "refund", "error", "user"] {
            data.remove(newer);
        }
        for fee in data["fees"].as_array_mut().unwrap() {
            fee.as_object_mut().unwrap().remove("normalized");
        }
        for side in ["origin", "destination"] {
            let side = data[side].as_object_mut().unwrap();
            let newer =
                ["paymentMethod", "tag", "priority", "ledger", "blockchainUrl", "depositAddress"];
            for newer in newer {
                side.remove(newer);
            }
        }
        assert_eq!(typed(&event).order_id(), None);
        assert_eq!(encoded_again(&event), event);
    }
}

#[test]
fn decodes_orders_without_inner_options() {
    for (name, path, member) in [
        (ONRAMP, "/data/origin/paymentMethod", "network"),
        (ONRAMP, "/data/destination/ledger", "url"),
        (OFFRAMP, "/data/origin/depositAddress", "tag"),
        (OFFRAMP, "/data/origin/depositAddress", "remindAt"),
        (OFFRAMP, "/data/origin/depositAddress", "expiresAt"),
        (OFFRAMP, "/data/refund", "tag"),
        (OFFRAMP, "/data/refund", "priority"),
    ] {
        let mut event = event(name);
        event.pointer_mut(path).unwrap().as_object_mut().unwrap().remove(member);
        typed(&event);
        assert_eq!(encoded_again(&event), event, "{path}/{member}");
    }
}

#[test]
fn keeps_absent_fees_apart_from_empty_ones() {
    for name in [ONRAMP, OFFRAMP] {
        let mut event = event(name);
        let sent = event["data"]["fees"].as_array().unwrap().len();
        assert!(sent > 0 && fees(&typed(&event)) == Some(sent));
        event["data"]["fees"] = json!([]);
        assert_eq!(encoded_again(&event), event);

        event["data"].as_object_mut().unwrap().remove("fees");
        assert_eq!(encoded_again(&event), event);
        assert_eq!(fees(&typed(&event)), Some(0));
    }
}

/// How many fees the order of an event has.
fn fees(event: &Event) -> Option<usize> {
    let onramp = event.onramp_order().map(|order| order.fees());
    onramp.or_else(|| event.offramp_order().map(|order| order.fees())).map(<[_]>::len)
}

#[test]
fn takes_null_for_absent() {
    let mut event = event(ONRAMP);
    for absent in ["id", "fees", "refund", "error", "user"] {
        event["data"][absent] = Value::Null;
    }
    event["data"]["origin"]["paymentMethod"] = Value::Null;
    event["data"]["destination"]["priority"] = Value::Null;
    typed(&event);
    assert!(encoded_again(&event)["data"].get("user").is_none());
}

#[test]
fn reads_both_spellings_of_the_expiry_and_writes_the_one_that_came() {
    let later = Timestamp::from("2026-02-03T05:00:00.000Z");
    let mut event = event(OFFRAMP);
    let address = |event: &Value| {
        let event = typed(event);
        event.offramp_order().unwrap().origin.deposit_address.clone().unwrap()
    };
    assert_eq!(address(&event).expires_at, Some(later.clone()));

    let members = event["data"]["origin"]["depositAddress"].as_object_mut().unwrap();
    let expiry = members.remove("expiresAt").unwrap();
    members.insert("expiredAt".to_owned(), expiry);
    assert_eq!(address(&event).expires_at, Some(later.clone()));
    assert_eq!(encoded_again(&event), event);

    event["data"]["origin"]["depositAddress"]["expiresAt"] = json!("2027-01-01T00:00:00.000Z");
    assert_eq!(address(&event).expires_at, Some(Timestamp::from("2027-01-01T00:00:00.000Z")));
    assert_eq!(encoded_again(&event), event);
}

#[test]
fn keeps_amounts_to_the_byte() {
    let text = event(ONRAMP).to_string();
    let order = typed(&event(ONRAMP));
    let order = order.onramp_order().unwrap();
    assert_eq!(order.destination.rate.as_str(), "1770.27534301775263314892");
    assert_eq!(order.destination.amount.as_str(), "0.00012345678901234567890123");
    assert_eq!(order.origin.amount.as_str(), "100.00");
    assert!(text.contains(order.destination.rate.as_str()));
}

#[test]
fn ignores_unknown_fields_everywhere() {
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
        let event = event(name);
        let mut more = event.clone();
        add_members(&mut more);
        typed(&more);
        assert_eq!(encoded_again(&more), event, "{name}");
    }
}

#[test]
fn refuses_arrays_in_place_of_nested_objects() {
    for (name, path, array) in [
        (ONRAMP, "/data/widget", json!(["w-1", "Shop", "crypto_onramp"])),
        (ONRAMP, "/data/user", json!(["PT"])),
        (ONRAMP, "/data/error", json!(["fraud"])),
        (ONRAMP, "/data/fees/0", json!(["1", "EUR", "1", "network"])),
        (ONRAMP, "/data/origin/paymentMethod", json!(["debit-card", "card"])),
        (ONRAMP, "/data/destination/ledger", json!(["0xfeed", "https://chain.example"])),
        (OFFRAMP, "/data/origin/depositAddress/tag", json!(["memo", "17"])),
        (OFFRAMP, "/data/origin/depositAddress", json!(["a", null, null, null, null])),
        (EventName::UserCreated, "/data/user", json!(["u-1", "2026-02-03T04:05:06.007Z"])),
    ] {
        let mut event = event(name);
        *event.pointer_mut(path).unwrap() = array;
        assert!(decoded(&event).event().is_err(), "{path}");
        assert_eq!(encoded_again(&event), event);
    }
}

#[test]
fn tells_order_id_flow_end_and_time() {
    let onramp = typed(&event(ONRAMP));
    assert_eq!(onramp.order_id(), Some("o-1"));
    assert_eq!(onramp.flow(), Some(Flow::CryptoOnramp));
    assert!(onramp.is_terminal());
    assert_eq!(onramp.onramp_order().unwrap().status, OrderStatus::Completed);

    let offramp = typed(&event(OFFRAMP));
    assert_eq!(offramp.order_id(), Some("o-2"));
    assert_eq!(offramp.flow(), Some(Flow::CryptoOfframp));
    assert!(!offramp.is_terminal());

    let user = typed(&event(EventName::UserKycIdentitySucceeded));
    assert_eq!((user.order_id(), user.flow(), user.is_terminal()), (None, None, false));

    for &name in EventName::ALL {
        let event = typed(&event(name));
        let expected = (name != EventName::UserLoggedIn).then_some("2026-02-03T04:05:06.007Z");
        assert_eq!(event.updated_at().map(Timestamp::as_str), expected, "{name}");
    }
}

#[test]
fn converts_times_and_keeps_any_other_text() {
    let instant = UNIX_EPOCH + Duration::from_millis(1_770_091_506_007);
    let time = |text: &str| Timestamp::from(text).to_system_time();
    assert_eq!(time("2026-02-03T04:05:06.007Z"), Some(instant));
    assert_eq!(time("2026-02-03T04:05:06.007+00:00"), Some(instant));
    assert_eq!(time("2026-02-03T05:05:06.007+01:00"), Some(instant));
    for text in ["", "soon", "2026-02-03", "2026-02-03T04:05:06", "2026-02-30T25:61:00Z"] {
        assert_eq!(time(text), None, "{text}");
    }

    let mut event = event(ONRAMP);
    event["data"]["updatedAt"] = json!("soon, ünïcode");
    typed(&event);
    assert_eq!(encoded_again(&event), event);
}

#[test]
fn texts_are_as_received() {
    let time = Timestamp::from("2026-03-02T10:18:41+01:00");
    assert_eq!((time.to_string().as_str(), time.as_ref()), (time.as_str(), time.as_str()));
    assert_eq!(time.as_str(), "2026-03-02T10:18:41+01:00");
    let amount: ExactDecimal = "1.50".parse().unwrap();
    assert_eq!(amount.as_ref(), "1.50");
    let shown = EventName::UserCreated.to_string();
    assert_eq!((shown.as_str(), EventName::UserCreated.as_ref()), ("user:created", "user:created"));
}
