//! The answer as a reply of warp's.

use topper_core::{Reply, Retry};
use warp::{http::StatusCode, reply::Response};

/// A [`Reply`] as warp's: its status, and its code as the body.
///
/// From a `Reply`, or from the `Result<Reply, Retry>` of a function that uses `?`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WebhookReply(pub Reply);

impl From<Reply> for WebhookReply {
    fn from(reply: Reply) -> Self {
        Self(reply)
    }
}

impl From<Result<Reply, Retry>> for WebhookReply {
    fn from(result: Result<Reply, Retry>) -> Self {
        Self(result.into())
    }
}

impl warp::Reply for WebhookReply {
    fn into_response(self) -> Response {
        let status =
            StatusCode::from_u16(self.0.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        warp::reply::with_status(self.0.code(), status).into_response()
    }
}
