use topper::{Head, Outcome, Retry, Verifier, Webhook};

mod http;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let verifier = Verifier::from_env()?;
    http::serve(async |request: http::Request| {
        match verifier.verify(&Head::new(Some(request.peer), &request.headers), &request.body) {
            Ok(webhook) => webhook.handle(process).await,
            Err(error) => error.reply(),
        }
    })
    .await?;
    Ok(())
}

async fn process(webhook: Webhook) -> Result<Outcome, Retry> {
    assert_eq!(webhook.name(), "order:crypto-onramp:completed");
    Ok(Outcome::Processed)
}
