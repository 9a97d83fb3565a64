//! `topper inbox show`

use serde_json::json;
use topper_core::{
    Envelope,
    internal::{Escaped, Short},
};
use topper_store::{
    EventKey, Inbox,
    inbox::{EventFilter, EventState, InboxStore as _, StoredEvent},
};

use super::{
    place,
    stored::{ago, at, next, object, style},
};
use crate::{
    console::{BAD, Console, FAINT, GOOD, WARN},
    decoding::Decoded,
    failure::{Failure, Verdict},
    storing::{refused::DEFAULT_LABEL, verified},
};

const EXAMPLES: &str = "\
Examples:
  topper inbox show 3f0c7a52-88a5-4f0f-9d0b-0c3f7e2b8a11
  topper inbox show 3f0c7a52-88a5-4f0f-9d0b-0c3f7e2b8a11 --label sandbox --json";

/// More labels than have an event with the same id.
const MOST_LABELS: usize = 20;

/// Show one event: its state, its attempts and its content
///
/// Verify the stored bytes again, too, with the key under which the event was accepted. The output
/// contains personal data, such as addresses and user ids.
///
/// Exit with 1 if no such event is stored, or if its signature no longer matches.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    /// The id of the event
    id: String,
    /// The label of its webhook, needed if several webhooks have an event with this id
    #[arg(long)]
    label: Option<String>,
}

pub(super) async fn run(
    args: Args,
    inbox: &Inbox,
    console: &mut Console,
) -> Result<Verdict, Failure> {
    let Args { id, label } = args;
    let filter =
        EventFilter { id: Some(id.clone()), label: label.clone(), ..EventFilter::default() };
    let found = inbox.store().list(&filter, 0, MOST_LABELS).await.map_err(place::failure)?;
    match found.as_slice() {
        [stored] => show(stored, console),
        [] => {
            let label = label.as_deref().unwrap_or(DEFAULT_LABEL);
            let key = EventKey::new(label, &id);
            let is_marked = inbox.store().is_marked(&key).await.map_err(place::failure)?;
            missing(&key, is_marked, console)
        }
        several => {
            let labels: Vec<_> =
                several.iter().map(|it| format!("--label {}", Short(it.key.label()))).collect();
            let labels = labels.join(", ");
            Err(Failure::Input(format!(
                "several webhooks have an event with this id; add one of {labels}"
            )))
        }
    }
}

fn missing(key: &EventKey, is_marked: bool, console: &mut Console) -> Result<Verdict, Failure> {
    let (id, label) = (Short(key.id()), Short(key.label()));
    console.object(
        &json!({"id": key.id(), "label": key.label(), "state": null, "marked": is_marked}),
    )?;
    if is_marked {
        console.line(format_args!(
            "{WARN}not stored{WARN:#}  {id} (label {label}) was processed, and only its id is kept: it was\n            \
             purged, or processed by `Once`. Its content is gone."
        ))?;
    } else {
        console.line(format_args!(
            "{BAD}unknown{BAD:#}  {id} (label {label}) was never accepted by this store"
        ))?;
    }
    Ok(Verdict::No)
}

fn show(stored: &StoredEvent, console: &mut Console) -> Result<Verdict, Failure> {
    let verified = verify(stored);
    let envelope = Envelope::from_json(&stored.body);
    let decoded = envelope.as_ref().map(|envelope| Decoded::new(envelope, &stored.body));
    if console.json {
        let mut object = object(stored);
        let signature = match &verified {
            Ok(key) => json!({"valid": true, "key": key.id, "algorithm": key.algorithm}),
            Err(reason) => json!({"valid": false, "reason": reason}),
        };
        let content = match &decoded {
            Ok(decoded) => decoded.object(),
            Err(error) => json!({"known": false, "reason": error.to_string()}),
        };
        if let Some(fields) = object.as_object_mut() {
            fields.insert("signature".to_owned(), signature);
            fields.insert("content".to_owned(), content);
        }
        console.object(&object)?;
        return Ok(Verdict::of(verified.is_ok()));
    }
    print(stored, &verified, console)?;
    console.line("")?;
    match decoded {
        Ok(decoded) => decoded.print(console)?,
        Err(error) => console.line(format_args!("{BAD}not an event{BAD:#}  {error}"))?,
    }
    if matches!(stored.state, EventState::Dead | EventState::Parked) {
        console.note(format_args!("\nto retry it: topper inbox retry {}", Short(stored.key.id())));
    }
    Ok(Verdict::of(verified.is_ok()))
}

fn print(
    stored: &StoredEvent,
    verified: &Result<Key, String>,
    console: &mut Console,
) -> Result<(), Failure> {
    let mut line = |name: &str, text: &dyn std::fmt::Display| {
        console.line(format_args!("{FAINT}{name:<10}{FAINT:#}  {text}"))
    };
    line("id", &Escaped(stored.key.id()))?;
    line("label", &Escaped(stored.key.label()))?;
    if let Some(order) = &stored.order_id {
        line("order", &Escaped(order))?;
    }
    let (state, style) = (stored.state, style(stored.state));
    let next = next(stored).map(|next| format!(", {next}")).unwrap_or_default();
    line("state", &format_args!("{style}{state}{style:#}{next}"))?;
    let mut time = |name: &str, time| line(name, &format_args!("{} UTC, {}", at(time), ago(time)));
    time("received", stored.received_at)?;
    if let Some(done_at) = stored.done_at {
        time(if state == EventState::Buried { "buried" } else { "done" }, done_at)?;
    }
    if let Some(failed_at) = stored.failed_at {
        time("failed", failed_at)?;
    }
    if let Some(error) = &stored.last_error {
        line("error", &Escaped(error))?;
    }
    line("attempts", &stored.attempts)?;
    match verified {
        Ok(key) => line(
            "signature",
            &format_args!("{GOOD}matches{GOOD:#}, key {} ({})", Short(&key.id), key.algorithm),
        ),
        Err(reason) => {
            line("signature", &format_args!("{BAD}does not match{BAD:#}: {}", Escaped(reason)))
        }
    }
}

struct Key {
    id: String,
    algorithm: &'static str,
}

/// Verifies it with the key under which it was accepted.
fn verify(stored: &StoredEvent) -> Result<Key, String> {
    let webhook = verified::verify(stored, None).map_err(|refused| refused.reason)?;
    let key = webhook.key();
    Ok(Key { id: key.id().to_owned(), algorithm: key.algorithm() })
}
