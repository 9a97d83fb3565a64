//! The server; what the four have in common is tested with the receivers of the examples.

#![cfg(feature = "serve")]

use std::{
    convert::Infallible,
    net::{Ipv4Addr, SocketAddr, TcpListener},
    time::Duration,
};

use tokio::net::TcpStream;
use topper_core::{EventName, Outcome, Reply, SourceMode, Verifier};
use topper_testkit::{Answer, Delivery, EventBuilder, TestKey};
use topper_warp::{Server, WebhookReply, peer, recover, serve, verified};
use warp::{Filter as _, Rejection, Reply as _, http::StatusCode};

fn assert_reply(answer: &Answer, expected: Reply) {
    assert_eq!((answer.status, answer.body.as_str()), (expected.status(), expected.code()));
}

#[tokio::test]
async fn knows_the_peer_and_takes_a_filter_that_never_rejects() {
    let key = TestKey::generate();
    let (local, other) = (["127.0.0.1"], ["192.0.2.1"]);
    let verifier = |allowed: [&'static str; 1]| {
        let verifier =
            Verifier::builder().keys(topper_core::KeySet::parse(&key.public_jwk()).unwrap());
        verifier.sources(SourceMode::Enforce).allowed_ips(allowed).build().unwrap()
    };
    let webhook = |path, verifier| {
        let receive = |_| async { WebhookReply::from(Outcome::Processed) };
        warp::path(path).and(warp::post()).and(verified(verifier)).then(receive)
    };
    let who = warp::path("who")
        .and(peer())
        .map(|peer: Option<SocketAddr>| peer.map(|peer| peer.ip().to_string()).unwrap_or_default());
    let own = |_: Rejection| async { Ok::<_, Infallible>(StatusCode::NOT_FOUND.into_response()) };
    let filter = webhook("here", verifier(local))
        .or(webhook("elsewhere", verifier(other)))
        .or(who)
        .recover(recover)
        .recover(own);

    let address = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap();
    let server = Server::new().port(address.port());
    tokio::spawn(serve(server, warp::service(filter)));
    while TcpStream::connect(address).await.is_err() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let delivery = Delivery::signed(&key, EventBuilder::new(EventName::UserCreated).to_json());
    let send = async |path| delivery.send(address, path).await.unwrap();
    assert_reply(&send("/here").await, Reply::Processed);
    assert_reply(&send("/elsewhere").await, Reply::SourceUnknown);
    assert_eq!(send("/who").await.body, "127.0.0.1");
    assert_reply(&send("/nowhere").await, Reply::NotConfigured);
    assert_eq!(Delivery::unsigned("{}").send(address, "/nowhere").await.unwrap().status, 404);
}
