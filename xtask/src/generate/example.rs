//! Example events: the testkit's, with ids that stay the same.

use std::error::Error;

use serde_json::Value;
use topper_core::{Envelope, EventName};
use topper_testkit::EventBuilder;

/// Examples of the event: the first as it usually is, the others with members that are rarer.
pub(super) fn of(name: EventName) -> Result<Vec<Value>, Box<dyn Error>> {
    let mut examples = vec![usual(name)];
    match name {
        EventName::OrderCryptoOnrampCompleted => {
            examples.push(
                usual(name)
                    .set("data.destination.address", "rLHzPsX6oXkzU2qL12kHCH8G8cnZv1rBJh")
                    .set("data.destination.asset", "XRP")
                    .set("data.destination.network", "ripple")
                    .add("data.destination.tag.type", "destination-tag")
                    .add("data.destination.tag.value", "730164")
                    .add("data.destination.blockchainUrl", "https://xrpscan.com/tx/5D1F")
                    .set("data.destination.ledger.txid", "5D1F")
                    .set("data.destination.ledger.url", "https://xrpscan.com/tx/5D1F"),
            );
            examples.push(
                usual(name)
                    .remove("bootstrapTokenId")
                    .remove("data.id")
                    .remove("data.origin.paymentMethod")
                    .remove("data.destination.ledger")
                    .remove("data.destination.priority")
                    .remove("data.fees.0.normalized")
                    .remove("data.fees.1.normalized")
                    .remove("data.user"),
            );
        }
        EventName::OrderCryptoOfframpCommitted => examples.push(
            usual(name)
                .remove("data.origin.depositAddress.expiresAt")
                .add("data.origin.depositAddress.expiredAt", "2026-03-02T10:15:27.120Z"),
        ),
        _ => {}
    }
    for example in &examples {
        let envelope = Envelope::from_json(&example.to_json())?;
        if envelope.event()?.known_name() != Some(name) {
            return Err(format!("the example of {name} does not decode").into());
        }
    }
    Ok(examples.iter().map(|example| example.value().clone()).collect())
}

/// An unknown event.
pub(super) fn unknown() -> Value {
    EventBuilder::unknown("order:crypto-swap:committed")
        .id("3d0f5b1c-8a46-4f0e-b7d2-9c64e1a87fff")
        .bootstrap_token_id("checkout-2026-000417")
        .set("data.subject.id", "b6a9d5f0-2c1e-4e57-9f83-61d7c0a4eb12")
        .value()
        .clone()
}

fn usual(name: EventName) -> EventBuilder {
    let subject = if name.flow().is_some() { "data.id" } else { "data.user.id" };
    let place = EventName::ALL.iter().position(|&other| other == name).unwrap_or_default();
    EventBuilder::new(name)
        .id(&format!("3d0f5b1c-8a46-4f0e-b7d2-9c64e1a870{place:02x}"))
        .bootstrap_token_id("checkout-2026-000417")
        .set(subject, "b6a9d5f0-2c1e-4e57-9f83-61d7c0a4eb12")
}
