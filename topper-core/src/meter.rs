//! Recording metrics. Without the feature `metrics`, each of these functions is empty.

#[cfg(not(feature = "metrics"))]
mod off;
#[cfg(feature = "metrics")]
mod on;

#[cfg(not(feature = "metrics"))]
pub use off::*;
#[cfg(feature = "metrics")]
pub use on::*;

/// An operation of a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "this is for our own crates")]
pub enum Operation {
    /// `Store::claim`.
    Claim,
    /// `Store::renew` and `InboxStore::renew`.
    Renew,
    /// `Store::complete`.
    Complete,
    /// `Store::release`.
    Release,
    /// `InboxStore::accept`.
    Accept,
    /// `InboxStore::take`.
    Take,
    /// `InboxStore::is_due`.
    IsDue,
    /// `InboxStore::end`.
    End,
    /// `InboxStore::parked`.
    Parked,
    /// `InboxStore::unpark`.
    Unpark,
    /// `InboxStore::purge`.
    Purge,
    /// `InboxStore::stats`.
    Stats,
}

impl Operation {
    crate::__listed! {
        /// Every operation, in the order of the variants.
        Claim, Renew, Complete, Release, Accept, Take, IsDue, End, Parked, Unpark, Purge, Stats
    }

    /// The name of the operation's method.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Claim => "claim",
            Self::Renew => "renew",
            Self::Complete => "complete",
            Self::Release => "release",
            Self::Accept => "accept",
            Self::Take => "take",
            Self::IsDue => "is_due",
            Self::End => "end",
            Self::Parked => "parked",
            Self::Unpark => "unpark",
            Self::Purge => "purge",
            Self::Stats => "stats",
        }
    }

    /// Whether it concerns one event, so that the webhook is known.
    pub const fn is_about_one(self) -> bool {
        matches!(
            self,
            Self::Claim | Self::Renew | Self::Complete | Self::Release | Self::Accept | Self::End
        )
    }
}

/// The possible results of an attempt to process an event in an inbox.
pub const ATTEMPTS: &[&str] =
    &["processed", "duplicate", "ignored", "failed", "dead", "parked", "lost"];
