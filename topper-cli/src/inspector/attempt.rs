//! One attempt to send a delivery from the page.

use serde_json::{Value, json};
use topper_testkit::{Attempt, Received};

use super::{
    kept::{MOST_ANSWER, cut, short},
    row,
};
use crate::delivering::{self, millis, unreachable};

const TOO_LATE: &str = "Topper waits no longer. Reply as soon as the event is stored, and do slow work \
                        afterwards.";

/// As the routes answer it; the body of its answer is cut.
pub(super) fn attempt(attempt: &Attempt) -> Value {
    let received = &attempt.received;
    let answer = match received {
        Received::Answer(answer) => Some(answer),
        _ => None,
    };
    let body = answer.map(|answer| {
        let mut body = answer.body.clone();
        cut(&mut body, MOST_ANSWER);
        body
    });
    let advice = match received {
        Received::Unreachable(error) => Some(unreachable::advice(error)),
        Received::Timeout => Some(TOO_LATE.to_owned()),
        _ => None,
    };
    json!({
        "number": attempt.number,
        "at_ms": millis(attempt.at),
        "status": received.status(),
        "body": body,
        "content_type": answer.map(|answer| short(&answer.content_type)),
        "elapsed_ms": answer.map(|answer| millis(answer.elapsed)),
        "fate": row::fate(received.fate()),
        "text": delivering::answer(received),
        "cause": delivering::cause(received),
        "advice": advice,
    })
}
