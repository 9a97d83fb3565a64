//! A receiver of Topper's webhooks on actix-web, in the shape of a production service.
//!
//! ```text
//! TOPPER_WEBHOOK_PUBLIC_KEY='{"kty":"EC",...}' cargo run --bin receive-actix
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

use actix_web::{App, web};
use topper::{
    Verifier,
    actix::{Verified, WebhookReply, serve},
    serve::Server,
};
use topper_examples::{Processing, metrics};

#[actix_web::main]
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

    let data = web::Data::new(processing.clone());
    let app = move || {
        App::new()
            .app_data(verifier.clone())
            .app_data(data.clone())
            .route("/webhooks/topper", web::post().to(receive))
    };
    serve(server, app).await?;
    processing.drain().await;
    Ok(())
}

/// The handler: only what Topper signed gets here.
async fn receive(verified: Verified, processing: web::Data<Processing>) -> WebhookReply {
    processing.receive(verified).await.into()
}
