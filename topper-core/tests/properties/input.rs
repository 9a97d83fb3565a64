//! No bytes make anything panic, and nothing authentic is lost.

use std::sync::LazyLock;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use proptest::prelude::*;
use serde_json::json;
use topper_core::{Envelope, EventName, KeySet, Verifier, VerifierBuilder};
use topper_testkit::{EventBuilder, TestKey};

use crate::{config, json};

const VARIABLES: [&str; 7] = [
    "TOPPER_WEBHOOK_PUBLIC_KEY",
    "TOPPER_WEBHOOK_PUBLIC_KEY_FILE",
    "TOPPER_WEBHOOK_SOURCES",
    "TOPPER_WEBHOOK_ALLOWED_IPS",
    "TOPPER_WEBHOOK_TRUSTED_PROXIES",
    "TOPPER_WEBHOOK_BODY_LIMIT",
    "TOPPER_WEBHOOK_LABEL",
];

/// A value that is something like what one of the variables wants.
fn variable() -> impl Strategy<Value = Option<String>> {
    proptest::option::of(prop_oneof![
        ".{0,40}",
        "[0-9]{0,22}",
        "(off|observe|enforce|OFF| off )",
        "([0-9]{1,3}(\\.[0-9]{1,3}){3}(/[0-9]{1,3})?,?){0,4}",
        "([A-Za-z-]{0,12}=)?([0-9a-f:]{0,20}(/[0-9]{1,3})?,?){0,4}",
        json::value().prop_map(|value| value.to_string()),
    ])
}

const BODY: &[u8] = b"{}";
static KEYS: LazyLock<KeySet> = LazyLock::new(|| KeySet::parse(PUBLISHED).unwrap());

proptest! {
    #![proptest_config(config())]

    #[test]
    fn no_token_panics_the_parser(token in json::bytes(), header in json::bytes(), signature in json::bytes()) {
        prop_assert!(KEYS.verify(&token, BODY).is_err());
        let (header, signature) = (URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(signature));
        let token = format!("{header}..{signature}");
        prop_assert!(KEYS.verify(token.as_bytes(), BODY).is_err());
    }

    #[test]
    fn no_header_in_json_panics_the_parser(header in json::value(), signature in proptest::collection::vec(any::<u8>(), 64)) {
        let token = format!(
            "{}..{}",
            URL_SAFE_NO_PAD.encode(header.to_string()),
            URL_SAFE_NO_PAD.encode(signature),
        );
        prop_assert!(KEYS.verify(token.as_bytes(), BODY).is_err());
    }

    #[test]
    fn no_bytes_panic_the_envelope(bytes in json::bytes()) {
        if let Ok(envelope) = Envelope::from_json(&bytes) {
            prop_assert!(!envelope.id().is_empty());
        }
    }

    #[test]
    fn no_data_is_lost_under_any_name(name in proptest::sample::select(EventName::ALL), data in json::value()) {
        let body = json!({"id": "1", "name": name.as_str(), "data": data}).to_string();
        let envelope = Envelope::from_json(body.as_bytes()).unwrap();
        prop_assert_eq!(envelope.name(), name.as_str());
        if let Ok(event) = envelope.event() {
            let _ = (event.order_id(), event.flow(), event.updated_at(), format!("{event:?}"));
        }
        let shown = format!("{envelope:?}");
        prop_assert!(shown.contains(name.as_str()));
        let again = serde_json::to_value(&envelope).unwrap();
        prop_assert!(envelope.event().is_ok() || again.get("data") == Some(&data));
    }

    #[test]
    fn no_changed_event_panics(
        name in proptest::sample::select(EventName::ALL),
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
    ) {
        let body = json::changed(EventBuilder::new(name).to_json(), &changes);
        if let Ok(envelope) = Envelope::from_json(&body) {
            prop_assert!(std::str::from_utf8(&body).is_ok());
            prop_assert!(!envelope.name().is_empty());
        }
    }

    #[test]
    fn no_jwk_panics(bytes in json::bytes(), value in json::value(), changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4)) {
        let _ = KeySet::parse(&String::from_utf8_lossy(&bytes));
        prop_assert!(KeySet::parse(&value.to_string()).is_err());
        let set = json!({"keys": [value]}).to_string();
        prop_assert!(KeySet::parse(&set).is_err());
        let near = json::changed(PUBLISHED.as_bytes().to_vec(), &changes);
        if let Ok(keys) = KeySet::parse(&String::from_utf8_lossy(&near)) {
            prop_assert_eq!(keys.iter().len(), 1);
        }
    }

    #[test]
    fn no_environment_panics(values in proptest::collection::vec(variable(), VARIABLES.len()), with_key in any::<bool>()) {
        let lookup = |name: &str| {
            let place = VARIABLES.iter().position(|variable| *variable == name).unwrap();
            match place {
                0 if with_key => Some(PUBLISHED.into()),
                // Both is an error, whatever the others are.
                1 if with_key => None,
                _ => values.get(place).cloned().flatten().map(Into::into),
            }
        };
        match VerifierBuilder::from_vars(lookup).and_then(VerifierBuilder::build) {
            Ok(verifier) => prop_assert!(verifier.keys().iter().len() > 0),
            // An error names the variable.
            Err(error) => prop_assert!(VARIABLES.iter().any(|name| error.to_string().contains(name))),
        }
    }
}

/// The key of Topper's published example.
const PUBLISHED: &str = r#"{"x":"7-INQ150R-MCWlj5X_wyGLRIRYAA-o8NakJiUq7gOGg","y":"dM-GsyJvdDOuALE3l-U9lPL8V3gY_5BPjLH539yTdKU","alg":"ES256","crv":"P-256","kty":"EC"}"#;

#[test]
fn the_published_key_is_one() {
    Verifier::new(PUBLISHED).unwrap();
    Verifier::new(&TestKey::generate().public_jwk()).unwrap();
}
