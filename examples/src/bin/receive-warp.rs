//! A receiver of Topper's webhooks on warp, in the shape of a production service.
//!
//! ```text
//! TOPPER_WEBHOOK_PUBLIC_KEY='{"kty":"EC",...}' cargo run --bin receive-warp
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
