//! The main job, with no configuration: a receiver with a throw-away key on a free port, and
//! deliveries to it over a real socket, genuine and forged.
//!
//! ```text
//! cargo run --bin quickstart
//! ```
//!
//! Prints for each delivery what arrived and what was answered and why; exits with 1 when anything
//! is not as it should be.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "it talks to the person who runs it"
)]

use std::{error::Error, net::SocketAddr, process::ExitCode};

use axum::{Router, extract::State, routing::post};
use tokio::{net::TcpListener, sync::mpsc};
use topper::{
    Event, Reply, Verifier, Webhook,
    axum::{Verified, WebhookRejection, WebhookReply},
};
use topper_testkit::TestKey;

mod describe;
mod script;

use script::{Expected, Step};

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(0) => ExitCode::SUCCESS,
        Ok(wrong) => {
            eprintln!("{wrong} deliveries were not treated as expected");
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("quickstart: {error}");
            ExitCode::FAILURE
        }
    }
}

/// What the receiver made of a delivery: shown beside the answer.
type Seen = Result<Webhook, WebhookRejection>;

#[derive(Clone)]
struct App {
    verifier: Verifier,
    seen: mpsc::UnboundedSender<Seen>,
}

impl axum::extract::FromRef<App> for Verifier {
    fn from_ref(app: &App) -> Self {
        app.verifier.clone()
    }
}

/// The handler. Yours will more likely take a plain `Verified`; this one wants to see refusals too.
async fn receive(
    State(app): State<App>,
    verified: Result<Verified, WebhookRejection>,
) -> Result<WebhookReply, WebhookRejection> {
    let result = verified.map(|Verified(webhook)| webhook);
    // The other end counts the deliveries and is there until the last.
    drop(app.seen.send(result.clone()));
    Ok(match result?.event() {
        Event::Unknown(_) => Reply::Ignored.into(),
        _ => Reply::Processed.into(),
    })
}

async fn run() -> Result<usize, Box<dyn Error>> {
    let key = TestKey::generate();
    let (seen, mut sightings) = mpsc::unbounded_channel();
    let app = App { verifier: Verifier::new(&key.public_jwk())?, seen };
    let router = Router::new().route("/webhooks/topper", post(receive)).with_state(app);
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    tokio::spawn(async move {
        axum::serve(listener, router.into_make_service_with_connect_info::<SocketAddr>()).await
    });
    println!(
        "receiver: http://{address}/webhooks/topper, key {} (thrown away at the end)",
        key.key_id()
    );

    let steps = script::steps(&key);
    let mut wrong = 0;
    for Step { group, title, delivery, expected } in &steps {
        if let Some(group) = group {
            println!("\n{group}");
        }
        let answer = delivery.send(address, "/webhooks/topper").await?;
        let seen = sightings.recv().await.ok_or("the receiver is gone")?;
        let is_as_expected = expected.is_met(&answer, &seen);
        wrong += usize::from(!is_as_expected);
        let mark = if is_as_expected { "ok" } else { "WRONG" };
        println!("  {mark:<5} {title:<44} {} {}", answer.status, answer.body);
        println!("        {}", describe::seen(&seen));
        if !is_as_expected {
            println!("        expected {expected}");
        }
    }
    println!("\n{} of {} deliveries as expected", steps.len() - wrong, steps.len());
    Ok(wrong)
}

impl std::fmt::Display for Expected {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Event(name) => {
                write!(f, "event {name}, typed, and {}", Reply::Processed.status())
            }
            Self::UnknownEvent(name) => {
                write!(f, "event {name}, unknown, and {}", Reply::Ignored.status())
            }
            Self::Refusal(reply) => write!(f, "{} {}", reply.status(), reply.code()),
        }
    }
}
