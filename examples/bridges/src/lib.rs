//! What the bridges share: logging, settings, and shutting down.
//!
//! A bridge is a worker on an inbox. Receivers fill the inbox, in this process or another; the bridge puts
//! each event into another queue, and the inbox keeps it until that queue has it.

use std::{env, error::Error, io, process::ExitCode, time::Duration};

use tokio::time::timeout;
use topper::store::inbox::RunningWorker;
use tracing_subscriber::EnvFilter;

/// Runs a bridge with logging, and logs why it stopped.
pub async fn run(bridge: impl Future<Output = Result<(), Box<dyn Error>>>) -> ExitCode {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt().with_env_filter(filter).with_ansi(false).init();
    match bridge.await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!(%error, "stopped");
            ExitCode::FAILURE
        }
    }
}

/// The value of an environment variable.
///
/// # Errors
///
/// When it is not set.
pub fn setting(name: &str, example: &str) -> Result<String, Box<dyn Error>> {
    env::var(name).map_err(|_| {
        format!("environment variable {name}: not set; it should look like {example}").into()
    })
}

/// Lets a worker run until Ctrl-C or SIGTERM, and then finish its events.
///
/// # Errors
///
/// When it cannot listen to signals.
pub async fn work_until_told_to_end(worker: RunningWorker) -> Result<(), Box<dyn Error>> {
    told_to_end().await?;
    // What is not finished then is taken again once its lease has expired.
    if timeout(Duration::from_secs(10), worker.drain()).await.is_err() {
        tracing::warn!("some events were not finished in time");
    }
    Ok(())
}

#[cfg(unix)]
async fn told_to_end() -> io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        ended = tokio::signal::ctrl_c() => ended,
        _ = terminate.recv() => Ok(()),
    }
}

#[cfg(not(unix))]
async fn told_to_end() -> io::Result<()> {
    tokio::signal::ctrl_c().await
}
