//! How a command ends.

use std::{fmt, io, path::Path, process::ExitCode};

/// What a command found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It holds.
    Yes,
    /// It does not.
    No,
    /// Ctrl-C.
    Interrupted,
}

impl Verdict {
    pub(crate) fn of(yes: bool) -> Self {
        if yes { Self::Yes } else { Self::No }
    }
}

impl From<Verdict> for ExitCode {
    fn from(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Yes => Self::SUCCESS,
            Verdict::No => Self::from(1),
            Verdict::Interrupted => Self::from(130),
        }
    }
}

/// Why a command found nothing.
#[derive(Debug)]
pub(crate) enum Failure {
    /// Something given cannot be used.
    Input(String),
    /// Nothing can be printed.
    Output(io::Error),
}

impl Failure {
    /// What is wrong with a file.
    pub(crate) fn file(path: &Path, problem: impl fmt::Display) -> Self {
        Self::Input(format!("{}: {problem}", path.display()))
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::Output(error)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Input(problem) => f.write_str(problem),
            Self::Output(error) => write!(f, "cannot print: {error}"),
        }
    }
}
