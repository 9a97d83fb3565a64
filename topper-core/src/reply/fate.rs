//! What Topper makes of a status.

/// What Topper does with an event after an answer.
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
    /// Topper is done with it.
    Delivered,
    /// Topper sends it again, up to 10 times in about 3 hours.
    Retried,
    /// It is never redelivered.
    Lost,
}

impl Fate {
    /// The fate after an answer with this HTTP status: `2XX` is delivered; `408`, `409`, `429` and
    /// `5XX` are sent again, as is what got no answer within 4 s; the rest is lost.
    pub const fn of(status: u16) -> Self {
        match status {
            200..=299 => Self::Delivered,
            408 | 409 | 429 | 500..=599 => Self::Retried,
            _ => Self::Lost,
        }
    }
}
