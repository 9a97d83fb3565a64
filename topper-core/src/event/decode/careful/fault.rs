//! What is wrong, and the way back to the data as a whole.

use std::fmt;

use serde::de::{self, Expected, Unexpected};

use crate::event::payload_error::{PayloadError, Problem};

/// A step on the way to a field.
#[derive(Debug)]
pub(in crate::event) enum Step {
    /// A name of our own list.
    Field(&'static str),
    Item(usize),
}

/// An error that learns its place while it travels outwards.
#[derive(Debug, thiserror::Error)]
#[error("{problem}")]
pub(in crate::event) struct Fault {
    problem: Problem,
    /// The innermost first.
    path: Vec<Step>,
}

impl Fault {
    pub(super) fn new(problem: Problem) -> Self {
        Self { problem, path: Vec::new() }
    }

    fn at(problem: Problem, field: &'static str) -> Self {
        Self { problem, path: vec![Step::Field(field)] }
    }

    /// The place one step further out; a field that is not known is no step.
    pub(super) fn within(mut self, step: Option<Step>) -> Self {
        self.path.extend(step);
        self
    }

    /// Says more, where nothing was known so far.
    pub(super) fn or(self, problem: Problem) -> Self {
        match self {
            Self { problem: Problem::Mismatch, path } if path.is_empty() => Self { problem, path },
            other => other,
        }
    }

    pub(super) fn into_payload_error(self) -> PayloadError {
        PayloadError::new(self.problem, &self.path)
    }
}

/// The messages are serde's, or those of types that are not ours, and can quote the data.
impl de::Error for Fault {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self::new(Problem::Mismatch)
    }

    fn invalid_type(_: Unexpected<'_>, _: &dyn Expected) -> Self {
        Self::new(Problem::Mismatch)
    }

    fn invalid_value(_: Unexpected<'_>, _: &dyn Expected) -> Self {
        Self::new(Problem::Mismatch)
    }

    fn missing_field(field: &'static str) -> Self {
        Self::at(Problem::Missing, field)
    }

    fn duplicate_field(field: &'static str) -> Self {
        Self::at(Problem::Duplicate, field)
    }
}
