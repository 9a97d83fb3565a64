//! The reply as a response.

use actix_web::{
    HttpRequest, HttpResponse, Responder,
    body::BoxBody,
    http::{StatusCode, header::ContentType},
};
use topper_core::Reply;

/// A [`Reply`] as a response of actix-web: its status, and its code as the body.
///
/// [`Verified::run`](crate::Verified::run) returns it. A [`Reply`], such as from a store, and an
/// [`Outcome`](topper_core::Outcome) convert into it.
#[expect(clippy::exhaustive_structs, reason = "it is a wrapper, and will not grow")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WebhookReply(pub Reply);

topper_core::__webhook_reply!(WebhookReply);

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
