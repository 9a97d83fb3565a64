//! A decoded event, as `event` and `inbox show` print it.

use serde_json::{Value, json};
use topper_core::{
    Envelope, Event, PayloadError,
    internal::{Escaped, Short},
};

use crate::{
    console::{BAD, Console, FAINT, GOOD, STRONG, WARN},
    failure::Failure,
};

mod fields;

use fields::Field;

/// Why an event has no type; `None` if it has one.
pub(crate) fn problem(event: &Result<&Event, PayloadError>) -> Option<String> {
    match event {
        Ok(Event::Unknown(_)) => Some("this version of the SDK does not know this name".to_owned()),
        Ok(_) => None,
        Err(error) => Some(error.to_string()),
    }
}

/// An event, and everything that is known about it.
pub(crate) struct Decoded<'a> {
    envelope: &'a Envelope,
    typed: Value,
    /// Each with whether it is known; of an event without a type, none is unknown.
    fields: Vec<(Field, bool)>,
    is_cut: bool,
    problem: Option<String>,
}

impl<'a> Decoded<'a> {
    /// The envelope is that of the body.
    pub(crate) fn new(envelope: &'a Envelope, body: &[u8]) -> Self {
        let (fields, is_cut) = fields::of(body);
        let typed = serde_json::to_value(envelope).unwrap_or_default();
        let mut problem = problem(&envelope.event());
        // Any event of Topper has it, so this is probably not one.
        if let (Ok(Event::Unknown(_)), Some(problem)) = (envelope.event(), &mut problem)
            && !fields.iter().any(|field| field.is_of("data"))
        {
            problem.push_str(", and the field `data` is missing");
        }
        let is_known = |field: &Field| problem.is_some() || field.is_in(&typed);
        let fields = fields.into_iter().map(|field| (is_known(&field), field));
        let fields = fields.map(|(is_known, field)| (field, is_known)).collect();
        Self { envelope, typed, fields, is_cut, problem }
    }

    /// Whether it has a type.
    pub(crate) fn is_known(&self) -> bool {
        self.problem.is_none()
    }

    /// Why it has no type.
    pub(crate) fn problem(&self) -> Option<&str> {
        self.problem.as_deref()
    }

    /// Path, value, and whether it is known, in the order of the text; values are those of
    /// [`value`](Field::value).
    pub(crate) fn fields(&self) -> impl Iterator<Item = (String, String, bool)> {
        self.fields.iter().map(|(field, is_known)| (field.path(), field.value(), *is_known))
    }

    /// Whether there are more fields.
    pub(crate) fn is_cut(&self) -> bool {
        self.is_cut
    }

    /// For programs.
    pub(crate) fn object(&self) -> Value {
        let unknown: Vec<String> = self.unknown().map(Field::path).collect();
        json!({
            "known": self.is_known(),
            "reason": self.problem,
            "event": self.typed,
            "unknown_fields": unknown,
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
        let paths = self.fields.iter().map(|(field, _)| shown(field).chars().count());
        let width = paths.max().unwrap_or(0);
        for (field, _) in self.fields.iter().filter(|(_, is_known)| *is_known) {
            print(field, width, console)?;
        }
        if self.unknown().next().is_some() {
            console.line(format_args!(
                "{STRONG}unknown to this version of the SDK, and ignored:{STRONG:#}"
            ))?;
            for field in self.unknown() {
                print(field, width, console)?;
            }
        }
        if self.is_cut {
            console.line("...")?;
        }
        Ok(())
    }

    fn unknown(&self) -> impl Iterator<Item = &Field> {
        self.fields.iter().filter(|(_, is_known)| !is_known).map(|(field, _)| field)
    }
}

fn print(field: &Field, width: usize, console: &mut Console) -> Result<(), Failure> {
    let (path, value) = (shown(field), field.value());
    // Values are never cut short: the person wants to see them.
    console.line(format_args!("  {path:<width$}  {}", Escaped(&value)))
}

fn shown(field: &Field) -> String {
    Short(&field.path()).to_string()
}
