//! What one check found.

use serde_json::{Value, json};
use topper_core::Fate;
use topper_testkit::Received;

use crate::{
    console::{self, BAD, Console, FAINT, GOOD, STRONG, WARN},
    delivering,
    failure::Failure,
};

/// How a check came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Grade {
    Passed,
    /// Not as it should be, but it loses no event and lets no forgery in; or it is unknown.
    Warning,
    Failed,
    /// Not tested.
    Skipped,
}

impl Grade {
    /// For programs.
    fn code(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Warning => "warning",
            Self::Failed => "failed",
            Self::Skipped => "skipped",
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Passed => "ok",
            Self::Warning => "look",
            Self::Failed => "FAIL",
            Self::Skipped => "-",
        }
    }

    fn style(self) -> anstyle::Style {
        match self {
            Self::Passed => GOOD,
            Self::Warning => WARN,
            Self::Failed => BAD,
            Self::Skipped => FAINT,
        }
    }
}

/// What was sent, what came back, and what to do.
#[derive(Clone, Debug)]
pub(crate) struct Finding {
    pub(super) grade: Grade,
    check: String,
    sent: String,
    came_back: String,
    /// Why there was no answer, as a code.
    cause: Option<&'static str>,
    advice: String,
}

/// The column where what came back begins.
const CHECK_WIDTH: usize = 34;
/// Its width, if what was sent is shown next to it.
const ANSWER_WIDTH: usize = 36;

impl Finding {
    pub(super) fn new(grade: Grade, check: &str) -> Self {
        Self {
            grade,
            check: check.to_owned(),
            sent: String::new(),
            came_back: String::new(),
            cause: None,
            advice: String::new(),
        }
    }

    pub(super) fn sent(mut self, sent: impl Into<String>) -> Self {
        self.sent = sent.into();
        self
    }

    pub(super) fn came_back(mut self, came_back: impl Into<String>) -> Self {
        self.came_back = came_back.into();
        self
    }

    /// What came back, with what Topper does about it.
    pub(super) fn received(self, received: &Received) -> Self {
        self.came_back(told(received)).cause(delivering::cause(received))
    }

    pub(super) fn cause(mut self, cause: Option<&'static str>) -> Self {
        self.cause = cause;
        self
    }

    pub(super) fn advice(mut self, advice: impl Into<String>) -> Self {
        self.advice = advice.into();
        self
    }

    /// For programs.
    pub(crate) fn object(&self) -> Value {
        json!({
            "check": self.check,
            "grade": self.grade.code(),
            "sent": self.sent,
            "came_back": self.came_back,
            "cause": self.cause,
            "advice": self.advice,
        })
    }

    /// For people, or for programs with `--json`.
    pub(crate) fn show(&self, console: &mut Console) -> Result<(), Failure> {
        if console.json {
            return console.object(&self.object());
        }
        let (style, word) = (self.grade.style(), self.grade.word());
        let Self { check, sent, came_back, advice, .. } = self;
        match self.grade {
            Grade::Passed => {
                let space = console::width().saturating_sub(CHECK_WIDTH + ANSWER_WIDTH + 8);
                // Only where there is enough room.
                let sent = if space < 30 { String::new() } else { cut(sent, space) };
                let came_back = format!("{came_back:<ANSWER_WIDTH$} {sent}");
                let came_back = came_back.trim_end();
                console.line(format_args!(
                    "{style}{word:<5}{style:#} {check:<CHECK_WIDTH$} {FAINT}{came_back}{FAINT:#}"
                ))
            }
            Grade::Skipped => {
                console.line(format_args!("{style}{word:<5} {check}: not tested{style:#}"))
            }
            Grade::Warning | Grade::Failed => {
                console
                    .line(format_args!("{style}{word:<5}{style:#} {STRONG}{check}{STRONG:#}"))?;
                for (label, text) in [("sent", sent), ("got", came_back), ("do", advice)] {
                    self.detail(label, text, console)?;
                }
                Ok(())
            }
        }
    }

    fn detail(&self, label: &str, text: &str, console: &mut Console) -> Result<(), Failure> {
        if text.is_empty() {
            return Ok(());
        }
        // Lines much longer are hard to read.
        let width = console::width().min(110).saturating_sub(11);
        for (index, line) in console::wrap(text, width).iter().enumerate() {
            let label = if index == 0 { label } else { "" };
            console.line(format_args!("      {FAINT}{label:<4}{FAINT:#} {line}"))?;
        }
        Ok(())
    }
}

fn cut(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    text.chars().take(most.saturating_sub(1)).chain(['…']).collect()
}

/// What came back; if it is not an acceptance, with what Topper does about it.
pub(super) fn told(received: &Received) -> String {
    let answer = delivering::answer(received);
    match received.fate() {
        Fate::Delivered => match received {
            Received::Answer(it) => format!("{answer}, {}", delivering::short(it.elapsed)),
            _ => answer,
        },
        // What Topper does about a connection that fails is not documented.
        Fate::Retried if matches!(received, Received::Unreachable(_)) => answer,
        Fate::Retried => format!("{answer}: Topper retries"),
        Fate::Lost => format!("{answer}: lost, Topper does not retry"),
    }
}
