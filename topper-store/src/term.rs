//! A term as the databases take it.

use std::time::Duration;

/// Whole milliseconds; a thousand years at most, so that no sum overflows.
pub(crate) fn milliseconds(term: Duration) -> i64 {
    i64::try_from(term.as_millis()).unwrap_or(i64::MAX).min(31_556_952_000_000)
}
