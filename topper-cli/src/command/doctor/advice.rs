//! What to do about an answer to what should have been accepted.

use topper_core::protocol::{MAX_RETRIES, RETRY_WINDOW, TIMEOUT};
use topper_testkit::Received;

use crate::delivering::unreachable;

/// What most likely stands behind an answer to a valid event.
pub(super) fn on_refusal(received: &Received) -> String {
    let text = match received {
        Received::Timeout => {
            return format!(
                "Topper waits {} s, then counts the delivery as failed and sends it again, \
                 {MAX_RETRIES} times. Answer as soon as the event is stored, and do the slow work \
                 afterwards.",
                TIMEOUT.as_secs(),
            );
        }
        Received::Answer(answer) => match answer.status {
            401 | 403 => {
                "Either the endpoint has another public key than that of --key, or its source \
                 addresses are enforced, or one `catch` answers for the signature and for the work \
                 behind it: then a database outage is answered as a forgery, and loses events. \
                 Answer 503 to whatever fails after the signature holds."
            }
            404 | 405 => {
                "Is the path right, and does it take POST? While a route is missing, during a \
                 deployment say, every event is lost; a proxy should answer 503 then."
            }
            400 | 422 => {
                "The endpoint finds fault with a body that Topper signed. Answer 200 to what does \
                 not concern you, and 500 to what you cannot read: it comes again once you have \
                 deployed a fix."
            }
            411 => "The endpoint wants a Content-Length, which a proxy may take away.",
            413 => "Raise the body limit to 256 KiB.",
            415 => "Do not look at Content-Type: the signature is over the bytes.",
            300..=399 => {
                "Topper follows no redirect: give it the final URL, with the right scheme, host and \
                 slash at the end."
            }
            408 | 409 | 429 | 500..=599 => {
                return format!(
                    "Topper tries again {MAX_RETRIES} times in about {} hours, and then gives up. \
                     Look into the endpoint's log.",
                    RETRY_WINDOW.as_secs() / 3600,
                );
            }
            _ => "Answer 200.",
        },
        Received::Unreachable(error) => return on_failure(&unreachable::advice(error)),
        _ => "Answer 200.",
    };
    text.to_owned()
}

/// What to do about a failed connection, and what Topper does.
pub(super) fn on_failure(advice: &str) -> String {
    format!(
        "{advice} What Topper does about a connection that fails is not published; that it tries \
         again is a guess."
    )
}
