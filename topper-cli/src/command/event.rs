//! `topper event`

use std::path::PathBuf;

use serde_json::{Value, json};
use topper_core::{
    Envelope,
    internal::{Escaped, Short},
};

use crate::{
    console::{BAD, Console, FAINT, GOOD, STRONG, WARN},
    decoding,
    failure::{Failure, Verdict},
    file,
};

mod members;

use members::Member;

const EXAMPLES: &str = "\
Examples:
  topper event body.json
  echo '{\"id\":\"42\",\"name\":\"user:renamed\",\"data\":{}}' | topper event -";

/// Decodes an event and prints what is known of it
///
/// Whether it is known and why not, its fields, and the members that the SDK does not know.
///
/// No signature is checked: see `topper verify`. It ends with 1 when the event is not known, or is
/// none at all.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// The file with the body; `-` is standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

pub(crate) fn run(args: &Args, console: &mut Console) -> Result<Verdict, Failure> {
    let body = file::read(&args.file)?;
    let envelope = match Envelope::from_json(&body) {
        Ok(envelope) => envelope,
        Err(error) => {
            console.line(format_args!("{BAD}not an event{BAD:#}  {error}"))?;
            console.object(&json!({"known": false, "reason": error.to_string()}))?;
            return Ok(Verdict::No);
        }
    };
    let typed = serde_json::to_value(&envelope).unwrap_or_default();
    let (members, is_cut) = members::of(&body);
    let event = envelope.event();
    let reason = decoding::problem(&event);
    let unknown: Vec<&Member> = match &reason {
        // Of an event without a type, no field is known.
        Some(_) => Vec::new(),
        None => members.iter().filter(|member| !member.is_in(&typed)).collect(),
    };
    if console.json {
        let unknown: Vec<String> = unknown.iter().map(|member| member.path()).collect();
        console.object(&json!({
            "known": reason.is_none(),
            "reason": reason,
            "event": typed,
            "unknown_members": unknown,
        }))?;
        return Ok(Verdict::of(reason.is_none()));
    }
    let name = Short(envelope.name());
    match (&reason, &event) {
        (None, _) => console.line(format_args!("{GOOD}known{GOOD:#}    {name}"))?,
        (Some(why), Ok(_)) => console.line(format_args!("{WARN}unknown{WARN:#}  {name}: {why}"))?,
        (Some(why), Err(_)) => {
            console.line(format_args!("{BAD}unreadable{BAD:#}  {name}: {why}"))?
        }
    }
    if let Ok(event) = event
        && let Some(flow) = event.flow()
    {
        let ends = if event.is_terminal() { ", ends the order" } else { "" };
        console.line(format_args!("{FAINT}{}{ends}{FAINT:#}", flow.as_str()))?;
    }
    let width = members.iter().map(|member| shown(member).chars().count()).max().unwrap_or(0);
    for member in members.iter().filter(|member| !unknown.contains(member)) {
        print(member, width, console)?;
    }
    if !unknown.is_empty() {
        console.line(format_args!("{STRONG}not known to this version, and ignored:{STRONG:#}"))?;
        for member in &unknown {
            print(member, width, console)?;
        }
    }
    if is_cut {
        console.line("...")?;
    }
    Ok(Verdict::of(reason.is_none()))
}

fn print(member: &Member, width: usize, console: &mut Console) -> Result<(), Failure> {
    let (path, value) = (shown(member), member.value());
    // No value is cut short: this is what the person wants to see.
    console.line(format_args!("  {path:<width$}  {}", Escaped(&value)))
}

fn shown(member: &Member) -> String {
    Short(&member.path()).to_string()
}

/// A value that has a member.
fn lookup<'a>(value: &'a Value, name: &str) -> Option<&'a Value> {
    match value {
        Value::Object(members) => members.get(name),
        Value::Array(items) => items.get(name.parse::<usize>().ok()?),
        _ => None,
    }
}
