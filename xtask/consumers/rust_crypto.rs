use std::net::SocketAddr;

use axum::{Router, routing::post};
use tokio::net::TcpListener;
use topper::axum::{Verified, WebhookReply};
use topper::{Outcome, Retry, Verifier, Webhook};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("{}", listener.local_addr()?);
    serve(listener, Verifier::from_env()?).await?;
    Ok(())
}

async fn serve(listener: TcpListener, verifier: Verifier) -> std::io::Result<()> {
    let app = Router::new().route("/webhooks/topper", post(receive)).with_state(verifier);
    axum::serve(listener, app.into_make_service_with_connect_info::<SocketAddr>()).await
}

async fn receive(verified: Verified) -> WebhookReply {
    verified.run(process).await
}

async fn process(webhook: Webhook) -> Result<Outcome, Retry> {
    assert_eq!(webhook.name(), "order:crypto-onramp:completed");
    Ok(Outcome::Processed)
}

#[cfg(test)]
mod tests {
    use topper::EventName;
    use topper_testkit::{Delivery, EventBuilder, TestKey};

    use super::*;

    #[tokio::test]
    async fn accepts_an_event_and_refuses_a_forgery() {
        let key = TestKey::generate();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(serve(listener, Verifier::new(&key.public_jwk()).unwrap()));

        let event = EventBuilder::new(EventName::OrderCryptoOnrampCompleted);
        let delivery = Delivery::signed(&key, event.to_json());
        let answer = delivery.send(address, "/webhooks/topper").await.unwrap();
        assert_eq!((answer.status, answer.body.as_str()), (200, "processed"));

        let forgery = delivery.with_body("{}");
        let answer = forgery.send(address, "/webhooks/topper").await.unwrap();
        assert_eq!((answer.status, answer.body.as_str()), (401, "signature_invalid"));
    }
}
