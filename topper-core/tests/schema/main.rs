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
use topper_core::{Envelope, Event, EventName, PayloadError, schema};

static OF: LazyLock<HashMap<EventName, Validator>> = LazyLock::new(|| {
    EventName::ALL.iter().map(|&name| (name, validator(schema::of(name)))).collect()
});
static KNOWN_EVENT: LazyLock<Validator> = LazyLock::new(|| validator(schema::KNOWN_EVENT));
static EVENT: LazyLock<Validator> = LazyLock::new(|| validator(schema::EVENT));
static ENVELOPE: LazyLock<Validator> = LazyLock::new(|| validator(schema::ENVELOPE));

/// One that asserts formats, as some do in place of remarking on them.
fn validator(schema: &str) -> Validator {
    let schema = serde_json::from_str(schema).unwrap();
    jsonschema::draft202012::meta::validate(&schema).unwrap();
    jsonschema::draft202012::options().should_validate_formats(true).build(&schema).unwrap()
}

/// What the types make of it: `None` when it is not an event at all.
fn decoded(event: &Value) -> Option<Result<Event, PayloadError>> {
    Envelope::from_json(&serde_json::to_vec(event).unwrap()).ok().map(Envelope::into_event)
}

/// The documented event that it decodes as.
fn known(event: &Value) -> Option<EventName> {
    decoded(event)?.ok()?.known_name()
}
