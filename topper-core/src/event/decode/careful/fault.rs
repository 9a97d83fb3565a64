//! What is wrong with the data, and where.

use std::fmt;

use serde::de::{self, Expected, Unexpected};

use crate::event::payload_error::{PayloadError, Problem};

/// A step on the path to a field.
#[derive(Debug)]
pub(in crate::event) enum Step {
    /// A field name that we know.
    Field(&'static str),
    Item(usize),
}

/// An error whose path grows while it is passed outwards.
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

    /// Adds the next outer step. A field that we do not know is left out.
    pub(super) fn within(mut self, step: Option<Step>) -> Self {
        self.path.extend(step);
        self
    }

    /// Sets the problem, if it was unknown so far.
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

/// The messages come from serde or from users' types, and can quote the data.
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
