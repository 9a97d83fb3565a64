//! Events that are sent from the page, signed.

use std::{collections::BTreeMap, ops::RangeInclusive};

use serde::Deserialize;
use serde_json::{Value, json};
use topper_core::{Envelope, EventName, Fate, protocol::MAX_RETRIES};
use topper_testkit::{Attempt, Batch, Delivery, EventBuilder, PathError, Sender};

use super::{
    Inspector,
    attempt::attempt,
    events::lifecycle,
    fields::Fields,
    kept::short,
    lines::{self, Lines},
    response::{Refusal, Result},
    target,
};
use crate::delivering;

const MOST_COPIES: usize = 10;
const MOST_PARALLEL: usize = 64;
const MOST_SQUEEZE: u32 = 100_000;
const MOST_SETTINGS: usize = 100;
const MOST_PATH: usize = 200;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wanted {
    to: String,
    event: Option<String>,
    lifecycle: Option<String>,
    #[serde(default)]
    set: BTreeMap<String, Value>,
    #[serde(default = "one")]
    duplicate: usize,
    #[serde(default)]
    shuffle: bool,
    #[serde(default = "one")]
    parallel: usize,
    #[serde(default)]
    retries: bool,
    #[serde(default = "no_squeeze")]
    squeeze: u32,
}

fn one() -> usize {
    1
}

fn no_squeeze() -> u32 {
    1
}

pub(super) async fn send(inspector: &Inspector, wanted: Wanted) -> Result {
    let place = inspector.limits.send()?;
    within("duplicate", wanted.duplicate, 1..=MOST_COPIES)?;
    within("parallel", wanted.parallel, 1..=MOST_PARALLEL)?;
    within("squeeze", wanted.squeeze, 1..=MOST_SQUEEZE)?;
    let events = set(wanted.events()?, &wanted.set)?;
    let sender = target::sender(inspector, &wanted.to).await?;
    let sender = sender
        .retries(if wanted.retries { MAX_RETRIES } else { 0 })
        .squeezed(f64::from(wanted.squeeze));
    let deliveries = events.iter().map(|event| Delivery::signed(&inspector.key, event.to_json()));
    let batch = Batch::new(deliveries).repeated(wanted.duplicate).parallel(wanted.parallel);
    let seed = wanted.shuffle.then(delivering::seed);
    let batch = match seed {
        Some(seed) => batch.shuffled(seed),
        None => batch,
    };
    Ok(lines::answer(inspector, place, |lines| deliver(batch, sender, seed, lines)))
}

fn within<T: PartialOrd + std::fmt::Display>(
    name: &str,
    number: T,
    range: RangeInclusive<T>,
) -> Result<()> {
    if range.contains(&number) {
        return Ok(());
    }
    Err(Refusal::bad(format_args!("`{name}` is from {} to {}", range.start(), range.end())))
}

impl Wanted {
    fn events(&self) -> Result<Vec<EventBuilder>> {
        match (&self.event, &self.lifecycle) {
            (Some(name), None) => {
                let name: EventName = name.parse().map_err(|_| {
                    Refusal::bad(
                        "`event` is not an event that Topper documents; GET /api/events lists them",
                    )
                })?;
                Ok(vec![EventBuilder::new(name)])
            }
            (None, Some(name)) => Ok(lifecycle(name)?.events()),
            _ => Err(Refusal::bad("give either `event` or `lifecycle`")),
        }
    }
}

/// Changes each event that has the field or may have it; it is an error if none has it.
fn set(
    mut events: Vec<EventBuilder>,
    settings: &BTreeMap<String, Value>,
) -> Result<Vec<EventBuilder>> {
    if settings.len() > MOST_SETTINGS {
        return Err(Refusal::bad(format_args!("`set` changes at most {MOST_SETTINGS} fields")));
    }
    let fields: Vec<Fields> = events.iter().map(Fields::of).collect();
    for (path, value) in settings {
        if path.len() > MOST_PATH {
            return Err(Refusal::bad(format_args!(
                "a path in `set` has at most {MOST_PATH} bytes"
            )));
        }
        // What is below them would have to be limited, too.
        if value.is_object() || value.is_array() {
            let error = format!("`{path}`: set text, a number, true, false or null");
            return Err(Refusal::bad(error));
        }
        let mut problem = None;
        let mut is_set = false;
        for (event, fields) in events.iter_mut().zip(&fields) {
            match changed(event, fields, path, value) {
                Ok(changed) => {
                    *event = changed;
                    is_set = true;
                }
                Err(error) => {
                    problem.get_or_insert(error);
                }
            }
        }
        if let (Some(error), false) = (problem, is_set) {
            return Err(Refusal::bad(told(&error)));
        }
    }
    Ok(events)
}

/// With the field set, or added if the event lacks it and Topper documents it.
fn changed(
    event: &EventBuilder,
    fields: &Fields,
    path: &str,
    value: &Value,
) -> std::result::Result<EventBuilder, PathError> {
    match event.clone().try_set(path, value.clone()) {
        Err(PathError::Missing { .. }) if fields.have(path) => {
            event.clone().try_add(path, value.clone())
        }
        changed => changed,
    }
}

/// A path is no reason to add a field that Topper does not document: it may be misspelt.
fn told(error: &PathError) -> String {
    match error {
        PathError::Missing { path, nearest: Some(nearest) } => {
            format!("the event has no field `{path}`; the most similar is `{nearest}`")
        }
        PathError::Missing { path, nearest: None } => format!("the event has no field `{path}`"),
        other => other.to_string(),
    }
}

/// Sends all, with a line for each attempt. There are at most ten times the events of a lifecycle, with
/// ten retries each, and a line has at most a few KiB.
async fn deliver(batch: Batch, sender: Sender, seed: Option<u64>, lines: Lines) {
    let labels: Vec<(Option<String>, Option<String>)> = batch
        .iter()
        .map(|delivery| match Envelope::from_json(&delivery.body) {
            Ok(envelope) => (Some(short(envelope.name())), Some(short(envelope.id()))),
            Err(_) => (None, None),
        })
        .collect();
    let made = lines.clone();
    let sender = sender.observed(move |index, it: &Attempt| {
        let (name, id) = labels.get(index).cloned().unwrap_or_default();
        let line = json!({"delivery": index, "name": name, "id": id, "attempt": attempt(it)});
        made.add(&line);
    });
    let sent = sender.send_all(batch).await;
    let ended = |fate| sent.iter().filter(|sent| sent.fate() == fate).count();
    lines.add(&json!({"done": {
        "deliveries": sent.len(),
        "attempts": sent.iter().map(|sent| sent.attempts.len()).sum::<usize>(),
        "delivered": ended(Fate::Delivered),
        "retried": ended(Fate::Retried),
        "lost": ended(Fate::Lost),
        "seed": seed,
    }}));
}
