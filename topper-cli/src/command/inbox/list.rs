//! `topper inbox list`

use topper_core::internal::Escaped;
use topper_store::{
    Inbox,
    inbox::{InboxStore as _, StoredEvent},
};

use super::{
    filter::Filter,
    place,
    stored::{at, note, object, style},
    table::{Cell, Row, Table},
};
use crate::{
    console::{Console, FAINT},
    failure::{Failure, Verdict},
};

const EXAMPLES: &str = "\
Examples:
  topper inbox list --state dead --limit 200
  topper inbox list --failed --since 2h
  topper inbox list --order 7d4bd0b1-1f64-4b11-a1c6-a7a3b93cd0ad --json
  topper inbox list --retrying";

/// Events that are read at once: their bodies come with them.
const PORTION: usize = 200;

/// List stored events, the oldest first
///
/// Times are in UTC. With --json, print one object for each event, without its content: see `topper
/// inbox show`.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    #[command(flatten)]
    filter: Filter,
    /// List at most this many events
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..))]
    limit: u32,
    /// List the events that a receiver without an inbox failed to process, and Topper retries
    ///
    /// These are the failures that `Once` has recorded in SQLite or PostgreSQL.
    #[arg(
        long,
        conflicts_with_all = ["state", "name", "order", "label", "since", "until", "failed"],
    )]
    retrying: bool,
}

impl Args {
    /// How many of the events that Topper retries to list, if they are wanted.
    pub(super) fn retrying(&self) -> Option<u32> {
        self.retrying.then_some(self.limit)
    }
}

pub(super) async fn run(
    args: Args,
    inbox: &Inbox,
    console: &mut Console,
) -> Result<Verdict, Failure> {
    let filter = args.filter.events();
    let mut left = usize::try_from(args.limit).unwrap_or(usize::MAX);
    let mut table = Table::new(&["RECEIVED (UTC)", "STATE", "ATTEMPTS", "ID", "NAME"]);
    let (mut after, mut count) = (0, 0_u64);
    let is_more = loop {
        // One more than is shown shows whether there are more.
        let most = left.min(PORTION) + 1;
        let mut events = inbox.store().list(&filter, after, most).await.map_err(place::failure)?;
        let is_more = events.len() == most;
        events.truncate(most - 1);
        for stored in &events {
            console.object(&object(stored))?;
            table.push(row(stored));
            (after, count) = (stored.row, count + 1);
        }
        left -= events.len();
        if !is_more || left == 0 {
            break is_more;
        }
    };
    if count == 0 {
        console.note("no events found");
    } else {
        table.print(console)?;
    }
    if is_more {
        console.note(format_args!(
            "there are more events; the limit is {}, change it with --limit",
            args.limit
        ));
    }
    Ok(Verdict::Yes)
}

fn row(stored: &StoredEvent) -> Row {
    Row {
        cells: vec![
            Cell(at(stored.received_at), FAINT),
            Cell(stored.state.to_string(), style(stored.state)),
            Cell::plain(format_args!("{:>8}", stored.attempts)),
            Cell::plain(Escaped(stored.key.id())),
            Cell::plain(Escaped(&stored.name)),
        ],
        note: note(stored).map(|note| Cell(note, FAINT)),
    }
}
