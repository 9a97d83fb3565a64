//! A stored event, for people and for programs.

use std::{
    fmt::Write as _,
    time::{Duration, SystemTime},
};

use anstyle::Style;
use serde_json::{Value, json};
use topper_core::internal::Escaped;
use topper_store::inbox::{EventState, StoredEvent};

use crate::console::{BAD, FAINT, GOOD, WARN};

/// Everything but its content.
pub(crate) fn object(stored: &StoredEvent) -> Value {
    json!({
        "label": stored.key.label(),
        "id": stored.key.id(),
        "name": stored.name,
        "order_id": stored.order_id,
        "state": stored.state.as_str(),
        "received_at": rfc3339(stored.received_at),
        "due_at": stored.due_at.map(rfc3339),
        "attempts": stored.attempts,
        "last_error": stored.last_error,
        "failed_at": stored.failed_at.map(rfc3339),
        "done_at": stored.done_at.map(rfc3339),
    })
}

pub(crate) fn style(state: EventState) -> Style {
    match state {
        EventState::Done => GOOD,
        EventState::Dead => BAD,
        EventState::Parked => WARN,
        EventState::Buried => FAINT,
        _ => Style::new(),
    }
}

/// What happens next, and the last error.
pub(crate) fn note(stored: &StoredEvent) -> Option<String> {
    let next = next(stored);
    let error = match stored.state {
        EventState::Done | EventState::Buried => None,
        _ => stored.last_error.as_deref(),
    };
    match (next, error) {
        (Some(next), Some(error)) => Some(format!("{next}: {}", Escaped(error))),
        (Some(next), None) => Some(next),
        (None, error) => error.map(|error| Escaped(error).to_string()),
    }
}

/// When the next attempt is, or until when the lease lasts.
pub(crate) fn next(stored: &StoredEvent) -> Option<String> {
    let time = stored.due_at?.duration_since(SystemTime::now()).ok();
    match (stored.state, time) {
        (EventState::Pending, Some(time)) => Some(format!("next attempt in {}", short(time))),
        (EventState::Pending, None) => Some("due".to_owned()),
        (EventState::InWork, Some(time)) => Some(format!("lease ends in {}", short(time))),
        _ => None,
    }
}

/// For programs.
pub(crate) fn rfc3339(time: SystemTime) -> String {
    let mut text = String::new();
    // Fails for years that RFC 3339 does not have.
    match write!(text, "{}", humantime::format_rfc3339_millis(time)) {
        Ok(()) => text,
        Err(_) => "?".to_owned(),
    }
}

/// For people: to the second, UTC.
pub(crate) fn at(time: SystemTime) -> String {
    let text = rfc3339(time);
    text.get(..19).unwrap_or(&text).replace('T', " ")
}

/// For people: `2h 5m ago`.
pub(crate) fn ago(time: SystemTime) -> String {
    match SystemTime::now().duration_since(time) {
        Ok(time) => format!("{} ago", short(time)),
        Err(ahead) => format!("in {}", short(ahead.duration())),
    }
}

/// A time in its two greatest units.
pub(crate) fn short(time: Duration) -> String {
    const UNITS: [(u64, &str); 4] = [(86400, "d"), (3600, "h"), (60, "m"), (1, "s")];
    let mut rest = time.as_secs();
    let mut parts = Vec::new();
    for (seconds, unit) in UNITS {
        let count = rest / seconds;
        rest %= seconds;
        if count > 0 || !parts.is_empty() || seconds == 1 {
            parts.push((count, unit));
        }
    }
    let shown = parts.iter().take(2).filter(|(count, unit)| *count > 0 || *unit == "s");
    let shown: Vec<String> = shown.map(|(count, unit)| format!("{count}{unit}")).collect();
    shown.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_times_in_two_units() {
        for (seconds, expected) in [
            (0, "0s"),
            (59, "59s"),
            (60, "1m 0s"),
            (3600, "1h"),
            (3661, "1h 1m"),
            (90_000, "1d 1h"),
            (86_400 * 30, "30d"),
        ] {
            assert_eq!(short(Duration::from_secs(seconds)), expected);
        }
    }

    #[test]
    fn writes_times_that_no_clock_shows() {
        let far = SystemTime::UNIX_EPOCH + Duration::from_secs(1 << 40);
        assert_eq!((at(far), rfc3339(far)), ("?".to_owned(), "?".to_owned()));
        assert_eq!(at(SystemTime::UNIX_EPOCH), "1970-01-01 00:00:00");
    }
}
