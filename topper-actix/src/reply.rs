//! The answer as a response.

use actix_web::{
    HttpRequest, HttpResponse, Responder,
    body::BoxBody,
    http::{StatusCode, header::ContentType},
};
use topper_core::{Reply, Retry};

/// A [`Reply`] as actix-web's response: its status, and its code as the body.
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

impl Responder for WebhookReply {
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        response(self.0)
    }
}

pub(crate) fn response(reply: Reply) -> HttpResponse {
    // A body alone would have no content type.
    HttpResponse::build(status(reply)).content_type(ContentType::plaintext()).body(reply.code())
}

pub(crate) fn status(reply: Reply) -> StatusCode {
    StatusCode::from_u16(reply.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}
