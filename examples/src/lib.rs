//! What the example receivers share: logging, metrics, and the work on an event.

mod processing;

pub use processing::{Processing, process};

use std::{
    env,
    error::Error,
    io::{self, IsTerminal as _},
    process::ExitCode,
    time::Duration,
};

use metrics_exporter_prometheus::PrometheusBuilder;
use topper::metrics::DURATION_BUCKETS;
use tracing_subscriber::EnvFilter;

/// Runs a service with logging, and logs why it stopped.
///
/// `RUST_LOG` says what is logged (default: `info`), and `LOG_FORMAT=json` that each line is JSON.
pub async fn run(service: impl Future<Output = Result<(), Box<dyn Error>>>) -> ExitCode {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    let colour = io::stdout().is_terminal() && env::var_os("NO_COLOR").is_none();
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_ansi(colour);
    match env::var("LOG_FORMAT").as_deref() {
        Ok("json") => lines.json().flatten_event(true).init(),
        _ => lines.init(),
    }
    match service.await {
        Ok(()) => {
            tracing::info!("ended");
            ExitCode::SUCCESS
        }
        Err(error) => {
            let cause = error.source().map(|cause| format!(": {cause}")).unwrap_or_default();
            tracing::error!("stopped: {error}{cause}");
            ExitCode::FAILURE
        }
    }
}

/// Records metrics from now on, and returns what renders them for Prometheus.
///
/// # Errors
///
/// When the program already has another metrics recorder.
pub fn metrics() -> Result<impl Fn() -> String + Send + Sync + 'static, Box<dyn Error>> {
    let recorder = PrometheusBuilder::new().set_buckets(DURATION_BUCKETS)?.install_recorder()?;
    let rendered = recorder.clone();
    // Without it, what is recorded would pile up while no one asks.
    tokio::spawn(async move {
        loop {
            tokio::time::sleep(Duration::from_secs(5)).await;
            recorder.run_upkeep();
        }
    });
    Ok(move || rendered.render())
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
    ARealEvent "a-real-event.md"
    AnotherFramework "another-framework.md"
    BehindAProxy "behind-a-proxy.md"
    FromTokenToOrder "from-token-to-order.md"
    GettingStartedActix "getting-started-actix.md"
    GettingStartedAxum "getting-started-axum.md"
    GettingStartedRocket "getting-started-rocket.md"
    GettingStartedWarp "getting-started-warp.md"
    KeyRotation "key-rotation.md"
    Keys "keys.md"
    MovingFromNode "moving-from-node.md"
    OnceOrInbox "once-or-inbox.md"
    PricesAndLists "prices-and-lists.md"
    ProductionChecklist "production-checklist.md"
    ReplayAndProcessingOnce "replay-and-processing-once.md"
    Reprocessing "reprocessing.md"
    SlowHandlers "slow-handlers.md"
    Stores "stores.md"
    TestingYourHandler "testing-your-handler.md"
    WhoseOrderIsIt "whose-order-is-it.md"
}
