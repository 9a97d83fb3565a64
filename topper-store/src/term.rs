//! Times and terms as the databases take and give them, in milliseconds.

use std::time::Duration;
#[cfg(any(feature = "sqlite", feature = "postgres"))]
use std::time::{SystemTime, UNIX_EPOCH};

/// Whole milliseconds; a thousand years at most, so that no sum overflows.
pub(crate) fn milliseconds(term: Duration) -> i64 {
    i64::try_from(term.as_millis()).unwrap_or(i64::MAX).min(31_556_952_000_000)
}

/// From milliseconds since 1970; what is before that, or too far off, is 1970.
#[cfg(any(feature = "sqlite", feature = "postgres"))]
pub(crate) fn time(milliseconds: i64) -> SystemTime {
    let since = Duration::from_millis(u64::try_from(milliseconds).unwrap_or_default());
    UNIX_EPOCH.checked_add(since).unwrap_or(UNIX_EPOCH)
}
