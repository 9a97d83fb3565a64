//! Why the data of an event cannot be read.

use serde_json::error::Category;

/// The data of an event does not match its type.
///
/// The message says what is wrong and where in the data, and shows nothing of it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("cannot read the data: {problem} at line {line} column {column}")]
pub struct PayloadError {
    problem: Problem,
    line: usize,
    column: usize,
}

impl PayloadError {
    pub(super) const NOT_AN_OBJECT: Self =
        Self { problem: Problem::NotAnObject, line: 1, column: 1 };

    pub(super) fn from_json(error: &serde_json::Error) -> Self {
        let problem = match error.classify() {
            Category::Data => Problem::Field,
            Category::Io | Category::Syntax | Category::Eof => Problem::Syntax,
        };
        Self { problem, line: error.line(), column: error.column() }
    }

    /// The line of the data, from 1 where the data begins.
    pub const fn line(&self) -> usize {
        self.line
    }

    /// The column in bytes; that of the end of an object in which a field is missing.
    pub const fn column(&self) -> usize {
        self.column
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
enum Problem {
    #[error("it is not a JSON object")]
    NotAnObject,
    #[error("a field is missing or invalid")]
    Field,
    /// The text is well-formed as such, but a string may hold half a surrogate pair.
    #[error("text is not Unicode, or it is nested too deeply")]
    Syntax,
}
