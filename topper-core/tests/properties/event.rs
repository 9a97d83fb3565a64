//! Decoding and encoding give back what came.

use proptest::prelude::*;
use serde_json::Value;
use topper_core::{Envelope, EventName, event::ExactDecimal};
use topper_testkit::EventBuilder;

use crate::config;

/// The paths of all members and places under `data`.
fn paths(value: &Value, path: &str, into: &mut Vec<String>) {
    let mut next = |name: &str, value: &Value| {
        let path = format!("{path}.{name}");
        into.push(path.clone());
        paths(value, &path, into);
    };
    match value {
        Value::Object(members) => members.iter().for_each(|(name, value)| next(name, value)),
        Value::Array(values) => {
            values.iter().enumerate().for_each(|(index, value)| next(&index.to_string(), value));
        }
        _ => {}
    }
}

fn has(value: &Value, path: &str) -> bool {
    value.pointer(&format!("/{}", path.replace('.', "/"))).is_some()
}

fn decimal() -> impl Strategy<Value = String> {
    "-?(0|[1-9][0-9]{0,20})(\\.[0-9]{1,40})?"
}

proptest! {
    #![proptest_config(config())]

    /// Whatever is missing, and whatever its texts say.
    #[test]
    fn encoding_gives_back_what_was_decoded(
        name in proptest::sample::select(EventName::ALL),
        removed in proptest::collection::vec(any::<prop::sample::Index>(), 0..4),
        replaced in proptest::collection::vec((any::<prop::sample::Index>(), prop_oneof![".{0,24}", decimal()]), 0..3),
    ) {
        let mut builder = EventBuilder::new(name);
        let mut all = Vec::new();
        paths(builder.value().get("data").unwrap(), "data", &mut all);
        for (place, text) in replaced {
            let path = place.get(&all);
            let pointer = format!("/{}", path.replace('.', "/"));
            if builder.value().pointer(&pointer).is_some_and(Value::is_string) {
                builder = builder.set(path, text);
            }
        }
        for place in removed {
            let path = place.get(&all);
            if has(builder.value(), path) {
                builder = builder.remove(path);
            }
        }
        let envelope = Envelope::from_json(&builder.to_json()).unwrap();
        prop_assert_eq!(&serde_json::to_value(&envelope).unwrap(), builder.value());
        // And what was encoded decodes to the same.
        let again = Envelope::from_json(&serde_json::to_vec(&envelope).unwrap()).unwrap();
        prop_assert_eq!(
            again.event().map(|event| event.known_name()),
            envelope.event().map(|event| event.known_name()),
        );
        prop_assert_eq!(serde_json::to_value(&again).unwrap(), serde_json::to_value(&envelope).unwrap());
    }

    #[test]
    fn amounts_keep_their_text(amount in decimal(), rate in decimal()) {
        let body = EventBuilder::new(EventName::OrderCryptoOnrampCompleted)
            .set("data.origin.amount", amount.as_str())
            .set("data.destination.rate", rate.as_str())
            .to_json();
        let envelope = Envelope::from_json(&body).unwrap();
        let order = envelope.event().unwrap().onramp_order().unwrap();
        prop_assert_eq!(order.origin.amount.as_str(), &amount);
        prop_assert_eq!(order.destination.rate.as_str(), &rate);
        let encoded = serde_json::to_string(&envelope).unwrap();
        let stands = |text: &str| encoded.contains(&format!("\"{text}\""));
        prop_assert!(stands(&amount) && stands(&rate));
    }

    /// Text is an amount or it is none; there is no third way, and none changes it.
    #[test]
    fn text_is_an_amount_as_it_stands_or_not_at_all(text in prop_oneof![".{0,20}", "[-+.0-9eE ]{0,12}", decimal()]) {
        let parsed = text.parse::<ExactDecimal>().ok();
        let json = serde_json::to_string(&text).unwrap();
        prop_assert_eq!(&serde_json::from_str::<ExactDecimal>(&json).ok(), &parsed);
        if let Some(amount) = parsed {
            prop_assert_eq!(amount.as_str(), &text);
            prop_assert_eq!(serde_json::to_string(&amount).unwrap(), json);
            prop_assert!(text.bytes().any(|byte| byte.is_ascii_digit()));
        }
    }
}
