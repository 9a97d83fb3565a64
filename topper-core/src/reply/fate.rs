//! What Topper does after a status.

/// What Topper does with an event after a reply.
///
/// Source: "Timeouts and failures" in Topper's webhook documentation.
///
/// # Examples
///
/// ```
/// use topper::Fate;
///
/// assert_eq!(Fate::of(204), Fate::Delivered);
/// assert_eq!(Fate::of(503), Fate::Retried);
/// assert_eq!(Fate::of(401), Fate::Lost);
/// ```
#[expect(clippy::exhaustive_enums, reason = "there is no fourth fate")]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Fate {
    /// Topper is done with the event.
    Delivered,
    /// Topper retries, up to 10 times in about 3 hours.
    Retried,
    /// The event is never redelivered.
    Lost,
}

impl Fate {
    /// The fate after a reply with this HTTP status: delivered after `2XX`, retried after `408`, `409`,
    /// `429` and `5XX`, lost after any other. No reply within 4 s is retried too.
    pub const fn of(status: u16) -> Self {
        match status {
            200..=299 => Self::Delivered,
            408 | 409 | 429 | 500..=599 => Self::Retried,
            _ => Self::Lost,
        }
    }
}
