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
/// Workers do this by themselves, after 30 days by default. The marks stay: a purged event that is
/// redelivered is still a duplicate. Says how many events it would purge at most, and asks first.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    /// Done or buried for longer than this, such as 30d or 12h
    #[arg(long, value_name = "TIME", value_parser = humantime::parse_duration)]
    older_than: Duration,
    /// Only report how many events would be purged at most
    #[arg(long)]
    dry_run: bool,
    /// Do not ask before deleting
    #[arg(long, short)]
    yes: bool,
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
            0 => "no event to purge".to_owned(),
            _ => format!("at most {} to purge; nothing was changed", events(count)),
        })?;
        return Ok(Verdict::Yes);
    }
    let age = humantime::format_duration(args.older_than);
    let question = format!(
        "Delete the content of at most {}, done or buried for longer than {age}?",
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

/// How many were received before that time and are done or buried: to count by when they were done
/// would take reading them all.
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
