//! The answer as a response.

use rocket::{
    Request,
    http::Status,
    response::{self, Responder},
};
use topper_core::{Reply, Retry};

/// A [`Reply`] as Rocket's response: its status, and its code as the body.
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

impl<'r> Responder<'r, 'static> for WebhookReply {
    fn respond_to(self, request: &'r Request<'_>) -> response::Result<'static> {
        (Status::new(self.0.status()), self.0.code()).respond_to(request)
    }
}
