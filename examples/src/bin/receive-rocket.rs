//! A receiver of Topper's webhooks on Rocket, in the shape of a production service.
//!
//! ```text
//! TOPPER_WEBHOOK_PUBLIC_KEY='{"kty":"EC",...}' cargo run --bin receive-rocket
//! ```
//!
//! It answers `POST /webhooks/topper` on `PORT` (default: 3000), reads its other settings from
//! the variables of `VerifierBuilder::from_env`, and logs (`RUST_LOG`, default: `info`). It ends on
//! Ctrl-C or SIGTERM once the deliveries in flight are answered.
//!
//! `TOPPER_PROCESSING` says what becomes of an event: `once` (the default) processes it before the
//! answer, `inbox` stores it and processes it afterwards, `verify` remembers nothing.
//! `TOPPER_STORE_URL` says where events are remembered (default: `sqlite://topper.db`; also
//! `postgres://...`, and for `once` `redis://...`); `topper store check` tries it.

use std::{error::Error, net::Ipv4Addr, pin::pin, process::ExitCode};

use rocket::{Config, State, log::LogLevel, post, routes};
use topper::{
    Verifier,
    rocket::{Verified, WebhookReply, fairing},
};
use topper_examples::{GRACE, Processing, port, serve, told_to_end};

#[rocket::main]
async fn main() -> ExitCode {
    topper_examples::run(run()).await
}

async fn run() -> Result<(), Box<dyn Error>> {
    let verifier = Verifier::from_env()?;
    let processing = Processing::from_env().await?;
    let port = port()?;
    tracing::info!(port, ?verifier, "waiting for POST /webhooks/topper");

    // Rocket's own log would go beside ours.
    let mut config = Config {
        address: Ipv4Addr::UNSPECIFIED.into(),
        port,
        log_level: LogLevel::Off,
        ..Config::release_default()
    };
    config.shutdown.grace = u32::try_from(GRACE.as_secs())?;
    // Rocket hears signals in a task beside its server. A server that sees the end come in the
    // middle of its work returns with an error, and deliveries in flight are lost with the process.
    config.shutdown.ctrlc = false;
    #[cfg(unix)]
    config.shutdown.signals.clear();
    let rocket = rocket::custom(config)
        .attach(fairing(verifier))
        .manage(processing.clone())
        .mount("/", routes![receive])
        .ignite()
        .await?;
    let shutdown = rocket.shutdown();
    let mut launch = pin!(serve(rocket.launch()));
    // One task polls both, so Rocket is told between two of its steps.
    let ended = tokio::select! {
        ended = &mut launch => ended,
        () = told_to_end() => {
            shutdown.notify();
            launch.await
        }
    };
    ended.transpose()?;
    processing.drain().await;
    Ok(())
}

/// The handler: only what Topper signed gets here.
#[post("/webhooks/topper", data = "<verified>")]
async fn receive(processing: &State<Processing>, verified: Verified) -> WebhookReply {
    processing.receive(verified).await.into()
}
