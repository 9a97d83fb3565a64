//! `topper inbox stats`

use std::time::Duration;

use anstyle::Style;
use serde_json::json;
use topper_store::{
    Inbox,
    inbox::{InboxStats, InboxStore as _},
};

use super::{events, place, stored::short};
use crate::{
    console::{self, BAD, Console, FAINT, WARN},
    failure::{Failure, Verdict},
};

const EXAMPLES: &str = "\
Examples:
  topper inbox stats --store sqlite://topper.db
  topper inbox stats --json || notify-someone";

/// If an event is due for longer than this, no worker takes it.
const LONG: Duration = Duration::from_secs(60);

/// Count the events in each state
///
/// Print what to do if events are dead or parked, and exit with 1 then, so that a monitor can run
/// this command.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {}

pub(super) async fn run(_: Args, inbox: &Inbox, console: &mut Console) -> Result<Verdict, Failure> {
    let stats = inbox.store().stats().await.map_err(place::failure)?;
    let advice = advice(&stats);
    console.object(&json!({
        "pending": stats.pending,
        "due": stats.due,
        "oldest_seconds": stats.oldest.map(|age| age.as_secs()),
        "in_work": stats.in_work,
        "parked": stats.parked,
        "dead": stats.dead,
        "done_today": stats.done_today,
        "advice": advice,
    }))?;
    let plain = Style::new();
    let oldest = stats.oldest.map(|age| format!("oldest received {} ago", short(age)));
    let rows = [
        ("pending", stats.pending, plain, oldest.unwrap_or_default()),
        ("  due", stats.due, plain, String::new()),
        ("in work", stats.in_work, plain, String::new()),
        ("parked", stats.parked, WARN, String::new()),
        ("dead", stats.dead, BAD, String::new()),
        ("done today", stats.done_today, plain, "since midnight, UTC".to_owned()),
    ];
    let width = rows.iter().map(|row| row.1.to_string().len()).max().unwrap_or(0).max(5);
    for (name, count, style, note) in rows {
        let style = if count == 0 { plain } else { style };
        let end = if note.is_empty() { note } else { format!("  {FAINT}{note}{FAINT:#}") };
        console.line(format_args!("{name:<10}  {style}{count:>width$}{style:#}{end}"))?;
    }
    for advice in &advice {
        console.line("")?;
        for line in console::wrap(advice, console::width().min(100)) {
            console.line(line)?;
        }
    }
    Ok(Verdict::of(stats.dead == 0 && stats.parked == 0))
}

fn advice(stats: &InboxStats) -> Vec<String> {
    let mut advice = Vec::new();
    if stats.dead > 0 {
        let (are, they) = if stats.dead == 1 { ("is", "it") } else { ("are", "they") };
        advice.push(format!(
            "{} {are} dead: {they} failed for too long, and {are} no longer retried. See why with \
             `topper inbox list --state dead`. When the cause is fixed, run `topper inbox retry \
             --state dead`.",
            events(stats.dead),
        ));
    }
    if stats.parked > 0 {
        let (are, they) = if stats.parked == 1 { ("is", "it") } else { ("are", "them") };
        advice.push(format!(
            "{} {are} parked: the worker's version cannot read {they}, or the stored bytes were \
             changed. See `topper inbox list --state parked`. A version that can read {they} \
             processes {they} without your help.",
            events(stats.parked),
        ));
    }
    if stats.due > 0 && stats.in_work == 0 && stats.oldest.is_some_and(|age| age > LONG) {
        advice.push(format!(
            "{} due for over a minute, and no worker takes events: is a worker running, and can it \
             reach the store?",
            if stats.due == 1 {
                "1 event is".to_owned()
            } else {
                format!("{} events are", stats.due)
            },
        ));
    }
    advice
}
