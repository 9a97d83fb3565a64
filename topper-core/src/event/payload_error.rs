//! Why the data of an event cannot be read.

use std::fmt::Write as _;

use super::decode::Step;

/// The data of an event does not match its type.
///
/// The message says which field is wrong and how, such as `data.destination.amount is missing` or
/// `data.fees[0].amount is not a decimal number`. It shows no data: it contains only field names that
/// this version knows.
///
/// # Examples
///
/// ```
/// use topper::Envelope;
///
/// let json = br#"{"id":"42","name":"user:created","data":{"user":{"id":"u-1"}}}"#;
/// let error = Envelope::from_json(json)?.into_event().unwrap_err();
/// assert_eq!(error.field(), "data.user.createdAt");
/// assert_eq!(error.to_string(), "data.user.createdAt is missing");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field} {problem}")]
pub struct PayloadError {
    field: Box<str>,
    problem: Problem,
}

impl PayloadError {
    /// `path` leads from the field to `data`.
    pub(super) fn new(problem: Problem, path: &[Step]) -> Self {
        let mut field = "data".to_owned();
        for step in path.iter().rev() {
            // Writing to a `String` never fails.
            let _ = match step {
                Step::Field(name) => write!(field, ".{name}"),
                Step::Item(index) => write!(field, "[{index}]"),
            };
        }
        Self { field: field.into(), problem }
    }

    /// The path of the field that is missing or invalid, such as `data.origin.amount` or
    /// `data.fees[0].amount`; `data` for the data as a whole.
    ///
    /// It contains only names that this version knows, so it is safe to log. For an unknown event that
    /// was [decoded](super::UnknownEvent::decode) with your own type, it leads to your innermost
    /// struct.
    pub fn field(&self) -> &str {
        &self.field
    }
}

/// What is wrong, in words that follow the name of the field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Problem {
    #[error("is missing")]
    Missing,
    #[error("occurs twice")]
    Duplicate,
    #[error("is not a JSON object")]
    NotAnObject,
    #[error("is not a list")]
    NotAList,
    #[error("is not text")]
    NotText,
    #[error("is not Unicode text")]
    NotUnicode,
    #[error("is not a decimal number")]
    NotDecimal,
    #[error("is nested too deeply")]
    TooDeep,
    /// For types that are not part of this crate.
    #[error("does not match its type")]
    Mismatch,
}
