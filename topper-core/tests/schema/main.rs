//! The schemas decide as the types do, says a validator that knows nothing of the types.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "tests stop at what should not happen"
)]

mod agreement;
mod broken;
#[cfg(feature = "schemars")]
mod derived;
mod open;

use std::{collections::HashMap, sync::LazyLock};

use jsonschema::Validator;
use serde_json::Value;
use topper_core::{Envelope, Event, EventName, schema};

static OF: LazyLock<HashMap<EventName, Validator>> =
    LazyLock::new(|| EventName::ALL.map(|name| (name, validator(schema::of(name)))).into());
static EVENT: LazyLock<Validator> = LazyLock::new(|| validator(schema::EVENT));
static ENVELOPE: LazyLock<Validator> = LazyLock::new(|| validator(schema::ENVELOPE));

fn validator(schema: &str) -> Validator {
    let schema = serde_json::from_str(schema).unwrap();
    jsonschema::draft202012::meta::validate(&schema).unwrap();
    jsonschema::draft202012::new(&schema).unwrap()
}

/// What the types make of it: `None` when it is no event at all.
fn decoded(event: &Value) -> Option<Event> {
    Envelope::from_json(&serde_json::to_vec(event).unwrap()).ok().map(|envelope| envelope.event)
}
