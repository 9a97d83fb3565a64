//! Every documented member of every event, written by hand.

use serde_json::{Value, json};

use crate::event::{Envelope, Event, EventName};

/// The event as JSON, with every member that the documentation has for it.
pub(super) fn event(name: EventName) -> Value {
    json!({
        "name": name.as_str(),
        "id": "6a0ab0d2-2f68-4cc7-8c0b-9a7d5f4c1e21",
        "bootstrapTokenId": "session 17",
        "data": data(name),
    })
}

/// The event, decoded.
pub(super) fn decoded(event: &Value) -> Envelope {
    Envelope::from_json(event.to_string().as_bytes()).unwrap()
}

/// The same, and it must have a type.
pub(super) fn typed(event: &Value) -> Event {
    let event = decoded(event).into_event().unwrap();
    assert!(event.known_name().is_some(), "{event:?}");
    event
}

/// The event, decoded and encoded again.
pub(super) fn encoded_again(event: &Value) -> Value {
    serde_json::to_value(decoded(event)).unwrap()
}

fn data(name: EventName) -> Value {
    match name {
        EventName::UserCreated => {
            json!({"user": {"id": "u-1", "createdAt": "2026-02-03T04:05:06.007Z"}})
        }
        EventName::UserLoggedIn => json!({
            "authenticationMethod": "sso",
            "user": {"id": "u-1", "confirmedAt": "2026-02-03T04:05:06.007Z"},
        }),
        EventName::UserKycIdentityInitiated => json!({
            "kycSession": {"initiatedAt": "2026-02-03T04:05:06.007Z"},
            "user": {"id": "u-1"},
        }),
        EventName::UserKycIdentitySucceeded | EventName::UserKycIdentityFailed => json!({
            "kycSession": {"updatedAt": "2026-02-03T04:05:06.007Z"},
            "user": {"id": "u-1"},
        }),
        order if order.as_str().starts_with("order:crypto-onramp:") => onramp(),
        _ => offramp(),
    }
}

fn onramp() -> Value {
    json!({
        "id": "o-1",
        "status": "completed",
        "createdAt": "2026-02-03T04:00:00.000Z",
        "updatedAt": "2026-02-03T04:05:06.007Z",
        "origin": {
            "amount": "100.00",
            "asset": "EUR",
            "rate": "1",
            "paymentMethod": {"type": "debit-card", "network": "card"},
        },
        "destination": {
            "address": "GDW6 not a wallet",
            "amount": "0.00012345678901234567890123",
            "asset": "XLM",
            "network": "stellar",
            "rate": "1770.27534301775263314892",
            "priority": "normal",
            "tag": {"type": "memo", "value": "0042"},
            "ledger": {"txid": "0xfeed", "url": "https://chain.example/0xfeed"},
            "blockchainUrl": "https://chain.example/0xfeed",
        },
        "fees": [
            {"amount": "1.10", "asset": "EUR", "normalized": "1.19", "type": "network"},
            {"amount": "0.50", "asset": "EUR", "normalized": "0.54", "type": "partner"},
            {"amount": "0.50", "asset": "EUR", "normalized": "0.54", "type": "partner"},
        ],
        "refund": {"formattedAmount": "€ 100.00", "asset": "EUR", "rate": "1.0"},
        "error": {"reason": "fraud"},
        "user": {"country": "PT"},
        "widget": {"id": "w-1", "name": "Shop", "flow": "crypto_onramp"},
    })
}

fn offramp() -> Value {
    json!({
        "id": "o-2",
        "status": "processing",
        "createdAt": "2026-02-03T04:00:00.000Z",
        "updatedAt": "2026-02-03T04:05:06.007Z",
        "origin": {
            "amount": "250.418274650381927465",
            "asset": "XRP",
            "network": "ripple",
            "rate": "1.08901235704628193755",
            "depositAddress": {
                "value": "not a wallet either",
                "remindAt": "2026-02-03T04:30:00.000Z",
                "expiresAt": "2026-02-03T05:00:00.000Z",
                "tag": {"type": "destination-tag", "value": "17"},
            },
        },
        "destination": {
            "amount": "223.48",
            "asset": "EUR",
            "rate": "0.91827364554637281905",
            "paymentMethod": {"type": "debit-card", "network": "card"},
        },
        "fees": [{"amount": "2.5", "asset": "XRP", "normalized": "2.72", "type": "deposit"}],
        "refund": {
            "amount": "249.1",
            "rate": "0.9",
            "asset": "XRP",
            "network": "ripple",
            "address": "nor this one",
            "priority": "fast",
            "tag": {"type": "destination-tag", "value": "18"},
        },
        "error": {"reason": "fraud"},
        "user": {"country": "PT"},
        "widget": {"id": "w-2", "name": "Cash out", "flow": "crypto_offramp"},
    })
}
