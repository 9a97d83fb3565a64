//! What every adapter must do, over real sockets.

#![expect(clippy::unwrap_used, reason = "tests stop at what should not happen")]

use std::net::{IpAddr, SocketAddr};

use axum::{Router, extract::FromRef, extract::State, routing::post};
use tokio::net::TcpListener;
use topper_axum::{Verified, WebhookReply};
use topper_conformance::adapter::{Adapter, Endpoint, Probe, Server};
use topper_core::Verifier;

struct Axum;

impl Adapter for Axum {
    const NAME: &'static str = "axum";

    async fn serve(bind: IpAddr, first: Endpoint, second: Endpoint) -> Server {
        let listener = TcpListener::bind((bind, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let app = Router::new()
            .merge(Router::new().route("/first", post(receive)).with_state(App(first)))
            .merge(Router::new().route("/second", post(receive)).with_state(App(second)))
            .into_make_service_with_connect_info::<SocketAddr>();
        Server::task(address, tokio::spawn(async move { axum::serve(listener, app).await }))
    }
}

#[derive(Clone)]
struct App(Endpoint);

impl FromRef<App> for Verifier {
    fn from_ref(app: &App) -> Self {
        app.0.verifier.clone()
    }
}

impl FromRef<App> for Probe {
    fn from_ref(app: &App) -> Self {
        app.0.probe.clone()
    }
}

async fn receive(State(probe): State<Probe>, verified: Verified) -> WebhookReply {
    match probe.accept(&verified) {
        Some(reply) => reply.into(),
        None => verified.run(|webhook| probe.handle(webhook)).await,
    }
}

topper_conformance::adapter_conformance!(Axum);
