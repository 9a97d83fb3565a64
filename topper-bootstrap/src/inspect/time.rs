//! The rules of time and identity: `iat`, `exp`, `jti`, `sub`.

use std::time::{Duration, SystemTime};

use serde_json::{Map, Value};

use super::Finding;

/// Topper says that a token is valid for minutes, and not how many.
const OLD: Duration = Duration::from_secs(5 * 60);
/// How much two clocks may differ.
const SKEW: Duration = Duration::from_secs(60);
/// Seconds are more than this in the year 5138, and milliseconds since 1973.
const MILLISECONDS: u64 = 100_000_000_000;

pub(super) fn check(
    claims: &Map<String, Value>,
    now: Option<SystemTime>,
    findings: &mut Vec<Finding>,
) {
    let now = now.and_then(|now| now.duration_since(SystemTime::UNIX_EPOCH).ok());
    match claims.get("iat").and_then(Value::as_u64) {
        None => findings.push(Finding::IssuedAt),
        Some(MILLISECONDS..) => findings.push(Finding::Milliseconds),
        Some(issued_at) => {
            let issued_at = Duration::from_secs(issued_at);
            if let Some(now) = now {
                if now.saturating_sub(issued_at) > OLD {
                    findings.push(Finding::Old { seconds: (now - issued_at).as_secs() });
                } else if issued_at.saturating_sub(now) > SKEW {
                    findings.push(Finding::Future { seconds: (issued_at - now).as_secs() });
                }
            }
        }
    }
    // Topper does not document it, but a library may have added it.
    if let (Some(now), Some(expiry)) = (now, claims.get("exp").and_then(Value::as_u64))
        && now.as_secs() >= expiry
    {
        findings.push(Finding::Expired { seconds: now.as_secs() - expiry });
    }
    let is_there = |name: &str| {
        claims.get(name).and_then(Value::as_str).is_some_and(|text| !text.trim().is_empty())
    };
    if !is_there("jti") {
        findings.push(Finding::TokenId);
    }
    if !is_there("sub") {
        findings.push(Finding::WidgetId);
    }
}
