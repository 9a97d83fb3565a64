//! A client that is ready to use.

use std::{fmt, future::poll_fn, io, net::SocketAddr, pin::pin, sync::Arc, time::Duration};

use http_body_util::{BodyExt as _, Full};
use hyper::{
    Uri,
    body::Bytes,
    client::conn::http1,
    header::{ACCEPT, CONNECTION, CONTENT_TYPE, HOST, USER_AGENT},
};
use hyper_util::rt::TokioIo;
use tokio::{
    net::{TcpStream, lookup_host},
    time::timeout,
};
use tokio_rustls::{
    TlsConnector,
    client::TlsStream,
    rustls::{
        self, ClientConfig, RootCertStore,
        crypto::aws_lc_rs,
        pki_types::{CertificateDer, ServerName, pem::PemObject as _},
    },
};

use super::{Answer, BoxError, Client, Request};

/// How long a whole request may take.
const TIMEOUT: Duration = Duration::from_secs(10);
/// How long one address may take to accept a connection, before the next one is tried.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
const JSON: &str = "application/json";

/// A [`Client`] on hyper and rustls, for a runtime of tokio.
///
/// Each request has its own connection, over HTTP/1.1 and TLS 1.2 or 1.3. It follows no redirect, uses
/// no proxy, and gives up after 10 s. Make it once, at start: it reads the certificates that it
/// trusts. Cheap to clone.
///
/// # Examples
///
/// ```no_run
/// use topper_bootstrap::{Environment, Flow, api::{self, HttpsClient}};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let client = HttpsClient::new()?;
/// let methods = api::payment_methods(&client, Environment::Sandbox, Flow::CryptoOnramp).await?;
/// println!("{:?}", methods.countries());
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct HttpsClient {
    tls: TlsConnector,
    timeout: Duration,
    addresses: Option<Arc<[SocketAddr]>>,
}

impl HttpsClient {
    /// Trusts the certificate authorities of the system.
    ///
    /// # Errors
    ///
    /// When the system has none.
    pub fn new() -> Result<Self, HttpsClientError> {
        let found = rustls_native_certs::load_native_certs();
        Self::with(found.certs, HttpsClientError::NoAuthorities)
    }

    /// Trusts only these certificate authorities, as certificates in PEM: on a system without any, or
    /// in tests.
    ///
    /// # Errors
    ///
    /// When the text has no certificate, or one that cannot be read.
    pub fn trusting(pem: &[u8]) -> Result<Self, HttpsClientError> {
        let certificates: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
        let certificates = certificates.map_err(|_| HttpsClientError::Pem)?;
        Self::with(certificates, HttpsClientError::Pem)
    }

    fn with(
        certificates: Vec<CertificateDer<'static>>,
        otherwise: HttpsClientError,
    ) -> Result<Self, HttpsClientError> {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(certificates);
        if roots.is_empty() {
            return Err(otherwise);
        }
        // The provider is named: the process-wide one may not be set, or set twice.
        let provider = Arc::new(aws_lc_rs::default_provider());
        let mut config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|_: rustls::Error| HttpsClientError::Tls)?
            .with_root_certificates(roots)
            .with_no_client_auth();
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self { tls: Arc::new(config).into(), timeout: TIMEOUT, addresses: None })
    }

    /// How long a whole request may take, from the look-up of the name to the end of the answer
    /// (default: 10 s).
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Connects to the first of these addresses that accepts a connection, and looks up no name. The
    /// certificate must still be for Topper's name.
    #[must_use]
    pub fn connecting_to(mut self, addresses: impl IntoIterator<Item = SocketAddr>) -> Self {
        self.addresses = Some(addresses.into_iter().collect());
        self
    }

    async fn exchange(&self, request: Request) -> Result<Answer, BoxError> {
        let uri: Uri = request.url().parse()?;
        let host = uri.host().ok_or("the URL has no host")?;
        let mut head = hyper::Request::builder()
            .method(request.method())
            .uri(uri.path())
            .header(HOST, host)
            .header(ACCEPT, JSON)
            .header(USER_AGENT, concat!("topper-bootstrap/", env!("CARGO_PKG_VERSION")))
            .header(CONNECTION, "close");
        if request.json().is_some() {
            head = head.header(CONTENT_TYPE, JSON);
        }
        let request = head.body(Full::<Bytes>::from(request.into_json().unwrap_or_default()))?;
        let socket = self.connect(host, uri.port_u16().unwrap_or(443)).await?;
        let name = ServerName::try_from(host.to_owned())?;
        answer(self.tls.connect(name, socket).await?, request).await
    }

    async fn connect(&self, host: &str, port: u16) -> io::Result<TcpStream> {
        let addresses = match &self.addresses {
            Some(addresses) => addresses.to_vec(),
            None => lookup_host((host, port)).await?.collect(),
        };
        let mut failure = io::Error::new(io::ErrorKind::NotFound, "the host has no address");
        for address in addresses {
            match timeout(CONNECT_TIMEOUT, TcpStream::connect(address)).await {
                Ok(Ok(socket)) => {
                    socket.set_nodelay(true)?;
                    return Ok(socket);
                }
                Ok(Err(error)) => failure = error,
                Err(_) => failure = timed_out("no connection", CONNECT_TIMEOUT),
            }
        }
        Err(failure)
    }
}

impl Client for HttpsClient {
    async fn send(&self, request: Request) -> Result<Answer, BoxError> {
        let most = self.timeout;
        let answer = timeout(most, self.exchange(request)).await;
        answer.unwrap_or_else(|_| Err(timed_out("no whole answer", most).into()))
    }
}

impl fmt::Debug for HttpsClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpsClient").field("timeout", &self.timeout).finish_non_exhaustive()
    }
}

/// Sends a request over a connection, and reads the answer.
async fn answer(
    socket: TlsStream<TcpStream>,
    request: hyper::Request<Full<Bytes>>,
) -> Result<Answer, BoxError> {
    let (mut sender, connection) = http1::handshake(TokioIo::new(socket)).await?;
    let exchange = async {
        let response = sender.send_request(request).await?;
        let mut answer = Answer::new(response.status().as_u16());
        let mut body = response.into_body();
        while let Some(frame) = body.frame().await {
            if let Some(piece) = frame?.data_ref() {
                answer.push(piece)?;
            }
        }
        Ok(answer)
    };
    // The connection is driven here and not in a task, so that nothing goes on when this is dropped.
    let (mut exchange, mut connection) = (pin!(exchange), pin!(connection));
    let mut is_open = true;
    poll_fn(|context| {
        // Its error is the one that the exchange gets, too.
        is_open = is_open && connection.as_mut().poll(context).is_pending();
        exchange.as_mut().poll(context)
    })
    .await
}

fn timed_out(what: &str, most: Duration) -> io::Error {
    io::Error::new(io::ErrorKind::TimedOut, format!("{what} within {most:?}"))
}

/// Why an [`HttpsClient`] cannot be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum HttpsClientError {
    /// The system has no certificate authorities.
    #[error(
        "the system has no certificate authorities: install the package ca-certificates, set \
         SSL_CERT_FILE, or use `HttpsClient::trusting`"
    )]
    NoAuthorities,
    /// A text has no certificate.
    #[error("the text has no certificate in PEM, or one that cannot be read")]
    Pem,
    /// TLS cannot be used.
    #[error("the back end of TLS cannot be used")]
    Tls,
}
