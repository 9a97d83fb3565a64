//! What the example receivers share: logging, port, end, and the work on an event.

mod processing;

pub use processing::{Processing, process};

use std::{
    env,
    error::Error,
    io::{self, IsTerminal as _},
    process::ExitCode,
    time::Duration,
};

use tracing_subscriber::EnvFilter;

/// What deliveries at hand may take when the service is told to end: Topper waits 4 s.
pub const GRACE: Duration = Duration::from_secs(5);

/// Runs a service with logging, and logs why it could not go on.
pub async fn run(service: impl Future<Output = Result<(), Box<dyn Error>>>) -> ExitCode {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    let colour = io::stdout().is_terminal() && env::var_os("NO_COLOR").is_none();
    tracing_subscriber::fmt().with_env_filter(filter).with_ansi(colour).init();
    match service.await {
        Ok(()) => {
            tracing::info!("ended");
            ExitCode::SUCCESS
        }
        Err(error) => {
            tracing::error!(%error, "cannot go on");
            ExitCode::FAILURE
        }
    }
}

/// The port of the environment variable `PORT`; 3000 without one.
///
/// # Errors
///
/// When it is not a port.
pub fn port() -> Result<u16, Box<dyn Error>> {
    match env::var("PORT") {
        Ok(port) => Ok(port
            .parse()
            .map_err(|_| "environment variable PORT: not a port; it should look like 3000")?),
        Err(_) => Ok(3000),
    }
}

/// Runs a server that ends by itself once it is told to, and gives up on it after [`GRACE`].
pub async fn serve<T>(server: impl Future<Output = T>) -> Option<T> {
    tokio::select! {
        result = server => Some(result),
        () = async { told_to_end().await; tokio::time::sleep(GRACE).await } => {
            tracing::warn!("some connections did not end in time");
            None
        }
    }
}

/// Waits for Ctrl-C or SIGTERM.
#[cfg(unix)]
pub async fn told_to_end() {
    use tokio::signal::unix::{SignalKind, signal};
    match signal(SignalKind::terminate()) {
        Ok(mut terminate) => tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            _ = terminate.recv() => {}
        },
        Err(_) => drop(tokio::signal::ctrl_c().await),
    }
}

/// Waits for Ctrl-C.
#[cfg(not(unix))]
pub async fn told_to_end() {
    drop(tokio::signal::ctrl_c().await);
}

/// The guides, whose code is compiled and run as tests.
macro_rules! guides {
    ($($guide:ident $file:literal)+) => {$(
        #[cfg(doctest)]
        #[doc = include_str!(concat!("../../docs/guide/", $file))]
        struct $guide;
    )+};
}

guides! {
    AnotherFramework "another-framework.md"
    BehindAProxy "behind-a-proxy.md"
    GettingStartedActix "getting-started-actix.md"
    GettingStartedAxum "getting-started-axum.md"
    GettingStartedRocket "getting-started-rocket.md"
    GettingStartedWarp "getting-started-warp.md"
    KeyRotation "key-rotation.md"
    MovingFromNode "moving-from-node.md"
    OnceOrInbox "once-or-inbox.md"
    ProductionChecklist "production-checklist.md"
    ReplayAndProcessingOnce "replay-and-processing-once.md"
    Reprocessing "reprocessing.md"
    SlowHandlers "slow-handlers.md"
    Stores "stores.md"
    TestingYourHandler "testing-your-handler.md"
}
