//! The data of each event, written by hand from Topper's webhook documentation.

use serde_json::{Value, json};
use topper_core::EventName;

use super::{fail, id, path};

const CREATED_AT: &str = "2026-03-02T09:15:27.120Z";
const UPDATED_AT: &str = "2026-03-02T09:18:41.903Z";

#[expect(clippy::panic, reason = "an event without a template must fail the test that wants it")]
pub(super) fn data(name: EventName) -> Value {
    match name {
        EventName::OrderCryptoOnrampCommitted => onramp("pending"),
        EventName::OrderCryptoOnrampCharged => onramp("processing"),
        EventName::OrderCryptoOnrampCryptoSent => sent(onramp("processing")),
        EventName::OrderCryptoOnrampCompleted => sent(onramp("completed")),
        EventName::OrderCryptoOnrampExpired => onramp("expired"),
        EventName::OrderCryptoOnrampFailed => {
            with(onramp("failed"), "error", json!({"reason": "fraud"}))
        }
        EventName::OrderCryptoOnrampRefundCompleted => with(
            onramp("refunded"),
            "refund",
            json!({"formattedAmount": "$ 100.00", "asset": "USD", "rate": "1"}),
        ),
        EventName::OrderCryptoOfframpCommitted
        | EventName::OrderCryptoOfframpFundsSent
        | EventName::OrderCryptoOfframpFundsReceived => offramp("processing"),
        EventName::OrderCryptoOfframpCompleted => offramp("completed"),
        EventName::OrderCryptoOfframpExpired => offramp("expired"),
        EventName::OrderCryptoOfframpFailed => {
            with(offramp("failed"), "error", json!({"reason": "fraud"}))
        }
        EventName::OrderCryptoOfframpRefundCompleted => with(
            offramp("failed"),
            "refund",
            json!({
                "amount": "249.118274650381927465",
                "rate": "0.91827364554637281905",
                "asset": "XRP",
                "network": "ripple",
                "address": "rLHzPsX6oXkzU2qL12kHCH8G8cnZv1rBJh",
                "priority": "normal",
                "tag": {"type": "destination-tag", "value": "730164"},
            }),
        ),
        EventName::UserCreated => {
            json!({"user": {"id": id::fresh(), "createdAt": UPDATED_AT}})
        }
        EventName::UserLoggedIn => json!({
            "authenticationMethod": "otp",
            "user": {"id": id::fresh(), "confirmedAt": UPDATED_AT},
        }),
        EventName::UserKycIdentityInitiated => json!({
            "kycSession": {"initiatedAt": UPDATED_AT},
            "user": {"id": id::fresh()},
        }),
        EventName::UserKycIdentitySucceeded | EventName::UserKycIdentityFailed => json!({
            "kycSession": {"updatedAt": UPDATED_AT},
            "user": {"id": id::fresh()},
        }),
        other => panic!("there is no template for `{other}`"),
    }
}

fn onramp(status: &str) -> Value {
    json!({
        "id": id::fresh(),
        "status": status,
        "createdAt": CREATED_AT,
        "updatedAt": UPDATED_AT,
        "origin": {
            "amount": "100.00",
            "asset": "USD",
            "rate": "1",
            "paymentMethod": {"type": "credit-card", "network": "card"},
        },
        "destination": {
            "address": "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
            "amount": "0.05412096834771560284",
            "asset": "ETH",
            "network": "ethereum",
            "priority": "fast",
            "rate": "1770.27534301775263314892",
        },
        "fees": [
            {
                "amount": "1.30827461092837465019",
                "asset": "USD",
                "normalized": "1.30827461092837465019",
                "type": "network",
            },
            {
                "amount": "2.89",
                "asset": "USD",
                "normalized": "2.89",
                "type": "deposit",
            },
        ],
        "user": {"country": "US"},
        "widget": {
            "id": "f3a0f9b2-6d5c-4d0e-9c41-28b7a6e15d83",
            "name": "Checkout",
            "flow": "crypto_onramp",
        },
    })
}

/// On its way on the chain.
fn sent(order: Value) -> Value {
    let txid = "0x9b1fa24c3e07d85b6a41f2c0e97d3856b4ac1d20f6e58937c2b0a1d4e3f56789";
    let url = format!("https://etherscan.io/tx/{txid}");
    with(order, "destination.ledger", json!({"txid": txid, "url": url}))
}

fn offramp(status: &str) -> Value {
    json!({
        "id": id::fresh(),
        "status": status,
        "createdAt": CREATED_AT,
        "updatedAt": UPDATED_AT,
        "origin": {
            "amount": "250.418274650381927465",
            "asset": "XRP",
            "network": "ripple",
            "rate": "1.08901235704628193755",
            "depositAddress": {
                "value": "rLHzPsX6oXkzU2qL12kHCH8G8cnZv1rBJh",
                "remindAt": "2026-03-02T09:45:27.120Z",
                "expiresAt": "2026-03-02T10:15:27.120Z",
                "tag": {"type": "destination-tag", "value": "418027"},
            },
        },
        "destination": {
            "amount": "223.48",
            "asset": "EUR",
            "rate": "0.91827364554637281905",
            "paymentMethod": {"type": "debit-card", "network": "card"},
        },
        "fees": [
            {
                "amount": "0.3",
                "asset": "XRP",
                "normalized": "0.32670370711388458126",
                "type": "network",
            },
            {
                "amount": "2.5",
                "asset": "XRP",
                "normalized": "2.72253089261570484387",
                "type": "partner",
            },
        ],
        "user": {"country": "PT"},
        "widget": {
            "id": "0c6e8f57-2b94-47a1-b3d8-915f0ad6c2e4",
            "name": "Cash out",
            "flow": "crypto_offramp",
        },
    })
}

fn with(mut order: Value, path: &str, value: Value) -> Value {
    *path::make(&mut order, path).unwrap_or_else(|error| fail(&error)) = value;
    order
}
