//! E0308
use axum::{Router, routing::post};
use topper::axum::{Verified, WebhookReply};
use topper::Reply;

async fn receive(_: Verified) -> WebhookReply {
    Reply::Processed.into()
}

fn router() -> Router {
    Router::new().route("/webhooks/topper", post(receive))
}

fn main() {
    let _ = router;
}
