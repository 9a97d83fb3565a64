//! Commands and what they print, as in a terminal.

use crate::{
    Home,
    program::{TOPPER, finish},
};

/// Commands that are run one after another in a folder.
pub(super) struct Session {
    pub(super) home: Home,
    text: String,
    /// What differs from run to run, and what is written in its place.
    replaced: Vec<(String, String)>,
}

/// What goes into a command, aside from its arguments.
#[derive(Clone, Copy, Default)]
pub(super) struct Given<'a> {
    pub(super) variables: &'a [(&'a str, &'a str)],
    pub(super) stdin: &'a [u8],
    /// Show only the first line of the result: the rest is different each time.
    pub(super) first_line: bool,
}

impl Session {
    pub(super) fn new(home: Home) -> Self {
        let folder = home.path("").display().to_string();
        let replaced = vec![(folder, "~/".to_owned())];
        Self { home, text: String::new(), replaced }
    }

    pub(super) fn replace(&mut self, text: impl Into<String>, with: &str) {
        self.replaced.push((text.into(), with.to_owned()));
    }

    /// Begins a section.
    pub(super) fn section(&mut self, title: &str, about: &str) {
        let line = "=".repeat(80);
        self.text.push_str(&format!("\n{line}\n{title}\n{line}\n"));
        if !about.is_empty() {
            self.text.push_str(&format!("{about}\n"));
        }
    }

    /// Runs a command that has something to say.
    pub(super) async fn run(&mut self, arguments: &[&str]) {
        self.run_with(arguments, Given::default()).await;
    }

    /// The same; what is special about it is said in a comment.
    pub(super) async fn run_noted(&mut self, note: &str, arguments: &[&str], given: Given<'_>) {
        self.text.push_str(&format!("\n# {note}"));
        self.run_with(arguments, given).await;
    }

    pub(super) async fn run_with(&mut self, arguments: &[&str], given: Given<'_>) {
        let mut command = self.home.command(TOPPER);
        command.args(arguments).env("COLUMNS", "80").envs(given.variables.iter().copied());
        let output = finish(command.spawn().unwrap(), given.stdin).await;
        let variables = given.variables.iter().map(|(name, value)| format!("{name}={value}"));
        let quoted = arguments.iter().map(|argument| quoted(argument));
        let line: Vec<String> = variables.chain(["topper".to_owned()]).chain(quoted).collect();
        let code = output.code.unwrap();
        let result = match output.stdout.lines().next() {
            Some(line) if given.first_line => format!("{line}\n..."),
            _ => output.stdout,
        };
        let printed = format!("{}{result}", output.stderr);
        assert!(!printed.trim().is_empty(), "{line:?}");
        let mut text =
            format!("\n$ {}\n{}\n[exit code {code}]\n", line.join(" "), printed.trim_end());
        for (what, with) in &self.replaced {
            text = text.replace(what, with);
        }
        self.text.push_str(&text);
    }

    pub(super) fn end(self) -> String {
        self.text.lines().map(str::trim_end).collect::<Vec<_>>().join("\n") + "\n"
    }
}

fn quoted(argument: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=@,+%".contains(c);
    if !argument.is_empty() && argument.chars().all(is_plain) {
        argument.to_owned()
    } else {
        format!("'{argument}'")
    }
}
