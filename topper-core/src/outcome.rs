//! What a handler made of an event.

use std::fmt;

use crate::Reply;

/// What a handler made of an event: all that it can say apart from failing.
///
/// A handler that fails returns a [`Retry`](crate::Retry) instead, which `?` makes of any error. None
/// of these loses an event by accident: [`Processed`](Self::Processed), [`Duplicate`](Self::Duplicate)
/// and [`Ignored`](Self::Ignored) end Topper's deliveries because the handler said so.
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
    /// The event had been processed before.
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

    /// The stable code, that of its [`Reply`].
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
