//! A receiver of Topper's webhooks on Rocket, in the shape of a production service.
//!
//! ```text
//! TOPPER_WEBHOOK_PUBLIC_KEY='{"kty":"EC",...}' cargo run --bin receive-rocket
//! ```
//!
//! It answers `POST /webhooks/topper` on `PORT` (3000 unless set), reads its other settings from
//! the variables of `VerifierBuilder::from_env`, works on each event once, remembered where
//! `TOPPER_STORE_URL` says (`sqlite://topper.db` unless set; `postgres://...`, `redis://...`, or `none`
//! to verify only), logs (`RUST_LOG`, `info` unless set), and ends on Ctrl-C or SIGTERM once the
//! deliveries at hand are answered.

use std::{error::Error, net::Ipv4Addr, process::ExitCode};

use rocket::{Config, State, log::LogLevel, post, routes};
use topper::{
    Verifier,
    rocket::{Verified, WebhookReply, fairing},
};
use topper_examples::{GRACE, Processing, port, serve};

#[rocket::main]
async fn main() -> ExitCode {
    topper_examples::run(run()).await
}

async fn run() -> Result<(), Box<dyn Error>> {
    let verifier = Verifier::from_env()?;
    let processing = Processing::from_env().await?;
    let port = port()?;
    tracing::info!(port, ?verifier, "waiting for POST /webhooks/topper");

    // Rocket's own log would go beside ours; it ends on both signals by itself.
    let mut config = Config {
        address: Ipv4Addr::UNSPECIFIED.into(),
        port,
        log_level: LogLevel::Off,
        ..Config::release_default()
    };
    config.shutdown.grace = u32::try_from(GRACE.as_secs())?;
    let rocket = rocket::custom(config)
        .attach(fairing(verifier))
        .manage(processing.clone())
        .mount("/", routes![receive]);
    serve(rocket.launch()).await.transpose()?;
    processing.drain().await;
    Ok(())
}

/// The handler: only what Topper signed gets here.
#[post("/webhooks/topper", data = "<verified>")]
async fn receive(processing: &State<Processing>, verified: Verified) -> WebhookReply {
    processing.handle(verified.0).await.into()
}
