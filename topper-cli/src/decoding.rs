//! What decoding made of an event: for `event` and `inbox show`.

use serde_json::{Value, json};
use topper_core::{
    Envelope, Event, PayloadError,
    internal::{Escaped, Short},
};

use crate::{
    console::{BAD, Console, FAINT, GOOD, STRONG, WARN},
    failure::Failure,
};

mod members;

use members::Member;

/// Why an event has no type; `None` if it has one.
pub(crate) fn problem(event: &Result<&Event, PayloadError>) -> Option<String> {
    match event {
        Ok(Event::Unknown(_)) => Some("this version does not know the name".to_owned()),
        Ok(_) => None,
        Err(error) => Some(error.to_string()),
    }
}

/// An event, and all that is known of it.
pub(crate) struct Decoded<'a> {
    envelope: &'a Envelope,
    typed: Value,
    members: Vec<Member>,
    is_cut: bool,
    problem: Option<String>,
}

impl<'a> Decoded<'a> {
    /// The envelope is that of the body.
    pub(crate) fn new(envelope: &'a Envelope, body: &[u8]) -> Self {
        let (members, is_cut) = members::of(body);
        let typed = serde_json::to_value(envelope).unwrap_or_default();
        Self { envelope, typed, members, is_cut, problem: problem(&envelope.event()) }
    }

    /// Whether it has a type.
    pub(crate) fn is_known(&self) -> bool {
        self.problem.is_none()
    }

    /// For programs.
    pub(crate) fn object(&self) -> Value {
        let unknown: Vec<String> = self.unknown().map(Member::path).collect();
        json!({
            "known": self.is_known(),
            "reason": self.problem,
            "event": self.typed,
            "unknown_members": unknown,
        })
    }

    /// For people.
    pub(crate) fn print(&self, console: &mut Console) -> Result<(), Failure> {
        let name = Short(self.envelope.name());
        let event = self.envelope.event();
        match (&self.problem, &event) {
            (None, _) => console.line(format_args!("{GOOD}known{GOOD:#}    {name}"))?,
            (Some(why), Ok(_)) => {
                console.line(format_args!("{WARN}unknown{WARN:#}  {name}: {why}"))?
            }
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
        let unknown: Vec<&Member> = self.unknown().collect();
        let members = &self.members;
        let width = members.iter().map(|member| shown(member).chars().count()).max().unwrap_or(0);
        for member in members.iter().filter(|member| !unknown.contains(member)) {
            print(member, width, console)?;
        }
        if !unknown.is_empty() {
            console
                .line(format_args!("{STRONG}not known to this version, and ignored:{STRONG:#}"))?;
            for member in &unknown {
                print(member, width, console)?;
            }
        }
        if self.is_cut {
            console.line("...")?;
        }
        Ok(())
    }

    /// Of an event without a type, no field is known.
    fn unknown(&self) -> impl Iterator<Item = &Member> {
        let is_known = self.is_known();
        self.members.iter().filter(move |member| is_known && !member.is_in(&self.typed))
    }
}

fn print(member: &Member, width: usize, console: &mut Console) -> Result<(), Failure> {
    let (path, value) = (shown(member), member.value());
    // No value is cut short: this is what the person wants to see.
    console.line(format_args!("  {path:<width$}  {}", Escaped(&value)))
}

fn shown(member: &Member) -> String {
    Short(&member.path()).to_string()
}
