//! What every adapter must do, over real sockets; the server is hyper's.

#![expect(clippy::unwrap_used, reason = "tests stop at what should not happen")]

use std::{
    convert::Infallible,
    net::{IpAddr, SocketAddr},
};

use http::{Method, Request, Response, StatusCode};
use hyper::{body::Incoming, service::service_fn};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::conn::auto,
};
use tokio::net::{TcpListener, TcpStream};
use topper_conformance::adapter::{Adapter, Endpoint, Server};
use topper_tower::{Peer, WebhookService};
use tower_service::Service;

struct Tower;

impl Adapter for Tower {
    const NAME: &'static str = "tower";

    async fn serve(bind: IpAddr, first: Endpoint, second: Endpoint) -> Server {
        let listener = TcpListener::bind((bind, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let accepting = async move {
            while let Ok((socket, peer)) = listener.accept().await {
                tokio::spawn(connection(socket, peer, first.clone(), second.clone()));
            }
        };
        Server::task(address, tokio::spawn(accepting))
    }
}

async fn connection(socket: TcpStream, peer: SocketAddr, first: Endpoint, second: Endpoint) {
    let (first, second) = (webhook(first), webhook(second));
    let route = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(Peer(peer));
        let webhook = match (request.method(), request.uri().path()) {
            (&Method::POST, "/first") => Ok(first.clone()),
            (&Method::POST, "/second") => Ok(second.clone()),
            (_, "/first" | "/second") => Err(StatusCode::METHOD_NOT_ALLOWED),
            _ => Err(StatusCode::NOT_FOUND),
        };
        async move {
            match webhook {
                Ok(mut webhook) => webhook.call(request).await,
                Err(status) => {
                    let mut response = Response::default();
                    *response.status_mut() = status;
                    Ok(response)
                }
            }
        }
    });
    let mut server = auto::Builder::new(TokioExecutor::new());
    server.http1().timer(TokioTimer::new());
    let _ = server.serve_connection(TokioIo::new(socket), route).await;
}

fn webhook(
    endpoint: Endpoint,
) -> impl Service<
    Request<Incoming>,
    Response = Response<http_body_util::Full<bytes::Bytes>>,
    Error = Infallible,
    Future: Send,
> + Clone {
    let Endpoint { verifier, probe, .. } = endpoint;
    WebhookService::new(verifier, move |verified| {
        let probe = probe.clone();
        async move {
            match probe.accept(&verified) {
                Some(reply) => reply.into(),
                None => verified.run(|webhook| probe.handle(webhook)).await,
            }
        }
    })
}

topper_conformance::adapter_conformance!(Tower);
