use rocket::{Config, fairing::AdHoc, log::LogLevel, post, routes};
use topper::rocket::{Verified, WebhookReply, fairing};
use topper::{Outcome, Retry, Verifier, Webhook};

#[rocket::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let config = Config { port: 0, log_level: LogLevel::Off, ..Config::debug_default() };
    rocket::custom(config)
        .attach(fairing(Verifier::from_env()?))
        .mount("/webhooks", routes![receive])
        .attach(AdHoc::on_liftoff("address", |rocket| {
            Box::pin(async { println!("127.0.0.1:{}", rocket.config().port) })
        }))
        .launch()
        .await?;
    Ok(())
}

#[post("/topper", data = "<verified>")]
async fn receive(verified: Verified) -> WebhookReply {
    verified.run(process).await
}

async fn process(webhook: Webhook) -> Result<Outcome, Retry> {
    assert_eq!(webhook.name(), "order:crypto-onramp:completed");
    Ok(Outcome::Processed)
}
