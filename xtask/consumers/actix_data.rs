use actix_web::{App, HttpServer, web};
use topper::actix::{Verified, WebhookReply};
use topper::{Outcome, Retry, Verifier, Webhook};

#[actix_web::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let verifier = web::Data::new(Verifier::from_env()?);
    let app = move || {
        App::new().app_data(verifier.clone()).route("/webhooks/topper", web::post().to(receive))
    };
    let server = HttpServer::new(app).workers(1).bind("127.0.0.1:0")?;
    for address in server.addrs() {
        println!("{address}");
    }
    server.run().await?;
    Ok(())
}

async fn receive(verified: Verified) -> WebhookReply {
    verified.run(process).await
}

async fn process(webhook: Webhook) -> Result<Outcome, Retry> {
    assert_eq!(webhook.name(), "order:crypto-onramp:completed");
    Ok(Outcome::Processed)
}
