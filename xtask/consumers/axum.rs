use std::net::SocketAddr;

use axum::{Router, routing::post};
use topper::axum::{Verified, WebhookReply};
use topper::{Outcome, Retry, Verifier, Webhook};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let app = Router::new()
        .route("/webhooks/topper", post(receive))
        .with_state(Verifier::from_env()?);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    println!("{}", listener.local_addr()?);
    axum::serve(listener, app.into_make_service_with_connect_info::<SocketAddr>()).await?;
    Ok(())
}

async fn receive(verified: Verified) -> WebhookReply {
    verified.run(process).await
}

async fn process(webhook: Webhook) -> Result<Outcome, Retry> {
    assert_eq!(webhook.name(), "order:crypto-onramp:completed");
    Ok(Outcome::Processed)
}
