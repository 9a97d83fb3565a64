//! What a store answers to a claim.

use std::time::Duration;

/// What a store answers to a claim.
///
/// No variant will be added: your own store answers with one of these three.
#[expect(
    clippy::exhaustive_enums,
    reason = "a store must be able to give every answer, and who asks to know them all"
)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Claim {
    /// The caller has the lease on the event.
    New(Seen),
    /// Another lease on the event is valid.
    InProgress,
    /// The event is done.
    Done,
}

impl Claim {
    /// Whether the caller has the lease on the event.
    pub const fn is_new(self) -> bool {
        matches!(self, Self::New(_))
    }
}

/// What a store remembers of an event that is not done: the number of attempts, and when the first
/// was.
#[expect(clippy::exhaustive_structs, reason = "stores make it")]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Seen {
    /// The number of attempts, including this one.
    pub attempts: u32,
    /// How long ago the first attempt was, by the store's clock.
    pub since: Duration,
}

impl Seen {
    /// The first attempt, now. A store that does not count always answers this.
    pub const fn first() -> Self {
        Self { attempts: 1, since: Duration::ZERO }
    }
}

#[cfg(any(feature = "sqlite", feature = "postgres", feature = "redis"))]
impl Seen {
    /// From numbers that a database gives. A clock that was set back is no reason to fail.
    pub(crate) fn of(attempts: i64, since_milliseconds: i64) -> Self {
        Self {
            attempts: u32::try_from(attempts.max(1)).unwrap_or(u32::MAX),
            since: Duration::from_millis(u64::try_from(since_milliseconds).unwrap_or_default()),
        }
    }
}
