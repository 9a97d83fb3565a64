//! Raw bytes of HTTP/1.1, into each adapter.

use std::{
    convert::Infallible,
    error::Error,
    sync::{LazyLock, Mutex, PoisonError},
};

use axum::Router;
use hyper::{
    Request, Response,
    body::{Body, Incoming},
    server::conn::http1,
    service::{Service, service_fn},
};
use hyper_util::{rt::TokioIo, service::TowerToHyperService};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    join,
    runtime::{Builder, Runtime},
};
use topper_core::{Outcome, Retry, Verifier, Webhook};
use topper_tower::WebhookService;
use warp::Filter as _;

use crate::signature::{KEY, is_signed};

mod actix;
mod rocket;

/// Larger than any input and its answers.
const BUFFER: usize = 1 << 20;

thread_local! {
    static RUNTIME: Runtime = Builder::new_current_thread().enable_all().build().unwrap();
}

static VERIFIER: LazyLock<Verifier> = LazyLock::new(|| {
    let builder = Verifier::builder().public_key(&KEY.public_jwk());
    // So that an answer does not depend on the inputs before it.
    builder.retry_while_unproven(false).build().unwrap()
});
static HANDLED: Mutex<Vec<Webhook>> = Mutex::new(Vec::new());

/// A handler runs only for what p256 alone accepts, and adapters on the same server give the same first
/// answer.
pub fn http(input: &[u8]) {
    handlers(input);
}

/// How many handlers ran; each adapter has one.
pub fn handlers(input: &[u8]) -> usize {
    // What is handled is counted for one input at a time.
    static TURN: Mutex<()> = Mutex::new(());
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    RUNTIME.with(|runtime| {
        runtime.block_on(async {
            let axum = status(&axum(input).await);
            assert_eq!(axum, status(&tower(input).await), "tower does not answer as axum");
            assert_eq!(axum, status(&warp(input).await), "warp does not answer as axum");
        });
    });
    actix::answer(input);
    rocket::answer(input);
    let handled = std::mem::take(&mut *HANDLED.lock().unwrap_or_else(PoisonError::into_inner));
    for webhook in &handled {
        let token = webhook.signature().as_bytes();
        assert!(is_signed(&KEY.public_jwk(), token, webhook.body()), "a forgery is handled");
    }
    handled.len()
}

async fn process(webhook: Webhook) -> Result<Outcome, Retry> {
    HANDLED.lock().unwrap_or_else(PoisonError::into_inner).push(webhook);
    Ok(Outcome::Processed)
}

async fn axum(input: &[u8]) -> Vec<u8> {
    let handler = async |verified: topper_axum::Verified| verified.run(process).await;
    let router = Router::new().fallback(handler).with_state(VERIFIER.clone());
    exchange(input, TowerToHyperService::new(router)).await
}

async fn tower(input: &[u8]) -> Vec<u8> {
    let webhook = WebhookService::new(VERIFIER.clone(), |verified| verified.run(process));
    exchange(input, service_fn(|request| webhook.answer(request))).await
}

async fn warp(input: &[u8]) -> Vec<u8> {
    let receive = topper_warp::verified(VERIFIER.clone());
    let receive = receive.then(|webhook| topper_warp::run(webhook, process));
    let service = warp::service(receive.recover(topper_warp::recover));
    exchange(input, TowerToHyperService::new(service)).await
}

/// What a server answers to the bytes, after which the client sends nothing more.
async fn exchange<S, B>(input: &[u8], service: S) -> Vec<u8>
where
    S: Service<Request<Incoming>, Response = Response<B>, Error = Infallible>,
    B: Body<Error: Into<Box<dyn Error + Send + Sync>>> + 'static,
{
    let (mut client, server) = tokio::io::duplex(BUFFER);
    client.write_all(input).await.unwrap();
    client.shutdown().await.unwrap();
    let mut answer = Vec::new();
    // Without it, hyper drops what a handler has begun when the client sends nothing more.
    let served =
        http1::Builder::new().half_close(true).serve_connection(TokioIo::new(server), service);
    let (_, read) = join!(served, client.read_to_end(&mut answer));
    read.unwrap();
    answer
}

/// The status of the first answer; nothing where there is none.
fn status(answer: &[u8]) -> Option<String> {
    let answer = String::from_utf8_lossy(answer);
    let rest = answer.strip_prefix("HTTP/1.").or_else(|| {
        assert!(answer.is_empty(), "an answer is not HTTP");
        None
    })?;
    rest.get(2..5).map(str::to_owned)
}
