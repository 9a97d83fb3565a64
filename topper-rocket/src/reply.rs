//! The reply as a response.

use rocket::{
    Request,
    http::Status,
    response::{self, Responder},
};
use topper_core::Reply;

/// A [`Reply`] as a response of Rocket: its status, and its code as the body.
///
/// [`Verified::run`](crate::Verified::run) returns it. A [`Reply`], such as from a store, and an
/// [`Outcome`](topper_core::Outcome) convert into it.
#[expect(clippy::exhaustive_structs, reason = "it is a wrapper, and will not grow")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WebhookReply(pub Reply);

topper_core::__webhook_reply!(WebhookReply);

impl<'r> Responder<'r, 'static> for WebhookReply {
    fn respond_to(self, request: &'r Request<'_>) -> response::Result<'static> {
        (Status::new(self.0.status()), self.0.code()).respond_to(request)
    }
}
