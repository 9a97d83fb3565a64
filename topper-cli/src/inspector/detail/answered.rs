//! The answer to a delivery.

use serde_json::{Value, json};
use topper_testkit::Received;

use crate::{
    delivering::{self, unreachable},
    inspector::kept::Kept,
};

const TIMEOUT: &str = "Topper waits no longer, and sends it again. Answer first, and work on the event \
                       afterwards.";
const SILENT: &str = "the listener was told not to answer in time";

pub(super) fn of(kept: &Kept) -> Value {
    let Some(answered) = &kept.answered else {
        return object(None, None, None, (None, None));
    };
    match &answered.received {
        Some(Received::Answer(answer)) => {
            let (body, content_type) = (&answer.body, &answer.content_type);
            object(answered.status, Some(body), Some(content_type), (None, None))
        }
        Some(received) => {
            let advice = match received {
                Received::Unreachable(error) => Some(unreachable::advice(error)),
                Received::Timeout => Some(TIMEOUT.to_owned()),
                _ => None,
            };
            let cause = Some(delivering::answer(received));
            object(answered.status, None, None, (cause, advice))
        }
        None if answered.status.is_none() => {
            object(None, None, None, (Some(SILENT.to_owned()), None))
        }
        // The listener's own.
        None => {
            let code = kept.facts.reply.code();
            object(answered.status, Some(code), Some("text/plain; charset=utf-8"), (None, None))
        }
    }
}

fn object(
    status: Option<u16>,
    body: Option<&str>,
    content_type: Option<&str>,
    (cause, advice): (Option<String>, Option<String>),
) -> Value {
    json!({
        "status": status,
        "body": body,
        "content_type": content_type,
        "cause": cause,
        "advice": advice,
    })
}
