//! A receiver of Topper's webhooks on axum, in the shape of a production service.
//!
//! ```text
//! TOPPER_WEBHOOK_PUBLIC_KEY='{"kty":"EC",...}' cargo run --bin receive-axum
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

use std::{error::Error, net::SocketAddr, process::ExitCode};

use axum::{
    Router,
    extract::{FromRef, State},
    routing::post,
};
use tokio::net::TcpListener;
use topper::{
    Verifier,
    axum::{Verified, WebhookReply},
};
use topper_examples::{Processing, port, serve, told_to_end};

#[tokio::main]
async fn main() -> ExitCode {
    topper_examples::run(run()).await
}

async fn run() -> Result<(), Box<dyn Error>> {
    let verifier = Verifier::from_env()?;
    let processing = Processing::from_env().await?;
    let listener = TcpListener::bind(("0.0.0.0", port()?)).await?;
    tracing::info!(address = %listener.local_addr()?, ?verifier, "waiting for POST /webhooks/topper");

    let app = App { verifier, processing: processing.clone() };
    let app = Router::new().route("/webhooks/topper", post(receive)).with_state(app);
    let service = app.into_make_service_with_connect_info::<SocketAddr>();
    let server = axum::serve(listener, service).with_graceful_shutdown(told_to_end());
    serve(server.into_future()).await.unwrap_or(Ok(()))?;
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
