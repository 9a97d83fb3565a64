//! Tests of names and open enumerations.

use std::collections::HashSet;

use serde_json::json;

use super::fixture::{encoded_again, event, typed};
use crate::event::{
    AuthenticationMethod, EventName, EventNameError, FailureReason, FeeType, Flow, OrderStatus,
    PaymentMethodType, Priority, TagType,
};

#[test]
fn parses_and_prints_every_event_name() {
    let mut names = HashSet::new();
    for &name in EventName::ALL {
        assert_eq!(name.as_str().parse(), Ok(name));
        assert_eq!(name.to_string(), name.as_str());
        assert!(names.insert(name));
    }
    for unknown in ["", "user", "user:created ", "User:Created", "order:crypto-onramp"] {
        assert_eq!(unknown.parse::<EventName>(), Err(EventNameError), "{unknown}");
    }
}

#[test]
fn ends_orders_only() {
    let ends: Vec<_> = EventName::ALL
        .iter()
        .filter(|name| name.is_terminal())
        .map(|name| name.as_str().rsplit_once("ramp:").unwrap().1)
        .collect();
    assert_eq!(ends, ["completed", "expired", "failed", "refund:completed"].repeat(2));
}

#[test]
fn keeps_an_unknown_status_text() {
    let mut event = event(EventName::OrderCryptoOnrampCharged);
    event["data"]["status"] = json!("on hold");
    let decoded = typed(&event);
    let status = &decoded.onramp_order().unwrap().status;
    assert_eq!(*status, OrderStatus::Unknown("on hold".to_owned()));
    assert_eq!(status.as_str(), "on hold");
    assert_eq!(encoded_again(&event), event);
}

#[test]
fn keeps_an_unknown_value_of_every_enumeration() {
    for (name, path) in [
        (EventName::OrderCryptoOnrampFailed, "/data/status"),
        (EventName::OrderCryptoOnrampFailed, "/data/origin/paymentMethod/type"),
        (EventName::OrderCryptoOnrampFailed, "/data/destination/priority"),
        (EventName::OrderCryptoOnrampFailed, "/data/destination/tag/type"),
        (EventName::OrderCryptoOnrampFailed, "/data/fees/0/type"),
        (EventName::OrderCryptoOnrampFailed, "/data/error/reason"),
        (EventName::OrderCryptoOnrampFailed, "/data/widget/flow"),
        (EventName::OrderCryptoOfframpFailed, "/data/origin/depositAddress/tag/type"),
        (EventName::OrderCryptoOfframpFailed, "/data/refund/priority"),
        (EventName::UserLoggedIn, "/data/authenticationMethod"),
    ] {
        for text in ["brand \"new\"", "", "PENDING"] {
            let mut event = event(name);
            *event.pointer_mut(path).unwrap() = json!(text);
            typed(&event);
            assert_eq!(encoded_again(&event), event, "{path}");
        }
    }
}

#[test]
fn knows_the_documented_values() {
    macro_rules! assert_known {
        ($($open:ident: $($text:literal)+;)+) => {$($(
            let value = $open::from($text);
            assert!(!matches!(value, $open::Unknown(_)), $text);
            assert_eq!(value.as_str(), $text);
            assert_eq!(serde_json::to_value(&value).unwrap(), json!($text));
            assert_eq!(serde_json::from_value::<$open>(json!($text)).unwrap(), value);
        )+)+};
    }
    assert_known! {
        OrderStatus: "pending" "processing" "completed" "expired" "failed" "refunded";
        PaymentMethodType: "credit-card" "debit-card";
        FeeType: "network" "deposit" "partner";
        Flow: "crypto_onramp" "crypto_offramp";
        Priority: "normal" "fast";
        AuthenticationMethod: "otp" "sso";
        FailureReason: "fraud";
        TagType: "memo" "destination-tag";
    }
}

#[test]
fn shows_a_known_value_but_no_unknown_text() {
    assert_eq!(format!("{:?}", OrderStatus::Pending), "Pending");
    assert_eq!(format!("{:?}", OrderStatus::from("canary")), "Unknown(..)");
}
