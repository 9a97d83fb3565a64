//! The replies. This is the only place with status numbers.

use std::fmt;

use crate::Error;

mod fate;

pub use fate::Fate;

/// A reply to a delivery: a status, and a stable code as the whole response body.
///
/// The status decides what Topper does. It retries only after a timeout of 4 s, `408`, `409`, `429` and
/// `5XX`, up to 10 times in about 3 hours. After every other status, the event is never redelivered.
/// [`is_retried`](Self::is_retried) says whether Topper retries.
///
/// A handler does not choose a reply: it returns an [`Outcome`](crate::Outcome) or an error. Each
/// [`Error`] has its own reply. [`Accepted`](Self::Accepted) is for receivers that store an event and
/// process it later.
///
/// # Examples
///
/// ```
/// use topper::Reply;
///
/// assert_eq!(Reply::Processed.status(), 200);
/// assert_eq!(Reply::Retry.code(), "retry");
/// assert!(Reply::Retry.is_retried());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Reply {
    /// The event was processed.
    Processed,
    /// The event was stored, and will be processed.
    Accepted,
    /// The event was processed or stored before.
    Duplicate,
    /// The event is of no interest here.
    Ignored,
    /// The same event is being processed at this moment.
    InProgress,
    /// The handler failed: the event could not be processed now.
    Retry,
    /// The handler panicked.
    Panicked,
    /// The request has no signature header.
    SignatureMissing,
    /// The signature header or its protected header is malformed.
    SignatureMalformed,
    /// The signature does not match the body.
    SignatureInvalid,
    /// The signature does not match, and a configured key has not matched any delivery yet.
    ///
    /// The configured key may be the wrong one, and then the event must not be lost.
    KeyUnproven,
    /// Sources are enforced, and the client's address is not on the list.
    SourceForbidden,
    /// Sources are enforced, and the client's address is unknown.
    SourceUnknown,
    /// The body is over the limit, default: 256 KiB.
    BodyTooLarge,
    /// The body was not complete in time, default: 2 s.
    BodyTimeout,
    /// The body ended before it was complete.
    BodyIncomplete,
    /// The signature matches, but the body is not an event's envelope.
    EventUnreadable,
    /// The adapter found no verifier.
    NotConfigured,
}

impl Reply {
    crate::__listed! {
        /// Every reply, in the order of the variants.
        Processed,
        Accepted,
        Duplicate,
        Ignored,
        InProgress,
        Retry,
        Panicked,
        SignatureMissing,
        SignatureMalformed,
        SignatureInvalid,
        KeyUnproven,
        SourceForbidden,
        SourceUnknown,
        BodyTooLarge,
        BodyTimeout,
        BodyIncomplete,
        EventUnreadable,
        NotConfigured,
    }

    /// The HTTP status and the code.
    const fn wire(self) -> (u16, &'static str) {
        match self {
            Self::Processed => (200, "processed"),
            Self::Accepted => (200, "accepted"),
            Self::Duplicate => (200, "duplicate"),
            Self::Ignored => (200, "ignored"),
            Self::InProgress => (409, "in_progress"),
            Self::Retry => (503, "retry"),
            Self::Panicked => (500, "panicked"),
            Self::SignatureMissing => (401, "signature_missing"),
            Self::SignatureMalformed => (401, "signature_malformed"),
            Self::SignatureInvalid => (401, "signature_invalid"),
            Self::KeyUnproven => (503, "key_unproven"),
            Self::SourceForbidden => (403, "source_forbidden"),
            Self::SourceUnknown => (503, "source_unknown"),
            Self::BodyTooLarge => (413, "body_too_large"),
            Self::BodyTimeout => (408, "body_timeout"),
            Self::BodyIncomplete => (400, "body_incomplete"),
            Self::EventUnreadable => (500, "event_unreadable"),
            Self::NotConfigured => (500, "not_configured"),
        }
    }

    /// The HTTP status to answer with.
    pub const fn status(self) -> u16 {
        self.wire().0
    }

    /// The stable code, which is the whole response body, and the outcome in logs.
    pub const fn code(self) -> &'static str {
        self.wire().1
    }

    /// Whether Topper retries after this reply.
    pub const fn is_retried(self) -> bool {
        matches!(Fate::of(self.status()), Fate::Retried)
    }
}

impl From<&Error> for Reply {
    fn from(error: &Error) -> Self {
        match error {
            Error::SourceForbidden => Self::SourceForbidden,
            Error::SourceUnknown => Self::SourceUnknown,
            Error::SignatureMissing => Self::SignatureMissing,
            Error::SignatureMalformed(_) => Self::SignatureMalformed,
            Error::SignatureInvalid => Self::SignatureInvalid,
            Error::KeyUnproven => Self::KeyUnproven,
            Error::BodyTooLarge { .. } => Self::BodyTooLarge,
            Error::BodyTimeout => Self::BodyTimeout,
            Error::BodyIncomplete => Self::BodyIncomplete,
            Error::EventUnreadable(_) => Self::EventUnreadable,
            Error::NotConfigured => Self::NotConfigured,
        }
    }
}

impl Error {
    /// The reply to the delivery.
    pub fn reply(&self) -> Reply {
        Reply::from(self)
    }
}

impl fmt::Display for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.code())
    }
}
