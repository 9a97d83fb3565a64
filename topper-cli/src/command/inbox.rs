//! `topper inbox`

use std::future::ready;

use clap::Subcommand;

use crate::{
    console::Console,
    failure::{Failure, Verdict},
    interrupt::{self, Ended},
    storing::{place, stored},
};

mod change;
mod confirm;
mod export;
mod filter;
mod list;
mod order;
mod purge;
mod retrying;
mod show;
mod stats;
mod steps;
mod table;

const EXAMPLES: &str = "\
Examples:
  topper inbox stats --store sqlite://topper.db
  topper inbox list --state dead
  topper inbox show 3f0c7a52-88a5-4f0f-9d0b-0c3f7e2b8a11
  topper inbox retry --state dead --since 3d --dry-run

Default for --store: the environment variable TOPPER_STORE_URL.";

/// Show and repair the inbox in which a receiver stores events
///
/// An event that a receiver has stored is never lost: it waits, is retried, and is kept when it has
/// failed for too long. These commands show the stored events and retry them. You can use them
/// while receivers and workers run. Missing tables are created, a missing file is not.
#[derive(clap::Args)]
#[command(arg_required_else_help = true, after_help = EXAMPLES)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
    /// The URL of the store; if it has a password, set TOPPER_STORE_URL instead
    ///
    /// It looks like sqlite://topper.db or postgres://user:password@host/database. All users of this
    /// machine can see the command line of a process, and a password in it.
    #[arg(long, value_name = "URL", global = true)]
    store: Option<String>,
}

#[derive(Subcommand)]
enum Command {
    Stats(stats::Args),
    List(list::Args),
    Show(show::Args),
    Order(order::Args),
    Retry(change::RetryArgs),
    Bury(change::BuryArgs),
    Export(export::Args),
    Purge(purge::Args),
}

pub(crate) async fn run(args: Args, console: &mut Console) -> Result<Verdict, Failure> {
    let url = place::url(args.store)?;
    let mut ended = interrupt::watch();
    console.progress("connecting to the store");
    if let Command::List(args) = &args.command
        && let Some(most) = args.retrying()
    {
        let verdict = tokio::select! {
            verdict = retrying::run(&url, most, console) => Some(verdict),
            () = &mut ended => None,
        };
        return verdict.unwrap_or_else(|| interrupted(console));
    }
    let inbox = tokio::select! {
        inbox = place::open(&url) => inbox,
        () = &mut ended => return interrupted(console),
    };
    console.clear_progress();
    let inbox = inbox?;
    // Commands that change events stop between two steps, so that they can report what they did.
    let reading = match args.command {
        Command::Retry(args) => return change::retry(args, &inbox, ended, console).await,
        Command::Bury(args) => return change::bury(args, &inbox, ended, console).await,
        Command::Purge(args) => return purge::run(args, &inbox, ended, console).await,
        reading => reading,
    };
    let verdict = tokio::select! {
        verdict = async {
            match reading {
                Command::Stats(args) => stats::run(args, &inbox, console).await,
                Command::List(args) => list::run(args, &inbox, console).await,
                Command::Show(args) => show::run(args, &inbox, console).await,
                Command::Order(args) => order::run(args, &inbox, console).await,
                Command::Export(args) => export::run(args, &inbox, console).await,
                Command::Retry(_) | Command::Bury(_) | Command::Purge(_) => Ok(Verdict::Yes),
            }
        } => Some(verdict),
        () = &mut ended => None,
    };
    verdict.unwrap_or_else(|| interrupted(console))
}

fn interrupted(console: &mut Console) -> Result<Verdict, Failure> {
    console.note("interrupted");
    Ok(Verdict::Interrupted)
}

/// Whether the program must end.
async fn is_over(ended: &mut Ended) -> bool {
    tokio::select! {
        biased;
        () = ended => true,
        () = ready(()) => false,
    }
}

/// A number of events.
fn events(count: u64) -> String {
    match count {
        1 => "1 event".to_owned(),
        count => format!("{count} events"),
    }
}
