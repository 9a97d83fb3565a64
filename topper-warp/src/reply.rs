//! The answer as a reply of warp's.

use topper_core::Reply;
use warp::{http::StatusCode, reply::Response};

/// A [`Reply`] as warp's: its status, and its code as the body.
///
/// [`run`](crate::run) makes it. From a [`Reply`], as a store gives it, or an
/// [`Outcome`](topper_core::Outcome) it is made by `into`.
#[expect(clippy::exhaustive_structs, reason = "it is a wrapper, and will not grow")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WebhookReply(pub Reply);

topper_core::__webhook_reply!(WebhookReply);

impl warp::Reply for WebhookReply {
    fn into_response(self) -> Response {
        let status =
            StatusCode::from_u16(self.0.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        warp::reply::with_status(self.0.code(), status).into_response()
    }
}
