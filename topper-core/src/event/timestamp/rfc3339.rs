//! Times in RFC 3339 with any offset.

use std::time::{Duration, SystemTime};

/// `2026-03-02T09:18:41`.
const SECONDS_END: usize = 19;

pub(super) fn parse(text: &str) -> Option<SystemTime> {
    let (local, rest) = text.split_at_checked(SECONDS_END)?;
    let (nanoseconds, zone) = match rest.strip_prefix('.') {
        Some(rest) => fraction(rest)?,
        None => (0, rest),
    };
    // RFC 3339 also allows lower-case letters, and a space instead of the `T`.
    let (date, time) = (local.get(..10)?, local.get(11..)?);
    if !matches!(local.as_bytes().get(10), Some(b'T' | b't' | b' ')) {
        return None;
    }
    let local = humantime::parse_rfc3339(&format!("{date}T{time}Z")).ok()?;
    let local = local.checked_add(Duration::from_nanos(nanoseconds))?;
    match offset(zone)? {
        (b'+', offset) => local.checked_sub(offset),
        (_, offset) => local.checked_add(offset),
    }
}

/// The nanoseconds from the leading digits, and the rest of the text.
fn fraction(text: &str) -> Option<(u64, &str)> {
    let end = text.find(|character: char| !character.is_ascii_digit()).unwrap_or(text.len());
    let (digits, rest) = text.split_at_checked(end)?;
    let mut padded = digits.bytes().chain(std::iter::repeat(b'0'));
    let nanoseconds = (0..9)
        .try_fold(0_u64, |sum, _| Some(sum * 10 + u64::from(padded.next()?.checked_sub(b'0')?)))?;
    (!digits.is_empty()).then_some((nanoseconds, rest))
}

/// How far local time is ahead (`+`) of UTC, or behind it.
fn offset(zone: &str) -> Option<(u8, Duration)> {
    if zone == "Z" || zone == "z" {
        return Some((b'+', Duration::ZERO));
    }
    let &[sign @ (b'+' | b'-'), h1, h2, b':', m1, m2] = zone.as_bytes() else { return None };
    let digit = |byte: u8| byte.is_ascii_digit().then(|| u64::from(byte - b'0'));
    let (hours, minutes) = (digit(h1)? * 10 + digit(h2)?, digit(m1)? * 10 + digit(m2)?);
    let seconds = (hours * 60 + minutes) * 60;
    (hours < 24 && minutes < 60).then(|| (sign, Duration::from_secs(seconds)))
}

#[cfg(test)]
mod tests {
    use std::time::UNIX_EPOCH;

    use super::*;

    #[test]
    fn reads_a_time_with_any_offset_and_any_fraction() {
        let seconds = |count| UNIX_EPOCH + Duration::from_secs(count);
        let second = seconds(1_770_091_506);
        for (text, expected) in [
            ("2026-02-03T04:05:06Z", second),
            ("2026-02-03t04:05:06z", second),
            ("2026-02-03 04:05:06Z", second),
            ("2026-02-03T04:05:06+00:00", second),
            ("2026-02-03T04:05:06-00:00", second),
            ("2026-02-03T06:05:06+02:00", second),
            ("2026-02-02T22:35:06-05:30", second),
            ("2026-02-04T04:04:06+23:59", second),
            ("2026-02-03T04:05:06.5Z", second + Duration::from_millis(500)),
            ("2026-02-03T05:05:06.007+01:00", second + Duration::from_millis(7)),
            ("2026-02-03T04:05:06.1234567899999Z", second + Duration::from_nanos(123_456_789)),
            ("2024-02-29T00:00:00Z", seconds(1_709_164_800)),
            ("1970-01-01T00:30:00+01:00", UNIX_EPOCH - Duration::from_secs(1800)),
        ] {
            assert_eq!(parse(text), Some(expected), "{text}");
        }
    }

    #[test]
    fn takes_nothing_else_for_a_time() {
        for text in [
            "",
            "soon",
            "2026-02-03",
            "2026-02-03T04:05Z",
            "2026-02-03T04:05:06",
            "2026-02-03T04:05:06.007",
            "2026-02-03T04:05:06.Z",
            "2026-02-03T04:05:06,5Z",
            "2026-02-03T04:05:06+0200",
            "2026-02-03T04:05:06+02",
            "2026-02-03T04:05:06+24:00",
            "2026-02-03T04:05:06+02:60",
            "2026-02-03T04:05:06+2:00",
            "2026-02-03T04:05:06 +02:00",
            "2026-02-03T04:05:06Z ",
            "2026-02-30T04:05:06Z",
            "2025-02-29T04:05:06Z",
            "2026-02-03T24:05:06Z",
            "1969-12-31T23:59:59Z",
            "2026-02-03_04:05:06Z",
            "2026-02-0é04:05:06Zxxx",
            "2026-02-03T04:05:06é00:00",
            "١٩٧٠-01-01T00:00:00Z",
            "1770091506",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
