//! A receiver of Topper's webhooks on warp, in the shape of a production service.
//!
//! ```text
//! TOPPER_WEBHOOK_PUBLIC_KEY='{"kty":"EC",...}' cargo run --bin receive-warp
//! ```
//!
//! It answers `POST /webhooks/topper` on `PORT` (default: 3000), reads its other settings from
//! the variables of `VerifierBuilder::from_env` and `Server::from_env`, and logs (`RUST_LOG`, default:
//! `info`; `LOG_FORMAT=json`). On `ADMIN_PORT`, if it is set, it answers `/livez`, `/readyz` and
//! `/metrics`. On Ctrl-C or SIGTERM it goes on for `SHUTDOWN_DELAY` seconds (default: 10), and ends
//! once the deliveries in flight are answered.
//!
//! `TOPPER_PROCESSING` says what becomes of an event: `once` (the default) processes it before the
//! answer, `inbox` stores it and processes it afterwards, `verify` remembers nothing.
//! `TOPPER_STORE_URL` says where events are remembered (default: `sqlite://topper.db`; also
//! `postgres://...`, and for `once` `redis://...`); `topper store check` tries it.

use std::{error::Error, process::ExitCode};

use topper::{
    Verifier, Webhook,
    serve::Server,
    warp::{WebhookReply, recover, serve, verified},
};
use topper_examples::{Processing, metrics};
use warp::Filter as _;

#[tokio::main]
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

    let webhook = warp::path!("webhooks" / "topper")
        .and(warp::post())
        .and(verified(verifier))
        .then({
            let processing = processing.clone();
            move |webhook| receive(processing.clone(), webhook)
        })
        .recover(recover);
    serve(server, warp::service(webhook)).await?;
    processing.drain().await;
    Ok(())
}

/// The handler: only what Topper signed gets here.
async fn receive(processing: Processing, webhook: Webhook) -> WebhookReply {
    processing.receive(webhook).await.into()
}
