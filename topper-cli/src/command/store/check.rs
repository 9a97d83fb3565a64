//! `topper store check`

use serde_json::json;
use topper_core::internal::Escaped;
use topper_store::{AnyStore, Level, Point, Report};

use crate::{
    console::{self, BAD, Console, FAINT, GOOD, STRONG, WARN},
    failure::{Failure, Verdict},
    interrupt, keys,
};

/// The example receivers read it, too.
const URL_VARIABLE: &str = "TOPPER_STORE_URL";

pub(super) const EXAMPLES: &str = "\
Examples:
  topper store check sqlite://topper.db
  TOPPER_STORE_URL=\"$(cat store-url.txt)\" topper store check --json";

const URLS: &str = "\
URLs:
  sqlite://topper.db
  postgres://user:password@host/database
  redis://:password@host/0";

/// Check that a store has everything that a receiver needs
///
/// Connect as a receiver does when it starts, and print what was found and what to do about it:
/// whether the server can be reached and written to, its version, the rights of the user, the
/// tables, and what a crash would erase. Wait up to 10 s for a server that is not up yet. Create
/// the file and the tables if they are missing, as a receiver does.
///
/// Exit with 1 if the store cannot be used. A warning is not a failure.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES, after_long_help = long_help())]
pub(super) struct Args {
    /// The URL of the store; if it has a password, set TOPPER_STORE_URL instead
    ///
    /// Default: the environment variable TOPPER_STORE_URL. All users of this machine can see the
    /// command line of a process, and a password in it.
    #[arg(value_name = "URL")]
    url: Option<String>,
}

fn long_help() -> String {
    format!("{EXAMPLES}\n\n{URLS}")
}

pub(super) async fn run(args: Args, console: &mut Console) -> Result<Verdict, Failure> {
    let url = url(args)?;
    let ended = interrupt::watch();
    console.progress("connecting to the store, for up to 10 s");
    let report = tokio::select! {
        report = AnyStore::check(&url) => report,
        () = ended => {
            console.note("interrupted");
            return Ok(Verdict::Interrupted);
        }
    };
    for point in report.points() {
        show(point, console)?;
    }
    console.line(format_args!("\n{}", sum(&report)))?;
    Ok(Verdict::of(report.is_usable()))
}

fn url(args: Args) -> Result<String, Failure> {
    match args.url {
        Some(url) => Ok(url),
        None => keys::variable(URL_VARIABLE)?.ok_or_else(|| {
            Failure::Input(format!(
                "no store to check: give its URL, or set the environment variable {URL_VARIABLE}"
            ))
        }),
    }
}

fn sum(report: &Report) -> String {
    if !report.is_usable() {
        return "The store cannot be used.".to_owned();
    }
    match report.points().iter().filter(|point| point.level == Level::Warned).count() {
        0 => "The store can be used.".to_owned(),
        1 => "The store can be used; see the warning.".to_owned(),
        count => format!("The store can be used; see the {count} warnings."),
    }
}

/// The column where what was found begins, after the word for how it is.
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
    // Lines much longer are hard to read.
    let width = console::width().min(110).saturating_sub(NAME_WIDTH + 7);
    for (index, line) in lines(&point.found, width).iter().enumerate() {
        let (word, name) = if index == 0 { (word, point.name) } else { ("", "") };
        console.line(format_args!(
            "{style}{word:<5}{style:#} {STRONG}{name:<NAME_WIDTH$}{STRONG:#} {line}"
        ))?;
    }
    for (index, line) in point.advice.iter().flat_map(|it| lines(it, width)).enumerate() {
        let label = if index == 0 { "do" } else { "" };
        console.line(format_args!("{:5} {FAINT}{label:<NAME_WIDTH$}{FAINT:#} {line}", ""))?;
    }
    Ok(())
}

/// The text may contain words of a server, which must not move the cursor.
fn lines(text: &str, width: usize) -> Vec<String> {
    console::wrap(&Escaped(text).to_string(), width)
}
