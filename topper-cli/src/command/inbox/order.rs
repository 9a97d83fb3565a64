//! `topper inbox order`

use std::time::SystemTime;

use serde_json::{Value, json};
use topper_core::{
    Envelope,
    event::{OrderChange, OrderView},
    internal::{Escaped, Short},
};
use topper_store::{
    Inbox,
    inbox::{EventState, StoredEvent, StoredOrder},
};

use super::{
    events, place,
    stored::{at, note, object, rfc3339, short, style},
    table::{Cell, Row, Table},
};
use crate::{
    console::{Console, FAINT, GOOD, STRONG, WARN},
    failure::{Failure, Verdict},
};

const EXAMPLES: &str = "\
Example:
  topper inbox order 7d4bd0b1-1f64-4b11-a1c6-a7a3b93cd0ad";

/// Show the timeline of an order: when each event arrived and was done
///
/// List the stored events of the order as they arrived, and the latest state of the order. A late
/// event arrived after a newer one. Purged events are not listed.
///
/// Exit with 1 if no event of the order is stored.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    /// The id of the order
    id: String,
}

pub(super) async fn run(
    args: Args,
    inbox: &Inbox,
    console: &mut Console,
) -> Result<Verdict, Failure> {
    let order = inbox.order(&args.id).await.map_err(place::failure)?;
    let entries = entries(&order);
    console.object(&json!({
        "order_id": args.id,
        "latest": order.view.latest().map(|event| event.name()),
        "latest_id": order.view.latest_id(),
        "terminal": order.view.is_terminal(),
        "events": entries.iter().map(Entry::object).collect::<Vec<Value>>(),
    }))?;
    if entries.is_empty() {
        console.line(format_args!("no event of order {} is stored", Short(&args.id)))?;
        return Ok(Verdict::No);
    }
    let prefix = prefix(&order.events);
    head(&args.id, prefix, &order, console)?;
    let mut table = Table::new(&["UPDATED (UTC)", "RECEIVED (UTC)", "STATE", "ATTEMPTS", "NAME"]);
    for entry in &entries {
        table.push(entry.row(prefix));
    }
    table.print(console)?;
    Ok(Verdict::Yes)
}

/// What all names begin with, such as `order:crypto-onramp:`: said once, so that the rows are short.
fn prefix(events: &[StoredEvent]) -> &str {
    let end = |name: &str| name.match_indices(':').nth(1).map(|(at, _)| at + 1);
    let first = events.first().map_or("", |stored| &stored.name);
    let prefix = end(first).and_then(|end| first.get(..end)).unwrap_or_default();
    if events.iter().all(|stored| stored.name.starts_with(prefix)) { prefix } else { "" }
}

fn head(id: &str, prefix: &str, order: &StoredOrder, console: &mut Console) -> Result<(), Failure> {
    let count = u64::try_from(order.events.len()).unwrap_or(u64::MAX);
    let kind = match prefix.strip_suffix(':') {
        Some(kind) => format!(" ({})", Escaped(kind)),
        None => String::new(),
    };
    console.line(format_args!("{STRONG}order {}{STRONG:#}{kind}, {}", Short(id), events(count)))?;
    match order.view.latest() {
        Some(event) => {
            let ended = if event.is_terminal() { ", the order has ended" } else { "" };
            console.line(format_args!("latest: {}{ended}\n", Short(event.name())))
        }
        None => console.line("latest: unknown, because none of its events can be read\n"),
    }
}

/// One event of the timeline.
struct Entry<'a> {
    stored: &'a StoredEvent,
    updated_at: Option<SystemTime>,
    is_late: bool,
    is_latest: bool,
}

/// The events as they arrived, each seen with those before it.
fn entries(order: &StoredOrder) -> Vec<Entry<'_>> {
    let mut view = OrderView::new();
    let entry = |stored| {
        let mut entry = Entry { stored, updated_at: None, is_late: false, is_latest: false };
        let Ok(envelope) = Envelope::from_json(&stored.body) else { return entry };
        let Ok(event) = envelope.event() else { return entry };
        entry.updated_at = event.updated_at().and_then(|time| time.to_system_time());
        entry.is_late = matches!(view.fold(envelope.id(), event), Ok(OrderChange::Stale));
        entry.is_latest = order.view.latest_id() == Some(envelope.id());
        entry
    };
    order.events.iter().map(entry).collect()
}

impl Entry<'_> {
    fn object(&self) -> Value {
        let mut object = object(self.stored);
        if let Some(fields) = object.as_object_mut() {
            fields.insert("updated_at".to_owned(), json!(self.updated_at.map(rfc3339)));
            fields.insert("late".to_owned(), json!(self.is_late));
            fields.insert("latest".to_owned(), json!(self.is_latest));
        }
        object
    }

    fn row(&self, prefix: &str) -> Row {
        let stored = self.stored;
        let name = stored.name.strip_prefix(prefix).unwrap_or(&stored.name);
        Row {
            cells: vec![
                Cell(self.updated_at.map_or_else(|| "?".to_owned(), at), FAINT),
                Cell(at(stored.received_at), FAINT),
                Cell(stored.state.to_string(), style(stored.state)),
                Cell::plain(format_args!("{:>8}", stored.attempts)),
                Cell(Escaped(name).to_string(), if self.is_latest { STRONG } else { FAINT }),
            ],
            note: self.note(),
        }
    }

    /// Whether it is the latest or late, and how it ended.
    fn note(&self) -> Option<Cell> {
        let stored = self.stored;
        let done = stored.done_at.map(|done_at| {
            let after = done_at.duration_since(stored.received_at).unwrap_or_default();
            let word = if stored.state == EventState::Buried { "buried" } else { "done" };
            format!("{word} {} after it arrived", short(after))
        });
        let (mark, style) = match (self.is_latest, self.is_late) {
            (true, _) => (Some("latest".to_owned()), GOOD),
            (_, true) => (Some("late".to_owned()), WARN),
            _ => (None, FAINT),
        };
        let parts: Vec<String> = mark.into_iter().chain(done).chain(note(stored)).collect();
        (!parts.is_empty()).then(|| Cell(parts.join(", "), style))
    }
}
