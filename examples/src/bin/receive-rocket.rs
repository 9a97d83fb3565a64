//! A receiver of Topper's webhooks on Rocket, in the shape of a production service.
//!
//! ```text
//! TOPPER_WEBHOOK_PUBLIC_KEY='{"kty":"EC",...}' cargo run --bin receive-rocket
//! ```
//!
//! It answers `POST /webhooks/topper` on `PORT` (default: 3000), and `/livez`, `/readyz` and
//! `/metrics` on `ADMIN_PORT`, if that is set. It logs as `RUST_LOG` (default: `info`) and
//! `LOG_FORMAT=json` say. For other settings see `VerifierBuilder::from_env` and
//! `Server::from_env`. After Ctrl-C or SIGTERM it keeps serving for `SHUTDOWN_DELAY` seconds
//! (default: 10), and ends once the deliveries in flight are answered.
//!
//! `TOPPER_PROCESSING` chooses how an event is processed: `once` (default) processes it before the
//! answer, `inbox` stores it and processes it afterwards, `verify` stores nothing.
//! `TOPPER_STORE_URL` is the store (default: `sqlite://topper.db`; also `postgres://...`, and
//! `redis://...` for `once`). Test it with `topper store check`.

use std::{error::Error, process::ExitCode};

use rocket::{Config, State, log::LogLevel, post, routes};
use topper::{
    Verifier,
    rocket::{Verified, WebhookReply, fairing, serve},
    serve::Server,
};
use topper_examples::{Processing, metrics};

#[rocket::main]
async fn main() -> ExitCode {
    topper_examples::run(run()).await
}

async fn run() -> Result<(), Box<dyn Error>> {
    // First: what comes after it is counted from 0.
    let metrics = metrics()?;
    let verifier = Verifier::from_env()?;
    let processing = Processing::from_env().await?;
    let server = Server::from_env()?.ready(processing.check()).metrics(metrics);
    tracing::info!(?verifier, "answers POST /webhooks/topper");

    // Rocket would write its own log next to ours.
    let config = Config { log_level: LogLevel::Off, ..Config::release_default() };
    let rocket = rocket::custom(config)
        .attach(fairing(verifier))
        .manage(processing.clone())
        .mount("/", routes![receive]);
    serve(server, rocket).await?;
    processing.drain().await;
    Ok(())
}

/// The handler: only what Topper signed gets here.
#[post("/webhooks/topper", data = "<verified>")]
async fn receive(processing: &State<Processing>, verified: Verified) -> WebhookReply {
    processing.receive(verified).await.into()
}
