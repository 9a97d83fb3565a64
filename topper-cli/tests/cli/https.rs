//! Over TLS, with a certificate of one's own.

use std::sync::Arc;

use rcgen::{CertificateParams, KeyPair};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        ServerConfig,
        crypto::aws_lc_rs,
        pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
    },
};

use crate::Home;

/// An endpoint that answers 200 to whatever comes, with a certificate for `localhost`; its URL, and
/// its certificate in PEM.
async fn start() -> (String, String) {
    start_with(CertificateParams::new(["localhost".to_owned()]).unwrap()).await
}

/// The same with another certificate, which signs itself.
pub(crate) async fn start_with(certificate: CertificateParams) -> (String, String) {
    let key = KeyPair::generate().unwrap();
    let own = certificate.self_signed(&key).unwrap();
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![own.der().clone()], key)
        .unwrap();
    (serve(config).await, own.pem())
}

/// The URL of an endpoint that answers 200 to whatever comes.
pub(crate) async fn serve(config: ServerConfig) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://localhost:{}/", listener.local_addr().unwrap().port());
    tokio::spawn(async move {
        let tls = TlsAcceptor::from(Arc::new(config));
        loop {
            let (socket, _) = listener.accept().await.unwrap();
            let mut received = Vec::new();
            let mut socket = match tls.accept(socket).into_fallible().await {
                Ok(socket) => socket,
                // A client that does not trust it, or does not speak TLS, and goes away.
                Err((_, mut socket)) => {
                    let _ = socket.shutdown().await;
                    let _ = socket.read_to_end(&mut received).await;
                    continue;
                }
            };
            while !received.ends_with(b"}") && socket.read_buf(&mut received).await.unwrap_or(0) > 0
            {
            }
            let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
            let _ = socket.write_all(answer).await;
            let _ = socket.shutdown().await;
        }
    });
    url
}

#[tokio::test]
async fn sends_to_a_certificate_that_it_is_told_to_trust_and_to_no_other() {
    let home = Home::new();
    let (url, pem) = start().await;
    home.write("ca.pem", pem);
    let arguments = ["send", "user:created", "--to", &url];
    let output = home.topper(&[&arguments[..], &["--ca", "ca.pem"]].concat()).await;
    assert_eq!(output.code, Some(0), "{output:?}");
    let output = home.topper(&arguments).await;
    assert_eq!((output.code, output.stdout.contains("unknown CA")), (Some(1), true), "{output:?}");
    home.write("no.pem", "no certificate");
    let output = home.topper(&[&arguments[..], &["--ca", "no.pem"]].concat()).await;
    assert!(output.stderr.contains("no.pem: has no certificate"), "{output:?}");
}

#[tokio::test]
async fn judges_over_tls_what_can_be_judged() {
    let home = Home::new();
    let (url, pem) = start().await;
    home.write("ca.pem", pem);
    let output = home.topper(&["doctor", &url, "--ca", "ca.pem"]).await;
    assert_eq!(output.code, Some(1), "{output:?}");
    assert!(output.stdout.contains("refuses what is not signed"), "{output:?}");
    assert!(output.stdout.contains("(only over http): not tested"), "{output:?}");
}
