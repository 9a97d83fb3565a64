//! A receiver of Topper's webhooks on hyper, with one tower service, in the shape of a production service.
//!
//! ```text
//! TOPPER_WEBHOOK_PUBLIC_KEY='{"kty":"EC",...}' cargo run --bin receive-hyper
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

use http::{Method, Response, StatusCode};
use topper::{
    Verifier,
    serve::{Server, serve},
    tower::{Verified, WebhookReply, WebhookService},
};
use topper_examples::{Processing, metrics};

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

    let webhook = WebhookService::new(verifier, {
        let processing = processing.clone();
        move |verified| receive(processing.clone(), verified)
    });
    serve(server, move |request| {
        let is_webhook =
            request.method() == Method::POST && request.uri().path() == "/webhooks/topper";
        let answer = is_webhook.then(|| webhook.answer(request));
        async move {
            let Some(answer) = answer else { return not_found() };
            let Ok(response) = answer.await;
            response
        }
    })
    .await?;
    processing.drain().await;
    Ok(())
}

/// The handler: only what Topper signed gets here.
async fn receive(processing: Processing, verified: Verified) -> WebhookReply {
    processing.receive(verified).await.into()
}

/// For requests to other paths; signed ones the server answers so that Topper sends them again.
fn not_found<B: Default>() -> Response<B> {
    let mut response = Response::default();
    *response.status_mut() = StatusCode::NOT_FOUND;
    response
}
