//! `topper inbox retry` and `topper inbox bury`

use serde_json::json;
use topper_core::internal::Short;
use topper_store::{
    EventKey, Inbox,
    inbox::{Change, EventFilter, EventState, InboxStore as _, StoredEvent},
};

use super::{
    confirm::{Answer, confirm},
    events,
    filter::{Filter, WHICH},
    place,
    steps::{Steps, step_by_step},
};
use crate::{
    console::{Console, WARN},
    failure::{Failure, Verdict},
    interrupt::Ended,
};

const RETRY_EXAMPLES: &str = "\
Examples:
  topper inbox retry --state dead --dry-run
  topper inbox retry 3f0c7a52-88a5-4f0f-9d0b-0c3f7e2b8a11
  topper inbox retry --state done --name user:created --since 3d";

/// Make events due now, with new time until they are dead
///
/// Changes events that are dead, parked, or waiting for their next attempt; workers take them within a
/// second. Events that are done are left alone, except with `--state done`: then the handler runs once
/// more for each, to reprocess after a bug is fixed. `--state buried` brings back buried events.
///
/// Says how many events it would change, and asks first. Exits with 1 when one of the given ids cannot be
/// retried.
#[derive(clap::Args)]
#[command(after_help = RETRY_EXAMPLES)]
pub(super) struct RetryArgs {
    #[command(flatten)]
    which: Which,
}

const BURY_EXAMPLES: &str = "\
Examples:
  topper inbox bury 3f0c7a52-88a5-4f0f-9d0b-0c3f7e2b8a11
  topper inbox bury --state dead --until 2026-03-01 --dry-run";

/// Give events up: no worker takes them any more
///
/// Changes events that are pending, parked or dead. They are kept for as long as events that are done;
/// until then `topper inbox retry --state buried` brings them back.
///
/// Says how many events it would change, and asks first. Exits with 1 when one of the given ids cannot be
/// buried.
#[derive(clap::Args)]
#[command(after_help = BURY_EXAMPLES)]
pub(super) struct BuryArgs {
    #[command(flatten)]
    which: Which,
}

#[derive(clap::Args)]
struct Which {
    /// The ids of events
    #[arg(value_name = "ID")]
    ids: Vec<String>,
    #[command(flatten)]
    filter: Filter,
    /// All events that this command can change; needed without ids and other filters
    #[arg(long, help_heading = WHICH)]
    all: bool,
    /// Only report how many events would be changed
    #[arg(long)]
    dry_run: bool,
    /// Do not ask before changing them
    #[arg(long, short)]
    yes: bool,
}

pub(super) async fn retry(
    args: RetryArgs,
    inbox: &Inbox,
    ended: Ended,
    console: &mut Console,
) -> Result<Verdict, Failure> {
    run(args.which, Change::Retry, inbox, ended, console).await
}

pub(super) async fn bury(
    args: BuryArgs,
    inbox: &Inbox,
    ended: Ended,
    console: &mut Console,
) -> Result<Verdict, Failure> {
    run(args.which, Change::Bury, inbox, ended, console).await
}

async fn run(
    which: Which,
    change: Change,
    inbox: &Inbox,
    mut ended: Ended,
    console: &mut Console,
) -> Result<Verdict, Failure> {
    which.check(change)?;
    let mut filters = which.filter.each(&which.ids);
    let (mut count, mut is_all) = (0, true);
    let mut changeable = Vec::new();
    for filter in filters.drain(..) {
        let here = inbox.store().count(&filter, change).await.map_err(place::failure)?;
        if here == 0 && filter.id.is_some() {
            is_all = false;
            console.note(why_not(&filter, change, inbox).await?);
        }
        count += here;
        changeable.push(filter);
    }
    let verb = if change == Change::Bury { "bury" } else { "retry" };
    if which.dry_run || count == 0 {
        console.object(&json!({"matched": count, "changed": 0}))?;
        console.line(match (count, which.dry_run) {
            (0, _) => format!("no event to {verb}"),
            _ => format!("{} to {verb}; nothing was changed", events(count)),
        })?;
        return Ok(Verdict::of(is_all));
    }
    match confirm(&which.question(change, count), which.yes, &mut ended, console).await? {
        Answer::Yes => {}
        Answer::No => return Ok(Verdict::No),
        Answer::Interrupted => return Ok(Verdict::Interrupted),
    }
    let mut steps = Steps::new(count, if change == Change::Bury { "buried" } else { "retried" });
    for filter in &changeable {
        let mut after = 0;
        let is_over = step_by_step(&mut steps, &mut ended, console, async |most| {
            let changed = inbox.store().change(filter, change, after, most).await?;
            after = changed.last_row;
            Ok(changed.count)
        })
        .await?;
        if is_over {
            return Ok(Verdict::Interrupted);
        }
    }
    steps.sum(console)?;
    Ok(Verdict::of(is_all))
}

impl Which {
    fn check(&self, change: Change) -> Result<(), Failure> {
        if self.ids.is_empty() && self.filter.is_empty() && !self.all {
            return Err(Failure::Input(
                "which events? give their ids or a filter such as --state dead, or --all"
                    .to_owned(),
            ));
        }
        let words = match (change, self.filter.state) {
            (_, Some(EventState::InWork)) => {
                "a worker has the events that are in work: they cannot be changed until its attempt ends"
            }
            (Change::Bury, Some(EventState::Done)) => "events that are done cannot be buried",
            (Change::Bury, Some(EventState::Buried)) => "these events are buried already",
            _ => return Ok(()),
        };
        Err(Failure::Input(words.to_owned()))
    }

    fn question(&self, change: Change, count: u64) -> String {
        let events = events(count);
        match (change, self.filter.state) {
            (Change::Bury, _) => format!("Bury {events}? No worker takes them any more."),
            (_, Some(EventState::Done)) => {
                format!("Process {events} once more? {WARN}The handler was done with them.{WARN:#}")
            }
            (_, Some(EventState::Buried)) => format!("Bring back {events} from the buried?"),
            _ => format!("Retry {events}?"),
        }
    }
}

/// Why an event that was named cannot be changed.
async fn why_not(filter: &EventFilter, change: Change, inbox: &Inbox) -> Result<String, Failure> {
    let id = filter.id.as_deref().unwrap_or_default();
    let label = filter.label.as_deref().unwrap_or("default");
    let alone = EventFilter {
        id: filter.id.clone(),
        label: filter.label.clone(),
        ..EventFilter::default()
    };
    let found = inbox.store().list(&alone, 0, 1).await.map_err(place::failure)?;
    let reason = match found.first() {
        Some(stored) => reason(stored, filter, change),
        None => {
            let key = EventKey::new(label, id);
            if inbox.store().is_marked(&key).await.map_err(place::failure)? {
                "it is known only by its mark: its content is gone"
            } else {
                "no such event"
            }
        }
    };
    Ok(format!("{}: {reason}", Short(id)))
}

fn reason(stored: &StoredEvent, filter: &EventFilter, change: Change) -> &'static str {
    match (stored.state, change) {
        (state, _) if filter.state.is_some_and(|wanted| wanted != state) => {
            "it is in another state"
        }
        (EventState::InWork, _) => "a worker has it; wait until its attempt ends",
        (EventState::Done, Change::Retry) if filter.state.is_none() => {
            "it is done; add `--state done` to process it once more"
        }
        (EventState::Done, Change::Bury) => "it is done, and cannot be buried",
        (EventState::Buried, Change::Bury) => "it is buried already",
        (EventState::Buried, _) if filter.state.is_none() => {
            "it is buried; add `--state buried` to bring it back"
        }
        (EventState::Pending, Change::Retry) => "it is due already",
        _ => "it does not pass the other filters",
    }
}
