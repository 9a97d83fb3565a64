//! The reply as a response.

use axum::{
    http::StatusCode,
    response::{IntoResponse, Response},
};
use topper_core::Reply;

/// A [`Reply`] as a response of axum: its status, and its code as the body.
///
/// [`Verified::run`](crate::Verified::run) returns it. A [`Reply`], such as from a store, and an
/// [`Outcome`](topper_core::Outcome) convert into it.
#[expect(clippy::exhaustive_structs, reason = "it is a wrapper, and will not grow")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WebhookReply(pub Reply);

topper_core::__webhook_reply!(WebhookReply);

impl IntoResponse for WebhookReply {
    fn into_response(self) -> Response {
        let status =
            StatusCode::from_u16(self.0.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        (status, self.0.code()).into_response()
    }
}
