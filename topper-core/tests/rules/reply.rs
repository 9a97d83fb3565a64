//! The status table.

use topper_core::{Fate, Outcome, Reply, Retry};

/// Status, code, and whether Topper tries again.
const TABLE: [(Reply, u16, &str, bool); 18] = [
    (Reply::Processed, 200, "processed", false),
    (Reply::Accepted, 200, "accepted", false),
    (Reply::Duplicate, 200, "duplicate", false),
    (Reply::Ignored, 200, "ignored", false),
    (Reply::InProgress, 409, "in_progress", true),
    (Reply::Retry, 503, "retry", true),
    (Reply::Panicked, 500, "panicked", true),
    (Reply::SignatureMissing, 401, "signature_missing", false),
    (Reply::SignatureMalformed, 401, "signature_malformed", false),
    (Reply::SignatureInvalid, 401, "signature_invalid", false),
    (Reply::KeyUnproven, 503, "key_unproven", true),
    (Reply::SourceForbidden, 403, "source_forbidden", false),
    (Reply::SourceUnknown, 503, "source_unknown", true),
    (Reply::BodyTooLarge, 413, "body_too_large", false),
    (Reply::BodyTimeout, 408, "body_timeout", true),
    (Reply::BodyIncomplete, 400, "body_incomplete", false),
    (Reply::EventUnreadable, 500, "event_unreadable", true),
    (Reply::NotConfigured, 500, "not_configured", true),
];

#[test]
fn answers_by_the_table() {
    for (reply, status, code, is_retried) in TABLE {
        assert_eq!(
            (reply.status(), reply.code(), reply.is_retried()),
            (status, code, is_retried),
            "{reply:?}"
        );
    }
}

#[test]
fn tries_again_on_exactly_what_topper_does() {
    let retried = [408, 409, 429, 500, 501, 503, 599];
    let lost = [0, 100, 199, 300, 301, 307, 400, 401, 404, 407, 410, 411, 413, 415, 422, 428, 430];
    for (fate, statuses) in [
        (Fate::Delivered, &[200, 201, 202, 204, 299][..]),
        (Fate::Retried, &retried),
        (Fate::Lost, &lost),
        (Fate::Lost, &[499, 600, 999]),
    ] {
        for &status in statuses {
            assert_eq!(Fate::of(status), fate, "{status}");
        }
    }
}

#[test]
fn lists_every_reply_once() {
    assert_eq!(Reply::ALL.to_vec(), TABLE.map(|(reply, ..)| reply).to_vec());
}

#[test]
fn never_answers_411_or_415() {
    assert!(Reply::ALL.iter().all(|reply| ![411, 415].contains(&reply.status())));
}

#[test]
fn lets_an_outcome_say_no_more_than_a_handler_can_know() {
    let replies: Vec<Reply> = Outcome::ALL.iter().map(|&outcome| outcome.into()).collect();
    assert_eq!(replies, [Reply::Processed, Reply::Duplicate, Reply::Ignored, Reply::InProgress]);
    for (outcome, reply) in Outcome::ALL.iter().zip(&replies) {
        assert_eq!((outcome.code(), outcome.to_string()), (reply.code(), reply.to_string()));
    }
}

#[test]
fn takes_every_error_for_a_retry() {
    type Boxed = Box<dyn std::error::Error + Send + Sync>;
    fn parsed() -> Result<Outcome, Retry> {
        let number: u8 = "none".parse()?;
        unreachable!("{number}")
    }
    fn boxed() -> Result<Outcome, Retry> {
        Err(Boxed::from("boxed"))?
    }
    fn text() -> Result<Outcome, Retry> {
        Err("text")?
    }
    fn owned() -> Result<Outcome, Retry> {
        Err(String::from("owned"))?
    }
    fn again() -> Result<Outcome, Retry> {
        text()?;
        unreachable!()
    }
    let shown = |result: Result<Outcome, Retry>| result.unwrap_err().to_string();
    assert_eq!(shown(parsed()), "invalid digit found in string");
    assert_eq!(shown(boxed()), "boxed");
    assert_eq!(shown(text()), "text");
    assert_eq!(shown(owned()), "owned");
    assert_eq!(shown(again()), "text");
}

#[test]
fn keeps_the_error_behind_a_retry() {
    let retry = Retry::from("none".parse::<u8>().unwrap_err());
    assert!(retry.error().is::<std::num::ParseIntError>());
    assert_eq!(retry.to_string(), "invalid digit found in string");
}
