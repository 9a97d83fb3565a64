//! A receiver that the soak test starts, kills and starts again:
//!
//! ```text
//! soak-receiver FRAMEWORK MODE STORE_URL EFFECTS NAME
//! ```
//!
//! It reads its other settings from the variables of `VerifierBuilder::from_env` and `Server::from_env`,
//! and answers `POST /webhooks/topper`. What its handlers do is written to the file `EFFECTS`, under
//! `NAME`. `TOPPER_SOAK_BREAK` breaks it, to show that the test fails then.

use std::{error::Error, process::ExitCode};

use topper::{Verifier, serve::Server};

mod actix;
mod axum;
mod effect;
mod processing;
mod rocket;
mod warp;

use effect::Effects;
use processing::Processing;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

#[expect(clippy::print_stderr, reason = "the soak test keeps it")]
fn main() -> ExitCode {
    tracing_subscriber::fmt()
        .with_env_filter(tracing_subscriber::EnvFilter::from_default_env())
        .with_ansi(false)
        .with_writer(std::io::stderr)
        .init();
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let ended = match *arguments.as_slice() {
        [framework, mode, store, effects, name] => run(framework, mode, store, effects, name),
        _ => Err("it takes FRAMEWORK MODE STORE_URL EFFECTS NAME".into()),
    };
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let cause = error.source().map(|cause| format!(": {cause}")).unwrap_or_default();
            eprintln!("soak-receiver: {error}{cause}");
            ExitCode::FAILURE
        }
    }
}

fn run(framework: &str, mode: &str, store: &str, effects: &str, name: &str) -> Result<()> {
    let (verifier, server) = (Verifier::from_env()?, Server::from_env()?);
    let processing = async { Processing::open(mode, store, Effects::open(effects, name)?).await };
    // actix-web starts a runtime in each of its threads.
    if framework == "actix" {
        return actix_web::rt::System::new().block_on(async {
            let processing = processing.await?;
            actix::serve(server, verifier, processing.clone()).await?;
            processing.drain().await
        });
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let processing = processing.await?;
        match framework {
            "axum" => axum::serve(server, verifier, processing.clone()).await?,
            "rocket" => rocket::serve(server, verifier, processing.clone()).await?,
            "warp" => warp::serve(server, verifier, processing.clone()).await?,
            _ => return Err("FRAMEWORK is actix, axum, rocket or warp".into()),
        }
        processing.drain().await
    })
}
