//! What is printed: results on standard output, all else on standard error.

use std::{
    fmt,
    io::{self, IsTerminal as _, Write as _},
};

use anstream::AutoStream;
use anstyle::{AnsiColor, Style};
use serde_json::Value;

use crate::failure::Failure;

pub(crate) const GOOD: Style = AnsiColor::Green.on_default();
pub(crate) const BAD: Style = AnsiColor::Red.on_default().bold();
/// Between the two; yellow would vanish on a light ground.
pub(crate) const WARN: Style = AnsiColor::Magenta.on_default();
pub(crate) const STRONG: Style = Style::new().bold();
pub(crate) const FAINT: Style = Style::new().dimmed();

pub(crate) struct Console {
    out: AutoStream<io::Stdout>,
    pub(crate) json: bool,
    /// So many columns of progress stand on the terminal.
    progress: usize,
}

impl Console {
    pub(crate) fn new(json: bool) -> Self {
        Self { out: AutoStream::auto(io::stdout()), json, progress: 0 }
    }

    /// A line for people; nothing with `--json`.
    pub(crate) fn line(&mut self, line: impl fmt::Display) -> Result<(), Failure> {
        if !self.json {
            self.print(line)?;
        }
        Ok(())
    }

    /// A result for programs; nothing without `--json`.
    pub(crate) fn object(&mut self, object: &Value) -> Result<(), Failure> {
        if self.json {
            self.print(object)?;
        }
        Ok(())
    }

    /// A line in any case.
    pub(crate) fn print(&mut self, line: impl fmt::Display) -> Result<(), Failure> {
        self.clear_progress();
        // In one piece, so that none is cut in two.
        self.out.write_all(format!("{line}\n").as_bytes())?;
        self.out.flush()?;
        Ok(())
    }

    /// A message to the person, in addition to the results.
    pub(crate) fn note(&mut self, note: impl fmt::Display) {
        self.clear_progress();
        // If this fails, there is nowhere to report it.
        let _ = writeln!(anstream::stderr(), "{note}");
    }

    pub(crate) fn note_failure(&mut self, failure: &Failure) {
        self.note(format_args!("{BAD}error:{BAD:#} {failure}"));
    }

    /// Progress, on a terminal, in place of the one before.
    pub(crate) fn progress(&mut self, progress: impl fmt::Display) {
        if io::stderr().is_terminal() {
            self.clear_progress();
            let progress = progress.to_string();
            let _ = write!(anstream::stderr(), "{progress}");
            self.progress = progress.chars().count();
        }
    }

    /// With spaces: an escape sequence would be left out where colours are.
    pub(crate) fn clear_progress(&mut self) {
        match std::mem::take(&mut self.progress) {
            0 => {}
            columns => {
                let _ = write!(anstream::stderr(), "\r{:columns$}\r", "");
            }
        }
    }
}

/// The columns of the terminal; 80 when there is none.
pub(crate) fn width() -> usize {
    terminal_size::terminal_size().map_or(80, |(width, _)| usize::from(width.0)).max(40)
}

/// Text in lines of at most so many characters.
pub(crate) fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        if let Some(line) = lines.last_mut() {
            if line.is_empty() {
                line.push_str(word);
                continue;
            }
            if line.chars().count() + 1 + word.chars().count() <= width {
                line.push(' ');
                line.push_str(word);
                continue;
            }
        }
        lines.push(word.to_owned());
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wraps_at_words() {
        assert_eq!(wrap("one two  three", 7), ["one two", "three"]);
        assert_eq!(wrap("immeasurable a", 5), ["immeasurable", "a"]);
    }
}
