//! What to do about each finding: all texts in one place, so that they can be read one by one.

use topper_core::protocol::{MAX_RETRIES, RETRY_WINDOW, TIMEOUT};
use topper_testkit::{FaultKind, Received};

use crate::delivering::unreachable;

/// Constants, and a list of them for the test that collects all texts.
macro_rules! texts {
    ($($(#[$doc:meta])* $name:ident = $text:literal;)*) => {
        $($(#[$doc])* pub(super) const $name: &str = $text;)*
        #[cfg(test)]
        pub(super) const TEXTS: &[&str] = &[$($name),*];
    };
}

texts! {
    OTHER_KEY = "The endpoint has another public key than that of --key. Configure the public key \
        that `topper keygen --public` prints (with your key file as its argument, if you pass \
        --key). Nothing else was tested.";
    WRONG_PATH = "Check the path of the URL, and that the endpoint accepts POST on it. Nothing else \
        was tested, because a forgery would get the same reply. Note: while a route is missing, for \
        example during a deployment, every event is lost; let a proxy answer 503 then.";
    OLDER_SHAPE = "Treat every field that an older event does not have as optional.";
    UNKNOWN_EVENT = "Topper adds events without notice: answer 200 to events that you do not know.";
    UNKNOWN_FIELDS = "Accept fields that you do not know, and ignore them. Accept values that you do \
        not know, such as a new status.";
    RAW_BYTES = "Verify the raw bytes as received. The endpoint, or a proxy before it, parses the \
        JSON and verifies what it has serialised again. That works only as long as both write JSON \
        the same way; when they do not, an event is lost.";
    BASE64URL = "Encode the body with URL-safe base64 (RFC 7515, section 2) without padding, not \
        with the standard alphabet.";
    ONE_CATCH = "The endpoint treats it as a forgery. Probably one `catch` handles errors of the \
        signature and of the work that follows, so that an outage of the database loses events. \
        Answer 500 or 503 to everything that fails after the signature was verified.";
    SIGNED_BUT_REFUSED = "Topper signed it, so it may be a new kind of event. Answer 500: then \
        Topper retries it, and you have time to deploy a fix.";
    ANSWER_FIRST = "Under load this takes longer, and a reply that is too late counts as a failure. \
        Reply first, and do the work afterwards.";
    PROCESSED_TWICE = "Topper sends an event again if it did not get your reply, so this event is \
        processed twice. Store the `id` in the same transaction as the work, never before the work \
        is done, and answer 200 to an id that is already stored.";
    UNDECIDED = "The replies do not show whether the event was processed once. Reply to a repeated \
        event with another body than to the first one (such as `duplicate`), or pass --runs-url.";
    DONE_IS_200 = "Answer 200 to an id that is already processed: otherwise Topper reports the \
        delivery as failed.";
    IN_PROGRESS_IS_409 = "Answer 409 to an id that is being processed: then Topper retries it. With \
        this status the event is lost if the first attempt fails.";
    STALLED_IS_408 = "A slow or broken connection must not lose an event: answer 408.";
    INCOMPLETE_ACCEPTED = "The endpoint accepted an incomplete body. Compare its length with \
        Content-Length, and verify the signature.";
    CHECK_SIGNATURE = "The endpoint accepted a body without a valid signature. Verify the signature.";
    LIMIT_BODY = "A large forgery stops the endpoint. Limit the size of the body, for example to \
        256 KiB.";
    LIMIT_BODY_EARLY = "Limit the size of the body, for example to 256 KiB, and answer 413 before \
        you read all of it.";
}

/// The most likely cause of a reply to a valid event.
pub(super) fn on_refusal(received: &Received) -> String {
    match received {
        Received::Timeout => on_timeout(),
        Received::Answer(answer) => on_status(answer.status),
        Received::Unreachable(error) => on_failure(&unreachable::advice(error)),
        _ => on_status(0),
    }
}

fn on_timeout() -> String {
    format!(
        "Topper waits {} s, then counts the delivery as failed and retries it, up to {MAX_RETRIES} \
         times. Reply as soon as the event is stored, and do slow work afterwards.",
        TIMEOUT.as_secs(),
    )
}

fn on_status(status: u16) -> String {
    let text = match status {
        401 | 403 => {
            "There are three usual causes. The endpoint has another public key than that of --key. \
             Or it accepts only Topper's addresses. Or one `catch` handles errors of the signature \
             and of the work that follows, so that an outage of the database loses events: answer \
             503 to everything that fails after the signature was verified."
        }
        404 | 405 => WRONG_PATH,
        400 | 422 => {
            "The endpoint rejects a body that Topper signed. Answer 200 to events that do not \
             concern you, and 500 to those that you cannot read: then Topper retries them, and you \
             have time to deploy a fix."
        }
        411 => {
            "The endpoint requires the header Content-Length. A proxy may remove it: accept \
                bodies without it."
        }
        413 => "Raise the limit for the body to 256 KiB.",
        415 => "Do not check the header Content-Type: the signature covers the bytes of the body.",
        300..=399 => {
            "Topper follows no redirects. Configure the final URL in Topper, with the right scheme, \
             host and trailing slash."
        }
        408 | 409 | 429 | 500..=599 => {
            return format!(
                "Topper retries {MAX_RETRIES} times in about {} hours, and then gives up. See the \
                 log of the endpoint.",
                RETRY_WINDOW.as_secs() / 3600,
            );
        }
        _ => "Answer 200.",
    };
    text.to_owned()
}

/// What to do about a failed connection, and what Topper does.
pub(super) fn on_failure(advice: &str) -> String {
    format!(
        "{advice} Topper does not document what it does when a connection fails; it probably \
             retries the delivery."
    )
}

/// For an answer to a forgery that makes Topper, and anyone else, try again.
pub(super) fn on_retried_forgery() -> String {
    format!(
        "Answer 401 to a forgery. With a status that is retried, one mistake causes {} requests; a \
         5XX also means that an error is not handled.",
        1 + MAX_RETRIES,
    )
}

/// For an event that is processed, and whose repetition is answered with a status that is retried.
pub(super) fn on_retried_duplicate() -> String {
    format!(
        "The event is processed, but this reply makes Topper retry it, up to {MAX_RETRIES} times. \
         Answer 200 to an id that is already processed; 409 is for one that is being processed.",
    )
}

/// What a forgery that is accepted makes possible.
pub(super) fn on_forgery(kind: FaultKind) -> &'static str {
    match kind {
        FaultKind::Unsigned => {
            "Anyone can send events to this endpoint. Require the signature header, and never verify \
             with the algorithm that the token names."
        }
        FaultKind::ChangedBody => {
            "The signature is not checked against the body: anyone who has seen one delivery can \
             send any event. Verify the signature over the raw body."
        }
        FaultKind::RewrittenBody => {
            "The endpoint accepts other bytes than those that were signed: it parses the body and \
             serialises it again before it verifies the signature. Verify the raw bytes, or an event \
             that is written in another way is lost."
        }
        FaultKind::OtherKey => {
            "The endpoint takes the key from the token (`jwk`, `jku`, `x5u`, `x5c` or `kid`), so \
             anyone can sign. Use only the configured key."
        }
        FaultKind::Hmac => {
            "The endpoint uses the public key as a shared secret, so anyone can sign. Accept only \
             ES256, whatever algorithm the token names."
        }
        FaultKind::BrokenSignature => "The signature is not checked. Verify it.",
        FaultKind::OddToken => {
            "These tokens are signed with the right key, so no forgery gets in. But Topper sends no \
             such tokens, and accepting them can become a security hole. Accept only \
             `header..signature` in URL-safe base64, and refuse `crit`, `b64` and any other `alg`."
        }
    }
}

/// All texts, for the test that collects them.
#[cfg(test)]
pub(crate) fn all() -> Vec<(String, String)> {
    let statuses = [301, 400, 401, 403, 404, 405, 408, 409, 411, 413, 415, 418, 422, 429, 500, 503];
    let of_statuses =
        statuses.map(|status| (format!("a valid event gets {status}"), on_status(status)));
    let of_forgeries = FaultKind::ALL
        .iter()
        .map(|&kind| (super::forgery::check(kind).to_owned(), on_forgery(kind).to_owned()));
    let others = TEXTS.iter().map(|text| (String::new(), (*text).to_owned()));
    of_statuses
        .into_iter()
        .chain([("a valid event gets no reply in time".to_owned(), on_timeout())])
        .chain([("the connection fails".to_owned(), on_failure("(See above.)"))])
        .chain(of_forgeries)
        .chain([("a forgery is retried".to_owned(), on_retried_forgery())])
        .chain([("a repeated event is retried".to_owned(), on_retried_duplicate())])
        .chain(others)
        .collect()
}
