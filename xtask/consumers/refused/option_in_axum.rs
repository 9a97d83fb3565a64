//! E0277
use axum::{Router, routing::post};
use topper::axum::{Verified, WebhookReply};
use topper::{Reply, Verifier};

async fn receive(verified: Option<Verified>) -> WebhookReply {
    drop(verified);
    Reply::Processed.into()
}

fn router(verifier: Verifier) -> Router {
    Router::new().route("/webhooks/topper", post(receive)).with_state(verifier)
}

fn main() {
    let _ = router;
}
