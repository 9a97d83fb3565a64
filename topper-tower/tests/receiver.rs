//! What is tower's own; what every adapter must do stands in `conformance.rs`.

#![expect(clippy::unwrap_used, reason = "tests stop at what should not happen")]

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use axum::{Router, extract::ConnectInfo};
use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt as _, Full};
use tokio::net::TcpListener;
use topper_core::{EventName, Outcome, Reply, Retry, SourceMode, Verifier, Webhook};
use topper_testkit::{Answer, Delivery, EventBuilder, TestKey};
use topper_tower::{Peer, WebhookService};
use tower_service::Service as _;

const LOCAL: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

async fn process(_: Webhook) -> Result<Outcome, Retry> {
    Ok(Outcome::Processed)
}

/// A verifier that accepts local clients alone.
fn local(key: &TestKey) -> Verifier {
    let verifier = Verifier::builder().public_key(&key.public_jwk());
    verifier.sources(SourceMode::Enforce).allowed_ips(["127.0.0.1"]).build().unwrap()
}

fn delivery(key: &TestKey) -> Delivery {
    Delivery::signed(key, EventBuilder::new(EventName::OrderCryptoOnrampCompleted).to_json())
}

fn request(delivery: &Delivery) -> Request<Full<Bytes>> {
    let mut request = Request::new(Full::from(delivery.body.clone()));
    for (name, value) in &delivery.headers {
        let name = http::HeaderName::from_bytes(name.as_bytes()).unwrap();
        request.headers_mut().append(name, value.as_slice().try_into().unwrap());
    }
    request
}

async fn code(response: Response<Full<Bytes>>) -> (u16, Bytes) {
    let status = response.status().as_u16();
    (status, response.into_body().collect().await.unwrap().to_bytes())
}

fn wire(reply: Reply) -> (u16, Bytes) {
    (reply.status(), reply.code().into())
}

fn assert_reply(answer: &Answer, expected: Reply) {
    assert_eq!((answer.status, answer.body.as_str()), (expected.status(), expected.code()));
}

#[tokio::test]
async fn knows_the_peer_by_the_extension() {
    let key = TestKey::generate();
    let mut service = WebhookService::new(local(&key), |verified| verified.run(process));
    let delivery = delivery(&key);
    for (peer, reply) in [
        (Some([127, 0, 0, 1]), Reply::Processed),
        (Some([192, 0, 2, 1]), Reply::SourceForbidden),
        (None, Reply::SourceUnknown),
    ] {
        let mut request = request(&delivery);
        if let Some(peer) = peer {
            request.extensions_mut().insert(Peer(SocketAddr::from((peer, 4711))));
        }
        assert_eq!(code(service.call(request).await.unwrap()).await, wire(reply), "{peer:?}");
    }
}

#[tokio::test]
async fn asks_a_function_for_the_peer_and_not_the_extension() {
    let key = TestKey::generate();
    let service = WebhookService::new(local(&key), |verified| verified.run(process));
    let delivery = delivery(&key);
    for (peer, reply) in [(Some(LOCAL), Reply::Processed), (None, Reply::SourceUnknown)] {
        let mut request = request(&delivery);
        request.extensions_mut().insert(Peer(SocketAddr::from((LOCAL, 4711))));
        let response = service.clone().peer(move |_| peer).call(request).await.unwrap();
        assert_eq!(code(response).await, wire(reply), "{peer:?}");
    }
}

#[tokio::test]
async fn is_a_route_of_axum_with_its_connect_info() {
    let key = TestKey::generate();
    let service = |verifier| WebhookService::new(verifier, |verified| verified.run(process));
    let known = service(local(&key)).peer(|request| {
        let info = request.extensions.get::<ConnectInfo<SocketAddr>>();
        info.map(|ConnectInfo(address)| address.ip())
    });
    let router = Router::new()
        .route_service("/known", known)
        .route_service("/unknown", service(local(&key)))
        .route(
            "/posted",
            axum::routing::post_service(service(Verifier::new(&key.public_jwk()).unwrap())),
        );
    let listener = TcpListener::bind((LOCAL, 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let app = router.into_make_service_with_connect_info::<SocketAddr>();
    tokio::spawn(async move { axum::serve(listener, app).await });
    let delivery = delivery(&key);
    assert_reply(&delivery.send(address, "/known").await.unwrap(), Reply::Processed);
    assert_reply(&delivery.send(address, "/unknown").await.unwrap(), Reply::SourceUnknown);
    assert_reply(&delivery.send(address, "/posted").await.unwrap(), Reply::Processed);
    let forged = Delivery::signed(&TestKey::generate(), delivery.body);
    assert_reply(&forged.send(address, "/known").await.unwrap(), Reply::SignatureInvalid);
}
