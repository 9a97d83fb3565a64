//! One receiver: `receiver NAME`, on `PORT` of 127.0.0.1, with the key in `TOPPER_WEBHOOK_PUBLIC_KEY`, and
//! with the store at `STORE_URL` for those that store. It prints `listening` when it is ready.
//!
//! Each pair has the same server with the same settings, the framework's own: what differs is the handler.

use std::{
    error::Error,
    io::Write as _,
    net::{Ipv4Addr, SocketAddr},
    process::ExitCode,
    sync::Arc,
};

use tokio::net::TcpListener;
use topper::{Event, Outcome, Retry, Verifier, Webhook};
use topper_benchmarks::by_hand::Key;

mod actix;
mod axum;
mod hyper;
mod rocket;
mod store;
mod warp;

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

#[expect(clippy::print_stderr, reason = "it talks to the person who runs it")]
fn main() -> ExitCode {
    let name = std::env::args().nth(1).unwrap_or_default();
    match run(&name) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("receiver {name}: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(name: &str) -> Result<()> {
    // actix-web starts a runtime in each of its threads.
    match name {
        "actix" => return actix_web::rt::System::new().block_on(actix::ours(verifier()?)),
        "actix-by-hand" => return actix_web::rt::System::new().block_on(actix::by_hand(key()?)),
        _ => {}
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        match name {
            "axum" => axum::ours(verifier()?).await,
            "axum-by-hand" => axum::by_hand(key()?).await,
            "warp" => warp::ours(verifier()?).await,
            "warp-by-hand" => warp::by_hand(key()?).await,
            "rocket" => rocket::ours(verifier()?).await,
            "rocket-by-hand" => rocket::by_hand(key()?).await,
            "hyper" => hyper::ours(verifier()?).await,
            "hyper-by-hand" => hyper::by_hand(key()?).await,
            "axum-once" => store::once(verifier()?, &store_url()?).await,
            "axum-once-by-hand" => store::once_by_hand(key()?, &store_url()?).await,
            "axum-inbox" => store::inbox(verifier()?, &store_url()?).await,
            "axum-inbox-by-hand" => store::inbox_by_hand(key()?, &store_url()?).await,
            _ => Err("it is not the name of a receiver".into()),
        }
    })
}

fn verifier() -> Result<Verifier> {
    Ok(Verifier::from_env()?)
}

fn key() -> Result<Arc<Key>> {
    Ok(Arc::new(Key::from_env()?))
}

fn store_url() -> Result<String> {
    std::env::var("STORE_URL").map_err(|_| "set STORE_URL".into())
}

fn address() -> Result<SocketAddr> {
    let port = std::env::var("PORT").map_err(|_| "set PORT")?;
    Ok(SocketAddr::from((Ipv4Addr::LOCALHOST, port.parse()?)))
}

async fn listener() -> Result<TcpListener> {
    let listener = TcpListener::bind(address()?).await?;
    ready()?;
    Ok(listener)
}

fn ready() -> Result<()> {
    let mut output = std::io::stdout().lock();
    writeln!(output, "listening")?;
    Ok(output.flush()?)
}

/// What our receivers do with an event: they look at it.
async fn process(webhook: Webhook) -> std::result::Result<Outcome, Retry> {
    match webhook.event()? {
        Event::OrderCryptoOnrampCompleted(order) if order.id.is_some() => Ok(Outcome::Processed),
        _ => Ok(Outcome::Ignored),
    }
}
