//! Odd bodies, each with what becomes of it: a table that anyone can read.
//!
//! A body is an event with every field that there is, in which one field is something else.

#![expect(clippy::unwrap_used, reason = "tests stop at what should not happen")]

mod absent;
mod number;
mod required;
mod shape;
mod surrogate;
mod time;

use serde_json::{Value, json};
use topper_core::{Error, EventName, Verifier, Webhook};
use topper_testkit::{Delivery, EventBuilder, TestKey};

/// Which event, the field that is odd, its JSON (nothing: the field is removed), and what becomes of
/// the event: it is read (nothing), or [`NO_EVENT`], or what is wrong with which field.
type Row = (Family, &'static str, &'static str, &'static str);

/// The body is not an event's envelope: Topper tries again.
const NO_EVENT: &str = "500";

#[derive(Clone, Copy, Debug)]
enum Family {
    Onramp,
    Offramp,
    User,
    Kyc,
}

use Family::{Kyc, Offramp, Onramp, User};

impl Family {
    fn whole(self) -> EventBuilder {
        let tag = json!({"type": "memo", "value": "1"});
        let (name, more) = match self {
            Onramp => (
                EventName::OrderCryptoOnrampCompleted,
                vec![
                    ("data.destination.tag", tag),
                    ("data.destination.blockchainUrl", json!("https://chain.example/1")),
                    ("data.refund", json!({"formattedAmount": "$ 1", "asset": "USD", "rate": "1"})),
                    ("data.error", json!({"reason": "fraud"})),
                    ("data.brandNew", json!({"deep": [1, {"er": null}]})),
                ],
            ),
            Offramp => (
                EventName::OrderCryptoOfframpCompleted,
                vec![
                    (
                        "data.refund",
                        json!({"amount": "1", "rate": "1", "asset": "XRP", "network": "ripple",
                            "address": "r", "priority": "fast", "tag": tag}),
                    ),
                    ("data.error", json!({"reason": "fraud"})),
                ],
            ),
            User => (EventName::UserLoggedIn, vec![]),
            Kyc => (EventName::UserKycIdentitySucceeded, vec![]),
        };
        let event = EventBuilder::new(name);
        more.into_iter().fold(event, |event, (path, value)| event.add(path, value))
    }

    fn odd(self, path: &str, json: &str) -> String {
        const HERE: &str = "what is odd";

        let whole = self.whole();
        if json.is_empty() {
            return whole.remove(path).value().to_string();
        }
        let event = whole.clone().try_set(path, HERE).unwrap_or_else(|_| whole.add(path, HERE));
        event.value().to_string().replace(&Value::from(HERE).to_string(), json)
    }
}

/// Reads them as a receiver does, from a signed delivery.
fn check(rows: &[Row]) {
    let key = TestKey::generate();
    let verifier = Verifier::new(&key.public_jwk()).unwrap();
    let mut wrong = Vec::new();
    for &(family, path, json, expected) in rows {
        let body = family.odd(path, json);
        let webhook = Delivery::signed(&key, body.clone()).verify(&verifier);
        let outcome = outcome(&webhook);
        if outcome != expected {
            let json: String = json.chars().take(40).collect();
            wrong.push(format!("{family:?} {path}: {json}: `{outcome}`, not `{expected}`"));
        }
        if let Ok(webhook) = webhook {
            assert_eq!(webhook.body(), body.as_bytes(), "the bytes stay");
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

fn outcome(webhook: &Result<Webhook, Error>) -> String {
    match webhook {
        Ok(webhook) => match webhook.event() {
            Ok(_) => String::new(),
            Err(error) => {
                let message = error.to_string();
                assert!(message.starts_with(error.field()) && message.starts_with("data"));
                message
            }
        },
        Err(error) => {
            assert!(matches!(error, Error::EventUnreadable(_)), "{error}");
            error.reply().status().to_string()
        }
    }
}

#[test]
fn there_are_over_150_odd_bodies() {
    let tables =
        [absent::ROWS, number::ROWS, shape::ROWS, surrogate::ROWS, time::ROWS].map(<[Row]>::len);
    assert!(tables.iter().sum::<usize>() >= 150, "{tables:?}");
}
