use rocket::{Config, fairing::AdHoc, log::LogLevel, post, routes};
use topper::rocket::{Verified, WebhookReply, fairing};
use topper::{Reply, Verifier};

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
    assert_eq!(verified.0.name(), "order:crypto-onramp:completed");
    Reply::Processed.into()
}
