//! E0271
use topper::Reply;
use topper::axum::{Verified, WebhookReply};

async fn receive(verified: Verified) -> WebhookReply {
    verified.run(|_| async { Ok(Reply::Processed) }).await
}

fn main() {
    let _ = receive;
}
