//! What every adapter must do, over real sockets.

#![expect(clippy::unwrap_used, reason = "tests stop at what should not happen")]

use std::net::IpAddr;

use tokio::net::TcpListener;
use topper_conformance::adapter::{Adapter, Endpoint, Server};
use topper_core::Webhook;
use topper_warp::{WebhookReply, recover, run, verified};
use warp::{Filter, Rejection, filters::BoxedFilter};

struct Warp;

impl Adapter for Warp {
    const NAME: &'static str = "warp";

    async fn serve(bind: IpAddr, first: Endpoint, second: Endpoint) -> Server {
        let listener = TcpListener::bind((bind, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let webhooks = route("first", first).or(route("second", second)).unify().recover(recover);
        let server = warp::serve(webhooks).incoming(listener).run();
        Server::task(address, tokio::spawn(server))
    }
}

fn route(path: &'static str, endpoint: Endpoint) -> BoxedFilter<(WebhookReply,)> {
    let handle = move |webhook: Webhook| {
        let probe = endpoint.probe.clone();
        async move {
            Ok::<_, Rejection>(match probe.accept(&webhook) {
                Some(reply) => reply.into(),
                None => run(webhook, |webhook| probe.handle(webhook)).await,
            })
        }
    };
    warp::path(path)
        .and(warp::path::end())
        .and(warp::post())
        .and(verified(endpoint.verifier))
        .and_then(handle)
        .boxed()
}

topper_conformance::adapter_conformance!(Warp);
