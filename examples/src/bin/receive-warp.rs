//! A receiver of Topper's webhooks on warp, in the shape of a production service.
//!
//! ```text
//! TOPPER_WEBHOOK_PUBLIC_KEY='{"kty":"EC",...}' cargo run --bin receive-warp
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

use std::{error::Error, process::ExitCode};

use tokio::net::TcpListener;
use topper::{
    Verifier, Webhook,
    warp::{WebhookReply, recover, verified},
};
use topper_examples::{Processing, port, serve, told_to_end};
use warp::Filter as _;

#[tokio::main]
async fn main() -> ExitCode {
    topper_examples::run(run()).await
}

async fn run() -> Result<(), Box<dyn Error>> {
    let verifier = Verifier::from_env()?;
    let processing = Processing::from_env().await?;
    let listener = TcpListener::bind(("0.0.0.0", port()?)).await?;
    tracing::info!(address = %listener.local_addr()?, ?verifier, "waiting for POST /webhooks/topper");

    let webhook = warp::path!("webhooks" / "topper")
        .and(warp::post())
        .and(verified(verifier))
        .then({
            let processing = processing.clone();
            move |webhook| receive(processing.clone(), webhook)
        })
        .recover(recover);
    serve(warp::serve(webhook).incoming(listener).graceful(told_to_end()).run()).await;
    processing.drain().await;
    Ok(())
}

/// The handler: only what Topper signed gets here.
async fn receive(processing: Processing, webhook: Webhook) -> WebhookReply {
    processing.receive(webhook).await.into()
}
