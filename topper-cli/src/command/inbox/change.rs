//! `topper inbox retry` and `topper inbox bury`

use serde_json::json;
use topper_core::internal::Short;
use topper_store::{
    Inbox,
    inbox::{Change, EventState, InboxStore as _},
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
    storing::refused::why_not,
};

const RETRY_EXAMPLES: &str = "\
Examples:
  topper inbox retry --state dead --dry-run
  topper inbox retry 3f0c7a52-88a5-4f0f-9d0b-0c3f7e2b8a11
  topper inbox retry --state done --name user:created --since 3d";

/// Retry events now, and give them the full time again before they count as dead
///
/// Change events that are dead, parked or waiting for their next attempt; workers take them within a
/// second. Events that are done do not change, except with `--state done`: then the handler processes
/// them again, for example after a bug was fixed. `--state buried` brings back buried events.
///
/// Print how many events would change, and ask first. Exit with 1 if one of the given ids cannot be
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

/// Give up on events: workers no longer take them
///
/// Change events that are pending, parked or dead. Buried events are kept as long as events that are
/// done; until then, `topper inbox retry --state buried` brings them back.
///
/// Print how many events would change, and ask first. Exit with 1 if one of the given ids cannot be
/// buried.
#[derive(clap::Args)]
#[command(after_help = BURY_EXAMPLES)]
pub(super) struct BuryArgs {
    #[command(flatten)]
    which: Which,
}

#[derive(clap::Args)]
struct Which {
    /// The ids of the events
    #[arg(value_name = "ID")]
    ids: Vec<String>,
    #[command(flatten)]
    filter: Filter,
    /// All events that this command can change; required without ids and other filters
    #[arg(long, help_heading = WHICH)]
    all: bool,
    /// Only print how many events would change
    #[arg(long)]
    dry_run: bool,
    /// Do not ask for confirmation
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
            let id = Short(filter.id.as_deref().unwrap_or_default());
            let reason = why_not(&filter, change, inbox).await?;
            console.note(format_args!("{id}: {reason}"));
        }
        count += here;
        changeable.push(filter);
    }
    let verb = if change == Change::Bury { "bury" } else { "retry" };
    if which.dry_run || count == 0 {
        console.object(&json!({"matched": count, "changed": 0}))?;
        console.line(match (count, which.dry_run) {
            (0, _) => format!("no events to {verb}"),
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
                "no events are selected; give their ids, a filter such as --state dead, or --all"
                    .to_owned(),
            ));
        }
        let words = match (change, self.filter.state) {
            (_, Some(EventState::InWork)) => {
                "events in work cannot be changed: wait until the attempt of the worker ends"
            }
            (Change::Bury, Some(EventState::Done)) => "events that are done cannot be buried",
            (Change::Bury, Some(EventState::Buried)) => "these events are already buried",
            _ => return Ok(()),
        };
        Err(Failure::Input(words.to_owned()))
    }

    fn question(&self, change: Change, count: u64) -> String {
        let events = events(count);
        match (change, self.filter.state) {
            (Change::Bury, _) => format!("Bury {events}? Workers no longer take what is buried."),
            (_, Some(EventState::Done)) => {
                let them = if count == 1 { "it" } else { "them" };
                format!(
                    "Process {events} again? {WARN}The handler has already processed {them}.{WARN:#}"
                )
            }
            (_, Some(EventState::Buried)) => format!("Bring back {events} that you buried?"),
            _ => format!("Retry {events}?"),
        }
    }
}
