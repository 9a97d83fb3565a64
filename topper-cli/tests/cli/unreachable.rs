//! Connections that fail: each command says why, and what to do.

use std::{net::SocketAddr, sync::Arc};

use rcgen::{BasicConstraints, CertificateParams, IsCa, date_time_ymd};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpSocket, TcpStream},
    time::{Duration, sleep},
};
use tokio_rustls::rustls::{
    RootCertStore, ServerConfig,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, pem::PemObject as _},
    server::WebPkiClientVerifier,
};

use crate::{Home, https, program::Output};

/// What must not be shown.
const SECRET: &str = "hush";

/// Runs each command that sends to a URL, and expects these words, this code and this advice of all.
async fn expect(url: &str, pem: Option<&str>, words: &str, code: &str, advice: &str) {
    let home = Home::new();
    let url = format!("{url}?token={SECRET}");
    home.write("ca.pem", pem.unwrap_or_default());
    let ca = if pem.is_some() { &["--ca", "ca.pem"][..] } else { &[] };
    let check = |output: &Output| {
        let all = format!("{}{}", output.stdout, output.stderr);
        // Lines are wrapped.
        let text = all.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(text.contains(words) && text.contains(advice), "{output:?}");
        assert!(!all.contains(SECRET) && output.code == Some(1), "{output:?}");
    };

    let save = ["--save", "saved.jsonl", "--forward-to", &url];
    let mut listening = home.listen(&[&save[..], ca].concat()).await;
    let sent = home.topper(&["send", "user:created", "--to", &listening.url]).await;
    // 502, or no answer where the connection takes its 4 s.
    assert!(sent.stdout.contains("to retry"), "{sent:?}");
    listening.line().await;
    listening.line().await;
    let endpoint = listening.line().await;
    assert!(endpoint.ends_with(&format!("{words}, Topper would retry")), "{endpoint}");
    let next = listening.line().await;
    assert!(next.contains(" do ") && next.contains(advice), "{next}");
    listening.end().await;

    let send = [&["send", "user:created", "--to", &url], ca].concat();
    check(&home.topper(&send).await);
    check(&home.topper(&[&["replay", "saved.jsonl", "--to", &url], ca].concat()).await);
    let output = home.topper(&[&send[..], &["--json"]].concat()).await;
    let received = &output.objects()[0]["received"];
    assert_eq!(received["cause"], code, "{output:?}");
    assert!(received["error"].as_str().unwrap().starts_with(words), "{output:?}");
    assert!(!output.stdout.contains(SECRET), "{output:?}");

    let doctor = [&["doctor", &url], ca].concat();
    check(&home.topper(&doctor).await);
    let output = home.topper(&[&doctor[..], &["--json"]].concat()).await;
    let objects = output.objects();
    assert_eq!(objects.len(), 2, "{output:?}");
    assert_eq!(objects[0]["cause"], code, "{output:?}");
    // What Topper would do is not known.
    assert_eq!(objects[0]["came_back"], words, "{output:?}");
    let told = objects[0]["advice"].as_str().unwrap();
    assert!(told.contains(advice) && told.ends_with("it probably retries the delivery."), "{told}");
}

/// An address on which a program does something with each connection.
async fn accept<F>(serve: impl Fn(TcpStream) -> F + Send + 'static) -> SocketAddr
where
    F: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        loop {
            let (socket, _) = listener.accept().await.unwrap();
            tokio::spawn(serve(socket));
        }
    });
    address
}

/// Reads what comes first, answers with bytes, and closes.
async fn answer(bytes: &'static [u8]) -> SocketAddr {
    accept(async |mut socket: TcpStream| {
        let mut received = Vec::new();
        let _ = socket.read_buf(&mut received).await;
        let _ = socket.write_all(bytes).await;
        let _ = socket.shutdown().await;
        let _ = socket.read_to_end(&mut received).await;
    })
    .await
}

fn certificate(name: &str) -> CertificateParams {
    CertificateParams::new([name.to_owned()]).unwrap()
}

#[tokio::test]
async fn names_a_certificate_of_an_unknown_ca() {
    let (url, _) = https::start_with(certificate("localhost")).await;
    let words = "certificate from unknown CA";
    expect(&url, None, words, "certificate_unknown_ca", "with --ca FILE").await;
}

#[tokio::test]
async fn names_a_certificate_for_another_name_and_the_name() {
    let (url, pem) = https::start_with(certificate("another.example")).await;
    let words = "certificate for another name";
    let code = "certificate_wrong_name";
    expect(&url, Some(&pem), words, code, "Use a name from the certificate").await;
    expect(&url, Some(&pem), words, code, "another.example").await;
}

#[tokio::test]
async fn names_a_certificate_that_has_expired() {
    let mut expired = certificate("localhost");
    expired.not_before = date_time_ymd(2020, 1, 1);
    expired.not_after = date_time_ymd(2020, 2, 1);
    let (url, pem) = https::start_with(expired).await;
    let advice = "Renew the endpoint's certificate";
    expect(&url, Some(&pem), "certificate expired", "certificate_expired", advice).await;
}

#[tokio::test]
async fn names_a_certificate_that_is_not_valid_yet() {
    let mut future = certificate("localhost");
    future.not_before = date_time_ymd(4000, 1, 1);
    let (url, pem) = https::start_with(future).await;
    let words = "certificate not yet valid";
    let advice = "Check the clock of this machine";
    expect(&url, Some(&pem), words, "certificate_not_yet_valid", advice).await;
}

#[tokio::test]
async fn names_a_certificate_that_is_that_of_a_ca() {
    let mut ca = certificate("localhost");
    ca.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let (url, pem) = https::start_with(ca).await;
    let words = "certificate belongs to a CA";
    expect(&url, Some(&pem), words, "certificate_is_ca", "basicConstraints=CA:FALSE").await;
}

#[tokio::test]
async fn names_a_tls_handshake_that_fails_for_want_of_a_client_certificate() {
    let own = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let pem = own.cert.pem();
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(pem.as_bytes()).unwrap()).unwrap();
    let provider = Arc::new(aws_lc_rs::default_provider());
    let clients =
        WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider));
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(own.signing_key.serialize_der()));
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_client_cert_verifier(clients.build().unwrap())
        .with_single_cert(vec![own.cert.der().clone()], key)
        .unwrap();
    let url = https::serve(config).await;
    let advice = "has no client certificate";
    expect(&url, Some(&pem), "TLS handshake failed", "tls_failed", advice).await;
}

#[tokio::test]
async fn names_a_port_that_speaks_plain_http() {
    let address = answer(b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n").await;
    expect(&format!("https://{address}/"), None, "not TLS", "not_tls", "Use http://").await;
}

#[tokio::test]
async fn names_a_connection_that_is_closed_in_the_tls_handshake() {
    let url = format!("https://{}/", answer(b"").await);
    expect(&url, None, "closed in TLS handshake", "tls_closed", "use http://").await;
}

#[tokio::test]
async fn names_a_port_that_speaks_tls_only() {
    let (url, _) = https::start_with(certificate("localhost")).await;
    let url = url.replace("https:", "http:");
    expect(&url, None, "TLS, not plain HTTP", "needs_tls", "Use https://").await;
}

#[tokio::test]
async fn names_a_port_that_speaks_something_else() {
    for bytes in [&b"220 mail.example ESMTP\r\n"[..], b"HTTP/5 200 OK\r\n\r\n"] {
        let url = format!("http://{}/", answer(bytes).await);
        expect(&url, None, "not HTTP", "not_http", "does another program listen there?").await;
    }
}

#[tokio::test]
async fn names_a_refused_connection() {
    // Bound, and not listened on.
    let closed = TcpSocket::new_v4().unwrap();
    closed.bind(SocketAddr::from(([127, 0, 0, 1], 0))).unwrap();
    for scheme in ["http", "https"] {
        let url = format!("{scheme}://{}/", closed.local_addr().unwrap());
        let advice = "Is the endpoint running, at this address and port?";
        expect(&url, None, "connection refused", "connection_refused", advice).await;
    }
}

#[tokio::test]
async fn names_a_host_name_that_does_not_resolve() {
    let advice = "Check the spelling of the host name";
    // A name that never exists (RFC 6761, section 6.4).
    let url = "http://endpoint.invalid/";
    expect(url, None, "host name not found", "host_not_found", advice).await;
}

#[tokio::test]
async fn names_a_connection_that_is_closed_without_an_answer() {
    let advice = "closed the connection without an answer: see its log";
    let url = format!("http://{}/", answer(b"").await);
    expect(&url, None, "closed without an answer", "closed_without_answer", advice).await;
    // Before it has read anything, so that the connection is reset.
    let url = format!("http://{}/", accept(async |_| ()).await);
    expect(&url, None, "closed without an answer", "closed_without_answer", advice).await;
}

#[tokio::test]
async fn names_an_answer_that_is_cut_short() {
    for bytes in [&b"HTTP/1.1 200"[..], b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nok"] {
        let url = format!("http://{}/", answer(bytes).await);
        let advice = "in the middle of its answer";
        expect(&url, None, "answer cut short", "answer_cut_short", advice).await;
    }
}

#[tokio::test]
async fn names_a_tls_handshake_that_is_never_answered() {
    let address = accept(async |_socket| sleep(Duration::from_secs(60)).await).await;
    let words = "TLS handshake timed out";
    expect(&format!("https://{address}/"), None, words, "tls_timeout", "use http://").await;
}

/// Linux drops what would go to a port with too many open connections.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn names_a_connection_that_is_never_answered() {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind(SocketAddr::from(([127, 0, 0, 1], 0))).unwrap();
    let listener = socket.listen(1).unwrap();
    let address = listener.local_addr().unwrap();
    let mut open = Vec::new();
    while let Ok(socket) =
        tokio::time::timeout(Duration::from_millis(500), TcpStream::connect(address)).await
    {
        open.push(socket.unwrap());
    }
    let advice = "whether a firewall drops the packets";
    let url = format!("http://{address}/");
    expect(&url, None, "connection timed out", "connect_timeout", advice).await;
}

#[tokio::test]
async fn says_what_is_wrong_with_a_header_that_cannot_be_sent() {
    let home = Home::new();
    let to = ["--to", "http://127.0.0.1:9", "--header", "x: a\u{1}b"];
    let output = home.topper(&[&["send", "user:created"], &to[..]].concat()).await;
    assert!(output.stdout.contains("invalid header"), "{output:?}");
    assert!(output.stderr.contains("Nothing was sent. Correct the header."), "{output:?}");
}

#[tokio::test]
async fn says_once_what_to_do_about_many_failures_of_a_kind() {
    let home = Home::new();
    let arguments = ["send", "--flow", "onramp", "--to", "http://127.0.0.1:9"];
    let output = home.topper(&arguments).await;
    assert_eq!(output.stdout.matches("connection refused").count(), 4, "{output:?}");
    assert_eq!(output.stderr.matches("connection refused").count(), 1, "{output:?}");
    assert!(output.stderr.ends_with("\n0 of 4 delivered, 4 not delivered\n"), "{output:?}");
}

#[tokio::test]
async fn shows_no_secret_of_a_url_that_cannot_be_used() {
    let home = Home::new();
    for url in ["http://user:hush@localhost/?token=hush", "user:hush@localhost", "http://a b/?hush"]
    {
        for arguments in [
            &["send", "user:created", "--to", url][..],
            &["doctor", url],
            &["listen", "--port", "0", "--forward-to", url],
        ] {
            let output = home.topper(arguments).await;
            assert_eq!(output.code, Some(2), "{output:?}");
            assert!(!output.stderr.contains(SECRET), "{output:?}");
        }
    }
}
