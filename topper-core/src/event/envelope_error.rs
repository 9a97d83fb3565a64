//! Why an envelope cannot be read.

/// The body is not an event's envelope.
///
/// The message says what is wrong and where, by line and column. Neither the message nor `Debug` shows
/// content of the body.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{problem} at line {line} column {column}")]
pub struct EnvelopeError {
    problem: Problem,
    line: usize,
    column: usize,
}

impl EnvelopeError {
    pub(in crate::event) fn is_syntax(self) -> bool {
        self.problem == Problem::Syntax
    }

    pub(in crate::event) const fn new(problem: Problem, line: usize, column: usize) -> Self {
        Self { problem, line, column }
    }

    /// `valid` is the number of bytes before the first byte that is not UTF-8.
    pub(in crate::event) fn not_utf8(json: &[u8], valid: usize) -> Self {
        let before = json.get(..valid).unwrap_or_default();
        let last_line = before.rsplit(|&byte| byte == b'\n').next().unwrap_or_default();
        let line = 1 + before.iter().filter(|&&byte| byte == b'\n').count();
        Self::new(Problem::NotUtf8, line, 1 + last_line.len())
    }

    /// The field that is missing or invalid; `body` for the body as a whole.
    pub(crate) const fn field(self) -> &'static str {
        match self.problem {
            Problem::NotUtf8 | Problem::NotAnObject | Problem::Syntax => "body",
            Problem::Missing(field) | Problem::Invalid(field) | Problem::Duplicate(field) => field,
            Problem::IdLength => "id",
        }
    }

    /// The line of the body, from 1.
    pub const fn line(&self) -> usize {
        self.line
    }

    /// The column in bytes. If a field is missing, it is the column of the end.
    pub const fn column(&self) -> usize {
        self.column
    }
}

/// Field names come from our own list, never from the body.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(in crate::event) enum Problem {
    #[error("body is not UTF-8")]
    NotUtf8,
    #[error("body is not a JSON object")]
    NotAnObject,
    #[error("body is not well-formed JSON")]
    Syntax,
    #[error("field `{0}` is missing")]
    Missing(&'static str),
    #[error("field `{0}` is not text, or is empty")]
    Invalid(&'static str),
    #[error("field `{0}` occurs twice")]
    Duplicate(&'static str),
    #[error("field `id` is not 1 to 255 bytes long")]
    IdLength,
}
