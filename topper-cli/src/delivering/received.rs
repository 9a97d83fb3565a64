//! What came back, for people and for programs.

use std::time::Duration;

use serde_json::{Value, json};
use topper_core::{
    internal::{Short, WithCauses},
    protocol,
};
use topper_testkit::Received;

/// In a few words.
pub(crate) fn answer(received: &Received) -> String {
    match received {
        Received::Answer(answer) => {
            let body = answer.body.trim();
            // A code of the SDK; a whole page would be too much.
            if body.len() <= 19 && !body.is_empty() {
                format!("{} {}", answer.status, Short(body))
            } else {
                answer.status.to_string()
            }
        }
        Received::Timeout => timeout(),
        Received::Unreachable(error) => error.to_string(),
        _ => String::new(),
    }
}

fn timeout() -> String {
    format!("no answer in {} s", protocol::TIMEOUT.as_secs())
}

/// Why there is no answer, as a code for programs that does not change.
pub(crate) fn cause(received: &Received) -> Option<&'static str> {
    match received {
        Received::Timeout => Some("timeout"),
        Received::Unreachable(error) => Some(error.kind().code()),
        _ => None,
    }
}

pub(crate) fn received(received: &Received) -> Value {
    match received {
        Received::Answer(answer) => json!({
            "status": answer.status,
            "body": answer.body,
            "content_type": answer.content_type,
            "elapsed_ms": millis(answer.elapsed),
        }),
        Received::Unreachable(error) => {
            json!({"cause": cause(received), "error": WithCauses(error).to_string()})
        }
        _ => json!({"cause": cause(received), "error": timeout()}),
    }
}

pub(super) fn elapsed(received: &Received) -> String {
    match received {
        Received::Answer(answer) => short(answer.elapsed),
        _ => String::new(),
    }
}

/// A time, to one decimal place where that matters.
pub(crate) fn short(time: Duration) -> String {
    match millis(time) {
        millis if millis < 10.0 => format!("{millis:.1} ms"),
        millis if millis < 1000.0 => format!("{millis:.0} ms"),
        millis => format!("{:.1} s", millis / 1000.0),
    }
}

pub(crate) fn millis(time: Duration) -> f64 {
    (time.as_secs_f64() * 1e6).round() / 1e3
}
