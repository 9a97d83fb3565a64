//! How a command ends.

use std::{fmt, io, path::Path, process::ExitCode};

/// The result of a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Success.
    Yes,
    /// The command ran, and the result is negative.
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

/// Why a command could not run.
#[derive(Debug)]
pub(crate) enum Failure {
    /// Something that was given cannot be used.
    Input(String),
    /// Nothing can be printed.
    Output(io::Error),
}

impl Failure {
    /// A problem with a file.
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
