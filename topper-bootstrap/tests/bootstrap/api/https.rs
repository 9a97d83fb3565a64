//! The ready client, over TLS.

use std::{
    error::Error as _,
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        ServerConfig,
        crypto::aws_lc_rs,
        pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
    },
};
use topper_bootstrap::api::{HttpsClient, HttpsClientError};

use super::{server::Opening, *};

const SANDBOX: &str = "api.sandbox.topperpay.com";

/// A server with a certificate for a name, and a client that trusts it and connects to it.
async fn start_as(name: &str, act: Act) -> (Server, HttpsClient) {
    let own = rcgen::generate_simple_self_signed([name.to_owned()]).unwrap();
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(own.signing_key.serialize_der()));
    let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![own.cert.der().clone()], key)
        .unwrap();
    let tls = Opening::Tls(TlsAcceptor::from(Arc::new(config)));
    let server = Server::start_with(tls, act).await;
    let client = HttpsClient::trusting(own.cert.pem().as_bytes()).unwrap();
    let client = client.connecting_to([server.address]);
    (server, client)
}

async fn start(act: Act) -> (Server, HttpsClient) {
    start_as(SANDBOX, act).await
}

async fn ask(client: &HttpsClient) -> Result<api::Quote, ApiError> {
    quote(client, &widget(), &any_onramp()).await
}

/// What a server is asked for a price.
pub(super) async fn ask_once() -> Vec<String> {
    let (server, client) = start(ok(&price())).await;
    ask(&client).await.unwrap();
    server.asked()
}

/// The text of what went wrong in the client.
#[expect(clippy::panic, reason = "a test stops at what should not happen")]
async fn failure(client: &HttpsClient) -> String {
    match ask(client).await.unwrap_err() {
        error @ ApiError::Client(_) => error.source().unwrap().to_string(),
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn sends_to_toppers_name_over_tls() {
    let (server, client) = start(ok(&price())).await;
    assert_eq!(ask(&client).await.unwrap().destination.asset, "ETH");
    let asked = server.asked()[0].to_ascii_lowercase();
    let (head, body) = asked.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("post /simulations http/1.1\r\n"), "{head}");
    for line in
        [&*format!("host: {SANDBOX}"), "content-type: application/json", "accept: application/json"]
    {
        assert!(head.lines().any(|it| it == line), "{head}");
    }
    assert!(head.contains(&format!("content-length: {}", body.len())), "{head}");

    let (server, client) = start(ok(&some_assets())).await;
    assets(&client, Environment::Sandbox, Flow::CryptoOnramp).await.unwrap();
    let asked = server.asked()[0].to_ascii_lowercase();
    assert!(asked.starts_with("get /assets/crypto-onramp http/1.1\r\n"), "{asked}");
    assert!(!asked.contains("content-type") && asked.ends_with("\r\n\r\n"), "{asked}");
}

#[tokio::test]
async fn reads_a_body_in_chunks_and_one_that_ends_with_the_connection() {
    let body = price().to_string();
    let (one, two) = body.split_at(20);
    let chunked = format!(
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{:x}\r\n{one}\r\n{:x}\r\n{two}\r\n0\r\n\r\n",
        one.len(),
        two.len(),
    );
    let until_close = format!("HTTP/1.1 200 OK\r\n\r\n{body}");
    for text in [chunked, until_close] {
        let (_server, client) = start(Act::Send(text.into_bytes())).await;
        assert_eq!(ask(&client).await.unwrap().fees.len(), 2);
    }
}

#[tokio::test]
async fn follows_no_redirect() {
    let (other, _) = start(ok(&price())).await;
    for status in [301, 302, 303, 307, 308] {
        let text = format!(
            "HTTP/1.1 {status} x\r\nLocation: https://{}/\r\nContent-Length: 0\r\n\r\n",
            other.address
        );
        let (server, client) = start(Act::Send(text.into_bytes())).await;
        let error = ask(&client).await.unwrap_err();
        assert!(matches!(error, ApiError::Status { status: found, .. } if found == status));
        assert_eq!((server.asked().len(), other.asked().len()), (1, 0));
    }
}

#[tokio::test]
async fn sends_nothing_to_a_server_that_it_does_not_trust() {
    let (server, client) = start_as("api.topperpay.com.example", ok(&price())).await;
    assert!(failure(&client).await.contains("certificate"));
    assert_eq!(server.asked().len(), 0);

    let (server, _) = start(ok(&price())).await;
    let (_other, client) = start(ok(&price())).await;
    let client = client.connecting_to([server.address]);
    assert!(failure(&client).await.contains("certificate"));
    assert_eq!(server.asked().len(), 0);

    // The system's authorities do not know it either.
    if let Ok(client) = HttpsClient::new() {
        assert!(failure(&client.connecting_to([server.address])).await.contains("certificate"));
        assert_eq!(server.asked().len(), 0);
    }
}

#[tokio::test]
async fn gives_up_in_time() {
    let (_server, client) = start(Act::Hang).await;
    let started = Instant::now();
    let text = failure(&client.timeout(Duration::from_millis(200))).await;
    assert_eq!(text, "no whole answer within 200ms");
    assert!(started.elapsed() < Duration::from_secs(5));
}

#[tokio::test]
async fn stops_at_1_mib_and_at_an_answer_that_is_cut_short() {
    let (_server, client) = start(Act::Endless).await;
    assert!(matches!(ask(&client).await, Err(ApiError::TooLong(_))));
    for text in
        ["HTTP/1.1 200 OK\r\nContent-Length: 9000\r\n\r\n{\"simulation\"", "HTTP/1.1 200", ""]
    {
        let (_server, client) = start(Act::Send(text.into())).await;
        assert!(!failure(&client).await.is_empty());
    }
    let (_server, client) = start(Act::Send(b"SSH-2.0-x\r\n\r\n".into())).await;
    assert!(failure(&client).await.contains("HTTP"));
}

#[tokio::test]
async fn tries_one_address_after_the_other() {
    let (server, client) = start(ok(&price())).await;
    let closed: SocketAddr = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.local_addr().unwrap()
    };
    assert!(ask(&client.clone().connecting_to([closed, server.address])).await.is_ok());
    assert!(failure(&client.clone().connecting_to([closed])).await.contains("refused"));
    assert_eq!(failure(&client.connecting_to([])).await, "the host has no address");
}

#[test]
fn trusts_only_certificates_in_pem() {
    for text in ["", "hunter2", "-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n"] {
        let error = HttpsClient::trusting(text.as_bytes()).unwrap_err();
        assert_eq!(error, HttpsClientError::Pem);
    }
    let not_one = pem("CERTIFICATE", b"0123");
    assert!(HttpsClient::trusting(not_one.as_bytes()).is_err());
    let own = rcgen::generate_simple_self_signed(["a.example".to_owned()]).unwrap().cert.pem();
    let client = HttpsClient::trusting(own.as_bytes()).unwrap();
    assert_eq!(format!("{client:?}"), "HttpsClient { timeout: 10s, .. }");
}
