//! `topper store`

use std::env;

use clap::Subcommand;
use serde_json::json;
use topper_store::{AnyStore, Level, Point};

use crate::{
    console::{self, BAD, Console, FAINT, GOOD, STRONG, WARN},
    failure::{Failure, Verdict},
    interrupt,
};

/// Checks where a receiver remembers events
#[derive(clap::Args)]
#[command(arg_required_else_help = true)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Check(CheckArgs),
}

const URL_VARIABLE: &str = "TOPPER_STORE_URL";

const EXAMPLES: &str = "\
Examples:
  topper store check sqlite://topper.db
  TOPPER_STORE_URL=postgres://user:password@host/database topper store check
  TOPPER_STORE_URL=rediss://:password@host/0 topper store check --json";

/// Checks that a store has all that a receiver needs
///
/// Connects as a receiver does when it starts, and prints each point with what to do about it: whether
/// the server can be reached and written to, its version, the rights of the user, the tables, and what it
/// would forget in a crash. A server that is not there yet is waited for, up to 10 s.
///
/// Where tables are missing it makes them, as a receiver does.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
struct CheckArgs {
    /// The URL of the store; default: the environment variable TOPPER_STORE_URL
    ///
    /// Others on the machine can read a command line: with a password in it, use the variable.
    #[arg(value_name = "URL")]
    url: Option<String>,
}

pub(crate) async fn run(args: Args, console: &mut Console) -> Result<Verdict, Failure> {
    match args.command {
        Command::Check(args) => check(args, console).await,
    }
}

async fn check(args: CheckArgs, console: &mut Console) -> Result<Verdict, Failure> {
    let url = match args.url {
        Some(url) => url,
        None => env::var(URL_VARIABLE).map_err(|_| {
            Failure::Input(format!(
                "no store to check: give its URL, or set the environment variable {URL_VARIABLE}"
            ))
        })?,
    };
    let interrupted = interrupt::watch();
    console.progress("connecting to the store ...");
    let report = tokio::select! {
        report = AnyStore::check(&url) => report,
        () = interrupted => return Ok(Verdict::Interrupted),
    };
    console.clear_progress();
    for point in report.points() {
        show(point, console)?;
    }
    if report.is_usable() {
        let warnings = report.points().iter().filter(|point| point.level == Level::Warned).count();
        console.line(match warnings {
            0 => "\nThe store can be used.".to_owned(),
            1 => "\nThe store can be used; see the warning.".to_owned(),
            count => format!("\nThe store can be used; see the {count} warnings."),
        })?;
    } else {
        console.line("\nThe store cannot be used.")?;
    }
    Ok(Verdict::of(report.is_usable()))
}

/// The column where what was found begins.
const NAME_WIDTH: usize = 12;

fn show(point: &Point, console: &mut Console) -> Result<(), Failure> {
    let (word, grade, style) = match point.level {
        Level::Passed => ("ok", "passed", GOOD),
        Level::Warned => ("look", "warning", WARN),
        _ => ("FAIL", "failed", BAD),
    };
    console.object(&json!({
        "check": point.name,
        "grade": grade,
        "found": point.found,
        "advice": point.advice,
    }))?;
    let width = console::width().min(110).saturating_sub(NAME_WIDTH + 7);
    let lines = console::wrap(&point.found, width);
    for (index, line) in lines.iter().enumerate() {
        let (word, name) = if index == 0 { (word, point.name) } else { ("", "") };
        console.line(format_args!(
            "{style}{word:<5}{style:#} {STRONG}{name:<NAME_WIDTH$}{STRONG:#} {line}"
        ))?;
    }
    for (index, line) in point.advice.iter().flat_map(|it| console::wrap(it, width)).enumerate() {
        let label = if index == 0 { "do" } else { "" };
        console.line(format_args!("{:6}{FAINT}{label:<NAME_WIDTH$}{FAINT:#} {line}", ""))?;
    }
    Ok(())
}
