//! A receiver of Topper's webhooks on poem.
//!
//! ```text
//! TOPPER_WEBHOOK_PUBLIC_KEY='{"kty":"EC",...}' TOPPER_STORE_URL=postgres://... PORT=3000 \
//!     cargo run --bin receive-poem
//! ```
//!
//! It answers `POST /webhooks/topper` on `PORT` (default: 3000).

use std::{
    env,
    error::Error,
    net::{Ipv4Addr, SocketAddr},
};

use poem::{
    Addr, EndpointExt as _, Request, Route, Server, endpoint::TowerCompatExt as _,
    listener::TcpListener, post, web::RemoteAddr,
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
    let webhook = webhook.compat().before(with_peer);
    let app = Route::new().at("/webhooks/topper", post(webhook));
    let port = env::var("PORT").map_or(Ok(3000), |port| port.parse())?;
    let address = SocketAddr::from((Ipv4Addr::UNSPECIFIED, port));
    Ok(Server::new(TcpListener::bind(address)).run(app).await?)
}

/// poem knows the socket's other end, and does not pass it on to a tower service.
async fn with_peer(mut request: Request) -> poem::Result<Request> {
    if let RemoteAddr(Addr::SocketAddr(peer)) = *request.remote_addr() {
        request.extensions_mut().insert(Peer(peer));
    }
    Ok(request)
}
