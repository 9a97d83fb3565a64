use topper::warp::{WebhookReply, recover, run, verified};
use topper::{Outcome, Retry, Verifier, Webhook};
use warp::Filter as _;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let webhook = warp::path!("webhooks" / "topper")
        .and(warp::post())
        .and(verified(Verifier::from_env()?))
        .then(receive)
        .recover(recover);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    println!("{}", listener.local_addr()?);
    warp::serve(webhook).incoming(listener).run().await;
    Ok(())
}

async fn receive(webhook: Webhook) -> WebhookReply {
    run(webhook, process).await
}

async fn process(webhook: Webhook) -> Result<Outcome, Retry> {
    assert_eq!(webhook.name(), "order:crypto-onramp:completed");
    Ok(Outcome::Processed)
}
