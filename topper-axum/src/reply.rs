//! The answer as a response.

use axum::{
    http::StatusCode,
    response::{IntoResponse, Response},
};
use topper_core::{Reply, Retry};

/// A [`Reply`] as axum's response: its status, and its code as the body.
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

impl IntoResponse for WebhookReply {
    fn into_response(self) -> Response {
        let status =
            StatusCode::from_u16(self.0.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        (status, self.0.code()).into_response()
    }
}
