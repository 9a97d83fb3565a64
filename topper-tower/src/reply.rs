//! The answer as a response.

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, header::CONTENT_TYPE};
use http_body_util::Full;
use topper_core::Reply;

/// A [`Reply`] as an [`http::Response`]: its status, and its code as the body.
///
/// `Verified::run` makes it. From a [`Reply`], as a store gives it, or an
/// [`Outcome`](topper_core::Outcome) it is made by `into`.
#[expect(clippy::exhaustive_structs, reason = "it is a wrapper, and will not grow")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WebhookReply(pub Reply);

topper_core::__webhook_reply!(WebhookReply);

impl From<WebhookReply> for Response<Full<Bytes>> {
    fn from(WebhookReply(reply): WebhookReply) -> Self {
        let mut response = Self::new(Full::new(Bytes::from_static(reply.code().as_bytes())));
        *response.status_mut() =
            StatusCode::from_u16(reply.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let text = HeaderValue::from_static("text/plain; charset=utf-8");
        response.headers_mut().insert(CONTENT_TYPE, text);
        response
    }
}
