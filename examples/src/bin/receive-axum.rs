//! A receiver of Topper's webhooks on axum, in the shape of a production service.
//!
//! ```text
//! TOPPER_WEBHOOK_PUBLIC_KEY='{"kty":"EC",...}' cargo run --bin receive-axum
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

use axum::{
    Router,
    extract::{FromRef, State},
    routing::post,
};
use topper::{
    Verifier,
    axum::{Verified, WebhookReply, serve},
    serve::Server,
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

    let app = App { verifier, processing: processing.clone() };
    let app = Router::new().route("/webhooks/topper", post(receive)).with_state(app);
    serve(server, app).await?;
    processing.drain().await;
    Ok(())
}

#[derive(Clone)]
struct App {
    verifier: Verifier,
    processing: Processing,
}

impl FromRef<App> for Verifier {
    fn from_ref(app: &App) -> Self {
        app.verifier.clone()
    }
}

/// The handler: only what Topper signed gets here.
async fn receive(State(app): State<App>, verified: Verified) -> WebhookReply {
    app.processing.receive(verified).await.into()
}
