//! Answers of the page's server.

use std::fmt;

use http_body_util::{BodyExt as _, Either, Full, LengthLimitError, Limited};
use hyper::{
    Request, Response, StatusCode,
    body::{Bytes, Incoming},
    header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName, HeaderValue},
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::json;

use super::pieces::Pieces;

/// The most bytes of a request's body.
const MOST_BYTES: usize = 1024 * 1024;

pub(super) type Body = Either<Full<Bytes>, Pieces>;
pub(super) type Answer = Response<Body>;

/// Why a request is refused, in a sentence that says what to do.
#[derive(Debug)]
pub(super) struct Refusal {
    pub(super) status: StatusCode,
    pub(super) error: String,
}

impl Refusal {
    pub(super) fn new(status: StatusCode, error: impl fmt::Display) -> Self {
        Self { status, error: error.to_string() }
    }

    pub(super) fn bad(error: impl fmt::Display) -> Self {
        Self::new(StatusCode::BAD_REQUEST, error)
    }

    pub(super) fn forbidden(error: impl fmt::Display) -> Self {
        Self::new(StatusCode::FORBIDDEN, error)
    }

    pub(super) fn not_found(error: impl fmt::Display) -> Self {
        Self::new(StatusCode::NOT_FOUND, error)
    }

    pub(super) fn conflict(error: impl fmt::Display) -> Self {
        Self::new(StatusCode::CONFLICT, error)
    }
}

impl From<Refusal> for Answer {
    fn from(refusal: Refusal) -> Self {
        let mut answer = json(&json!({"error": refusal.error}));
        *answer.status_mut() = refusal.status;
        answer
    }
}

impl From<Refusal> for Box<Answer> {
    fn from(refusal: Refusal) -> Self {
        Self::new(refusal.into())
    }
}

pub(super) type Result<T = Answer> = std::result::Result<T, Refusal>;

pub(super) fn json(value: &impl Serialize) -> Answer {
    bytes("application/json", serde_json::to_vec(value).unwrap_or_default())
}

pub(super) fn bytes(content_type: &'static str, bytes: impl Into<Bytes>) -> Answer {
    with_body(content_type, Either::Left(Full::new(bytes.into())))
}

/// An answer that comes in pieces.
pub(super) fn stream(content_type: &'static str, pieces: impl Into<Pieces>) -> Answer {
    with_body(content_type, Either::Right(pieces.into()))
}

fn with_body(content_type: &'static str, body: Body) -> Answer {
    let mut answer = Response::new(body);
    answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    answer
}

/// Nothing but the page's own files runs or is shown, and no other page can read or embed it.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
                      connect-src 'self'; font-src 'none'; base-uri 'none'; form-action 'none'; \
                      frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

/// Adds the headers that every answer has.
pub(super) fn seal(mut answer: Answer) -> Answer {
    let headers = answer.headers_mut();
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
        ("cross-origin-resource-policy", "same-origin"),
        ("cross-origin-opener-policy", "same-origin"),
    ] {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    answer
}

/// The JSON of a request's body.
pub(super) async fn read<T: DeserializeOwned>(request: Request<Incoming>) -> Result<T> {
    let body = Limited::new(request.into_body(), MOST_BYTES).collect().await;
    let body = body.map_err(|error| match error.is::<LengthLimitError>() {
        true => Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, "send at most 1 MiB"),
        false => Refusal::bad("the body is not complete"),
    })?;
    serde_json::from_slice(&body.to_bytes()).map_err(|error| {
        Refusal::bad(format_args!("the body is not what this route takes: {error}"))
    })
}
