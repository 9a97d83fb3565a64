//! A receiver of Topper's webhooks on axum, in the shape of a production service.
//!
//! ```text
//! TOPPER_WEBHOOK_PUBLIC_KEY='{"kty":"EC",...}' cargo run --bin receive-axum
//! ```
//!
//! It answers `POST /webhooks/topper` on `PORT` (3000 unless set), reads its other settings from
//! the variables of `VerifierBuilder::from_env`, logs (`RUST_LOG`, `info` unless set), and ends on
//! Ctrl-C or SIGTERM once the deliveries at hand are answered.

use std::{
    env,
    error::Error,
    io::{self, IsTerminal as _},
    net::SocketAddr,
    process::ExitCode,
    time::Duration,
};

use axum::{Router, routing::post};
use tokio::net::TcpListener;
use topper::{
    Event, OrderStatus, Reply, Retry, Verifier, Webhook,
    axum::{Verified, WebhookReply},
};
use tracing_subscriber::EnvFilter;

/// What deliveries at hand may take when the service is told to end: Topper waits 4 s.
const GRACE: Duration = Duration::from_secs(5);

#[tokio::main]
async fn main() -> ExitCode {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    let colour = io::stdout().is_terminal() && env::var_os("NO_COLOR").is_none();
    tracing_subscriber::fmt().with_env_filter(filter).with_ansi(colour).init();
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!(%error, "cannot go on");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), Box<dyn Error>> {
    let verifier = Verifier::from_env()?;
    let port = match env::var("PORT") {
        Ok(port) => port
            .parse()
            .map_err(|_| "environment variable PORT: not a port; it should look like 3000")?,
        Err(_) => 3000,
    };
    let listener = TcpListener::bind(("0.0.0.0", port)).await?;
    tracing::info!(address = %listener.local_addr()?, ?verifier, "waiting for POST /webhooks/topper");

    let app = Router::new().route("/webhooks/topper", post(receive)).with_state(verifier);
    let service = app.into_make_service_with_connect_info::<SocketAddr>();
    let server = axum::serve(listener, service).with_graceful_shutdown(told_to_end());
    tokio::select! {
        result = server => result?,
        () = async { told_to_end().await; tokio::time::sleep(GRACE).await } => {
            tracing::warn!("some connections did not end in time");
        }
    }
    tracing::info!("ended");
    Ok(())
}

/// The handler: only what Topper signed gets here.
async fn receive(Verified(webhook): Verified) -> WebhookReply {
    // In a task of its own: a connection that drops does not stop it half-way, and a panic is
    // answered with 500, which Topper retries, instead of a broken connection.
    tokio::spawn(process(webhook)).await.unwrap_or(Ok(Reply::Panicked)).into()
}

/// The work on an event. Any error (`?`) is answered with 503, and Topper sends the event again.
async fn process(webhook: Webhook) -> Result<Reply, Retry> {
    match webhook.event() {
        Event::OrderCryptoOnrampCompleted(order) => {
            // Here: credit the order, keyed on `webhook.id()`, in one transaction.
            tracing::info!(
                order = order.id.as_deref(),
                completed = order.status == OrderStatus::Completed,
                "on-ramp order completed",
            );
            Ok(Reply::Processed)
        }
        Event::Unknown(event) => {
            tracing::warn!(reason = ?event.reason(), "an event this program does not know yet");
            Ok(Reply::Ignored)
        }
        _ => Ok(Reply::Ignored),
    }
}

#[cfg(unix)]
async fn told_to_end() {
    use tokio::signal::unix::{SignalKind, signal};
    match signal(SignalKind::terminate()) {
        Ok(mut terminate) => tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            _ = terminate.recv() => {}
        },
        Err(_) => drop(tokio::signal::ctrl_c().await),
    }
}

#[cfg(not(unix))]
async fn told_to_end() {
    drop(tokio::signal::ctrl_c().await);
}
