//! A receiver of Topper's webhooks on salvo.
//!
//! ```text
//! TOPPER_WEBHOOK_PUBLIC_KEY='{"kty":"EC",...}' TOPPER_STORE_URL=postgres://... PORT=3000 \
//!     cargo run --bin receive-salvo
//! ```
//!
//! It answers `POST /webhooks/topper` on `PORT` (default: 3000).

use std::{
    env,
    error::Error,
    net::{Ipv4Addr, SocketAddr},
};

use salvo::{
    Listener as _, Request, Router, Server, conn::TcpListener, handler, http::ReqBody,
    prelude::TowerServiceCompat,
};
use topper::{
    Verifier,
    tower::{Peer, WebhookService},
};
use topper_tower_examples::{log, once, process};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error + Send + Sync>> {
    log();
    let once = once().await?;
    let webhook = WebhookService::new(Verifier::from_env()?, move |verified| {
        let once = once.clone();
        async move { once.run(verified, process).await }
    });
    let webhook = TowerServiceCompat::<ReqBody, _, _, _>::compat(webhook);
    let router = Router::with_path("webhooks/topper").hoop(with_peer).post(webhook);
    let port = env::var("PORT").map_or(Ok(3000), |port| port.parse())?;
    let address = SocketAddr::from((Ipv4Addr::UNSPECIFIED, port));
    let acceptor = TcpListener::new(address).try_bind().await?;
    Ok(Server::new(acceptor).try_serve(router).await?)
}

/// salvo knows the socket's other end, and does not pass it on to a tower service.
#[handler]
async fn with_peer(request: &mut Request) {
    if let Some(peer) = request.remote_addr().clone().into_std() {
        request.extensions_mut().insert(Peer(peer));
    }
}
