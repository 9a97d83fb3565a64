//! Which fields an event must have to be read.

use serde_json::{Value, json};
use topper_core::{Envelope, EventName, PayloadError};
use topper_testkit::EventBuilder;

const ORDER: [&str; 7] = [
    "data.status",
    "data.createdAt",
    "data.updatedAt",
    "data.origin.amount",
    "data.origin.asset",
    "data.origin.rate",
    "data.destination.amount",
];

const ONRAMP: [&str; 4] = [
    "data.destination.asset",
    "data.destination.rate",
    "data.destination.address",
    "data.destination.network",
];

const OFFRAMP: [&str; 3] =
    ["data.destination.asset", "data.destination.rate", "data.origin.network"];

const WIDGET: [&str; 2] = ["data.widget.id", "data.widget.flow"];

fn required(name: EventName) -> Vec<&'static str> {
    match name {
        EventName::UserCreated => vec!["data.user.id", "data.user.createdAt"],
        EventName::UserLoggedIn => {
            vec!["data.authenticationMethod", "data.user.id", "data.user.confirmedAt"]
        }
        EventName::UserKycIdentityInitiated => vec!["data.kycSession.initiatedAt", "data.user.id"],
        EventName::UserKycIdentitySucceeded | EventName::UserKycIdentityFailed => {
            vec!["data.kycSession.updatedAt", "data.user.id"]
        }
        order if order.as_str().contains("onramp") => [&ORDER[..], &ONRAMP, &WIDGET].concat(),
        _ => [&ORDER[..], &OFFRAMP, &WIDGET].concat(),
    }
}

fn error(data: &Value, name: EventName) -> Option<PayloadError> {
    let body = json!({"id": "1", "name": name.as_str(), "data": data}).to_string();
    Envelope::from_json(body.as_bytes()).unwrap().into_event().err()
}

/// Puts in what is missing until the event can be read.
#[test]
fn each_event_is_read_with_its_required_fields_and_with_none_less() {
    for &name in EventName::ALL {
        let whole = EventBuilder::new(name).value().clone();
        let mut data = json!({});
        let mut missing = Vec::new();
        while let Some(error) = error(&data, name) {
            assert_eq!(error.to_string(), format!("{} is missing", error.field()));
            let pointer = format!("/{}", error.field().replace('.', "/"));
            let value = match whole.pointer(&pointer).unwrap() {
                Value::Object(_) => json!({}),
                other => {
                    missing.push(error.field().to_owned());
                    other.clone()
                }
            };
            let (parent, field) = pointer.trim_start_matches("/data").rsplit_once('/').unwrap();
            data.pointer_mut(parent).unwrap()[field] = value;
        }
        missing.sort();
        let mut expected = required(name);
        expected.sort_unstable();
        assert_eq!(missing, expected, "{name}");
    }
}
