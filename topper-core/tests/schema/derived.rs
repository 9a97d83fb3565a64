//! What `schemars::JsonSchema` says of the types, for schemas of one's own.

use schemars::JsonSchema;
use serde_json::json;
use topper_core::{Envelope, EventName, event::OnrampOrder};
use topper_testkit::EventBuilder;

use crate::validator;

#[test]
fn derives_a_schema_of_the_envelope_that_decides_alike() {
    let derived = validator(&schemars::schema_for!(Envelope).to_value().to_string());
    for &name in EventName::ALL {
        let event = EventBuilder::new(name);
        assert!(derived.is_valid(event.value()), "{name}");
        let loose = event.clone().set("id", "42").set("bootstrapTokenId", 7);
        assert!(derived.is_valid(loose.value()), "{name}");
        let broken = event.set("data", json!({}));
        assert!(!derived.is_valid(broken.value()), "{name}");
    }
    assert!(derived.is_valid(EventBuilder::unknown("order:swap").value()));
}

#[test]
fn can_be_part_of_a_type_of_ones_own() {
    #[derive(JsonSchema)]
    #[expect(dead_code, reason = "only its schema is wanted")]
    struct Stored {
        order: OnrampOrder,
    }

    let stored = validator(&schemars::schema_for!(Stored).to_value().to_string());
    let event = EventBuilder::new(EventName::OrderCryptoOnrampCharged);
    assert!(stored.is_valid(&json!({"order": event.value()["data"]})));
    assert!(!stored.is_valid(&json!({"order": {}})));
}
