//! The documented events, to be sent from the page.

use clap::ValueEnum as _;
use serde::Serialize;
use serde_json::{Value, json};
use topper_core::EventName;
use topper_testkit::{EventBuilder, Lifecycle};

use super::{
    percent::decoded,
    response::{Answer, Refusal, Result, json as answer},
    schema::Schema,
};
use crate::command::Flow;

pub(super) fn list() -> Answer {
    let events: Vec<Value> = EventName::ALL
        .iter()
        .map(|name| {
            let flow = name.flow();
            json!({"name": name, "flow": flow.as_ref().map(|flow| flow.as_str())})
        })
        .collect();
    let lifecycles: Vec<Value> = Flow::value_variants()
        .iter()
        .filter_map(|&flow| {
            let events = Lifecycle::from(flow).events();
            let events: Vec<&str> = events.iter().map(EventBuilder::name).collect();
            let name = flow.to_possible_value()?;
            Some(json!({"name": name.get_name(), "events": events}))
        })
        .collect();
    answer(&json!({"events": events, "lifecycles": lifecycles}))
}

/// The lifecycle with one of these names, which are those of `topper send --flow`.
pub(super) fn lifecycle(name: &str) -> Result<Lifecycle> {
    Flow::from_str(name, false).map(Lifecycle::from).map_err(|_| {
        Refusal::bad("`lifecycle` is not the name of a lifecycle; GET /api/events lists them")
    })
}

#[derive(Serialize)]
struct Described<'a> {
    name: EventName,
    schema: Schema<'a>,
    example: &'a Value,
}

/// The schema of one event, and an example.
pub(super) fn event(name: &str) -> Result {
    let name = decoded(name).and_then(|name| name.parse::<EventName>().ok());
    let name = name.ok_or_else(|| {
        Refusal::not_found("Topper documents no event of this name; GET /api/events lists them")
    })?;
    let schema = Schema::of(name);
    let example = EventBuilder::new(name);
    Ok(answer(&Described { name, schema, example: example.value() }))
}
