//! The reply as a reply of warp.

use topper_core::Reply;
use warp::{http::StatusCode, reply::Response};

/// A [`Reply`] as a reply of warp: its status, and its code as the body.
///
/// [`run`](crate::run) returns it. A [`Reply`], such as from a store, and an
/// [`Outcome`](topper_core::Outcome) convert into it.
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
