//! Over TLS.

use std::sync::Arc;

use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        ServerConfig,
        crypto::aws_lc_rs,
        pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
    },
};
use topper_core::Fate;
use topper_testkit::{Delivery, Received, Sender, UnreachableKind};

use crate::endpoint::{Behaviour, Endpoint};

/// An endpoint with a certificate for a name, and that certificate in PEM.
async fn endpoint(name: &str) -> (Endpoint, String) {
    let own = rcgen::generate_simple_self_signed([name.to_owned()]).unwrap();
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(own.signing_key.serialize_der()));
    let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![own.cert.der().clone()], key)
        .unwrap();
    let tls = TlsAcceptor::from(Arc::new(config));
    (Endpoint::start_with(Some(tls), |_| Behaviour::Chunked).await, own.cert.pem())
}

async fn failure(sender: Sender) -> Option<UnreachableKind> {
    let sent = sender.retries(0).send(Delivery::unsigned("{}")).await;
    assert_eq!(sent.fate(), Fate::Retried);
    match &sent.last().unwrap().received {
        Received::Unreachable(error) => Some(error.kind()),
        _ => None,
    }
}

#[tokio::test]
async fn delivers_to_a_certificate_that_it_was_told_to_trust() {
    let (endpoint, pem) = endpoint("localhost").await;
    let url = format!("https://localhost:{}/hook", endpoint.address.port());
    let sender = Sender::to(&url).unwrap().trusting(pem.as_bytes()).unwrap();
    assert_eq!(sender.send(Delivery::unsigned("{}")).await.fate(), Fate::Delivered);
    assert!(endpoint.requests()[0].head.starts_with("POST /hook HTTP/1.1\r\n"));
}

#[tokio::test]
async fn connects_to_the_given_addresses_with_the_name_of_the_url() {
    let (endpoint, pem) = endpoint("another.example").await;
    let url = format!("https://another.example:{}/hook", endpoint.address.port());
    let sender = Sender::to(&url).unwrap().trusting(pem.as_bytes()).unwrap();
    let sender = sender.connecting_to([endpoint.address]);
    assert_eq!(sender.send(Delivery::unsigned("{}")).await.fate(), Fate::Delivered);
    let host = format!("another.example:{}", endpoint.address.port());
    assert_eq!(endpoint.requests()[0].values("host"), [host]);
    assert_eq!(failure(sender.connecting_to([])).await, Some(UnreachableKind::HostNotFound));
}

#[tokio::test]
async fn sends_nothing_to_a_certificate_that_it_cannot_trust() {
    let (unknown, _) = endpoint("localhost").await;
    let url = format!("https://localhost:{}/hook", unknown.address.port());
    assert_eq!(failure(Sender::to(&url).unwrap()).await, Some(UnreachableKind::UnknownCa));

    let (other, pem) = endpoint("another.example").await;
    let url = format!("https://localhost:{}/hook", other.address.port());
    let sender = Sender::to(&url).unwrap().trusting(pem.as_bytes()).unwrap();
    assert_eq!(failure(sender).await, Some(UnreachableKind::WrongName));
    assert!(unknown.requests().is_empty() && other.requests().is_empty());
}

#[test]
fn takes_certificates_in_pem_only() {
    let sender = Sender::to("https://localhost").unwrap();
    for text in [
        "",
        "certificate",
        "-----BEGIN CERTIFICATE-----\n!!\n-----END CERTIFICATE-----\n",
        "-----BEGIN CERTIFICATE-----\naGVsbG8=\n-----END CERTIFICATE-----\n",
    ] {
        sender.clone().trusting(text.as_bytes()).unwrap_err();
    }
}
