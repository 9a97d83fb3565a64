//! `topper inbox purge`

use std::time::{Duration, SystemTime};

use serde_json::json;
use topper_store::{
    Inbox,
    inbox::{Change, EventFilter, EventState, InboxStore as _},
};

use super::{
    confirm::{Answer, confirm},
    events, place,
    steps::{Steps, step_by_step},
};
use crate::{
    console::Console,
    failure::{Failure, Verdict},
    interrupt::Ended,
};

const EXAMPLES: &str = "\
Examples:
  topper inbox purge --older-than 30d --dry-run
  topper inbox purge --older-than 7d --yes";

/// Delete the content of events that were done or buried long ago
///
/// Workers do this themselves, by default after 30 days. The ids are kept: a purged event that is
/// redelivered is still a duplicate. Print how many events would be purged at most, and ask first.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    /// Purge events that were done or buried longer ago than this, such as 30d or 12h
    #[arg(long, value_name = "TIME", value_parser = age)]
    older_than: Duration,
    /// Only print how many events would be purged at most
    #[arg(long)]
    dry_run: bool,
    /// Do not ask for confirmation
    #[arg(long, short)]
    yes: bool,
}

fn age(text: &str) -> Result<Duration, &'static str> {
    humantime::parse_duration(text).map_err(|_| "it must be a time such as 30d or 12h")
}

pub(super) async fn run(
    args: Args,
    inbox: &Inbox,
    mut ended: Ended,
    console: &mut Console,
) -> Result<Verdict, Failure> {
    let count = at_most(args.older_than, inbox).await?;
    if args.dry_run || count == 0 {
        console.object(&json!({"matched": count, "changed": 0}))?;
        console.line(match count {
            0 => "no events to purge".to_owned(),
            _ => format!("at most {} to purge; nothing was changed", events(count)),
        })?;
        return Ok(Verdict::Yes);
    }
    let age = humantime::format_duration(args.older_than);
    let question = format!(
        "Delete the content of at most {} that were done or buried over {age} ago?",
        events(count)
    );
    match confirm(&question, args.yes, &mut ended, console).await? {
        Answer::Yes => {}
        Answer::No => return Ok(Verdict::No),
        Answer::Interrupted => return Ok(Verdict::Interrupted),
    }
    let mut steps = Steps::new(count, "purged");
    let is_over = step_by_step(&mut steps, &mut ended, console, async |most| {
        inbox.store().purge(args.older_than, most).await
    })
    .await?;
    if is_over {
        return Ok(Verdict::Interrupted);
    }
    steps.sum(console)?;
    Ok(Verdict::Yes)
}

/// How many were received before that time and are done or buried. To count those that were done
/// before that time, all would have to be read.
async fn at_most(age: Duration, inbox: &Inbox) -> Result<u64, Failure> {
    let Some(until) = SystemTime::now().checked_sub(age) else { return Ok(0) };
    let mut count = 0;
    for state in [EventState::Done, EventState::Buried] {
        let filter =
            EventFilter { state: Some(state), until: Some(until), ..EventFilter::default() };
        // With their state named, these are the ones that can be retried.
        count += inbox.store().count(&filter, Change::Retry).await.map_err(place::failure)?;
    }
    Ok(count)
}
