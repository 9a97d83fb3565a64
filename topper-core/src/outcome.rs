//! The result of a handler.

use std::fmt;

use crate::Reply;

/// The result of a handler that did not fail.
///
/// A handler that fails returns a [`Retry`](crate::Retry), into which `?` converts any error. No
/// outcome loses an event by accident: Topper stops sending it only after
/// [`Processed`](Self::Processed), [`Duplicate`](Self::Duplicate) or [`Ignored`](Self::Ignored).
///
/// # Examples
///
/// ```
/// use topper::{Outcome, Reply};
///
/// assert_eq!(Reply::from(Outcome::Processed).status(), 200);
/// assert!(Reply::from(Outcome::InProgress).is_retried());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Outcome {
    /// The event was processed.
    Processed,
    /// The event was processed before.
    Duplicate,
    /// The event is of no interest here.
    Ignored,
    /// The same event is being processed at this moment; Topper sends it again.
    InProgress,
}

impl Outcome {
    crate::__listed! {
        /// Every outcome, in the order of the variants.
        Processed, Duplicate, Ignored, InProgress
    }

    /// The stable code, the same as that of its [`Reply`].
    pub const fn code(self) -> &'static str {
        self.reply().code()
    }

    const fn reply(self) -> Reply {
        match self {
            Self::Processed => Reply::Processed,
            Self::Duplicate => Reply::Duplicate,
            Self::Ignored => Reply::Ignored,
            Self::InProgress => Reply::InProgress,
        }
    }
}

impl From<Outcome> for Reply {
    fn from(outcome: Outcome) -> Self {
        outcome.reply()
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.code())
    }
}
