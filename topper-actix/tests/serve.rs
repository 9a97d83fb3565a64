//! The server; what the four have in common is tested with the receivers of the examples.

#![cfg(feature = "serve")]
#![expect(clippy::unwrap_used, reason = "tests stop at what should not happen")]

use std::{
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    time::Duration,
};

use actix_web::{App, rt, web};
use topper_actix::{Server, Verified, WebhookReply, serve};
use topper_core::{EventName, Outcome, Reply, Verifier};
use topper_testkit::{Answer, Delivery, EventBuilder, TestKey};

async fn receive(_: Verified) -> WebhookReply {
    Outcome::Processed.into()
}

fn assert_reply(answer: &Answer, expected: Reply) {
    assert_eq!((answer.status, answer.body.as_str()), (expected.status(), expected.code()));
}

async fn start(key: &TestKey) -> SocketAddr {
    let address = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap();
    let verifier = Verifier::new(&key.public_jwk()).unwrap();
    let app = move || {
        let scope = web::scope("/scope").route("/slash/", web::post().to(receive));
        App::new()
            .app_data(verifier.clone())
            .service(scope)
            .route("/both", web::post().to(receive))
            .route("/both/", web::post().to(|| async { "the other one" }))
            .route("/{any}/none", web::post().to(receive))
    };
    let server = Server::new().host(address.ip()).port(address.port());
    rt::spawn(async move { serve(server, app).await.unwrap() });
    while TcpStream::connect(address).is_err() {
        rt::time::sleep(Duration::from_millis(10)).await;
    }
    address
}

#[actix_web::test]
async fn routes_a_delivery_with_another_slash_only_where_nothing_else_is() {
    let key = TestKey::generate();
    let address = start(&key).await;
    let delivery = Delivery::signed(&key, EventBuilder::new(EventName::UserCreated).to_json());
    for path in ["/scope/slash", "/scope/slash/", "/both", "/x/none", "/x/none/", "/x/none/?a=/"] {
        assert_reply(&delivery.send(address, path).await.unwrap(), Reply::Processed);
    }
    assert_eq!(delivery.send(address, "/both/").await.unwrap().body, "the other one");
    for path in ["/none", "/scope/slash/more/", "//"] {
        assert_reply(&delivery.send(address, path).await.unwrap(), Reply::NotConfigured);
    }
    let unsigned = Delivery::unsigned("{}");
    assert_eq!(unsigned.send(address, "/scope/slash").await.unwrap().status, 404);
}
