//! Where deliveries go, and one exchange with it.

use std::{
    error, fmt, io,
    sync::{Arc, OnceLock},
    time::{Duration, Instant},
};

use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited};
use hyper::{
    Method, Request, Uri,
    body::Bytes,
    client::conn::http1,
    header::{CONNECTION, CONTENT_TYPE, HOST},
    http::uri::Scheme,
};
use hyper_util::rt::TokioIo;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
    time::timeout,
};
use tokio_rustls::{
    TlsConnector,
    rustls::{
        self, ClientConfig, RootCertStore,
        crypto::aws_lc_rs,
        pki_types::{CertificateDer, ServerName, pem::PemObject as _},
    },
};

use super::Received;
use crate::{Answer, Delivery};

/// The most bytes of an answer's body that are kept.
const MOST_BYTES: usize = 64 * 1024;

#[derive(Clone)]
pub(super) struct Target {
    /// The host without brackets, as it is resolved.
    host: String,
    port: u16,
    /// The value of `Host`.
    authority: String,
    /// Path and query.
    path: String,
    is_tls: bool,
    authorities: Vec<CertificateDer<'static>>,
    /// Made when it is needed: it reads the system's certificates.
    tls: Arc<OnceLock<Result<TlsConnector, rustls::Error>>>,
}

impl Target {
    pub(super) fn parse(url: &str) -> Result<Self, TargetError> {
        let uri: Uri = url.parse().map_err(|_| TargetError("not a URL"))?;
        let is_tls = match uri.scheme() {
            Some(scheme) if *scheme == Scheme::HTTP => false,
            Some(scheme) if *scheme == Scheme::HTTPS => true,
            _ => return Err(TargetError("not an http or https URL")),
        };
        let authority = uri.authority().ok_or(TargetError("the URL has no host"))?;
        if authority.as_str().contains('@') {
            return Err(TargetError("a user's name in a URL is not sent: use a header"));
        }
        let host = authority.host().trim_start_matches('[').trim_end_matches(']');
        if host.is_empty() {
            return Err(TargetError("the URL has no host"));
        }
        Ok(Self {
            host: host.to_owned(),
            port: authority.port_u16().unwrap_or(if is_tls { 443 } else { 80 }),
            authority: authority.to_string(),
            path: uri.path_and_query().map_or("/", |path| path.as_str()).to_owned(),
            is_tls,
            authorities: Vec::new(),
            tls: Arc::default(),
        })
    }

    pub(super) fn trust(&mut self, pem: &[u8]) -> Result<(), TargetError> {
        let before = self.authorities.len();
        for certificate in CertificateDer::pem_slice_iter(pem) {
            let certificate = certificate.map_err(|_| TargetError("not a certificate in PEM"))?;
            self.authorities.push(certificate);
        }
        self.tls = Arc::default();
        if self.authorities.len() > before {
            Ok(())
        } else {
            Err(TargetError("no certificate in PEM"))
        }
    }

    /// Sends a delivery over a connection of its own, and waits for the answer.
    pub(super) async fn exchange(&self, delivery: &Delivery, most: Duration) -> Received {
        match timeout(most, self.converse(delivery)).await {
            Ok(Ok(answer)) => Received::Answer(answer),
            Ok(Err(error)) => Received::Unreachable(Arc::new(error)),
            Err(_) => Received::Timeout,
        }
    }

    async fn converse(&self, delivery: &Delivery) -> io::Result<Answer> {
        let started = Instant::now();
        let request = self.request(delivery)?;
        let socket = TcpStream::connect((self.host.as_str(), self.port)).await?;
        socket.set_nodelay(true)?;
        if self.is_tls {
            let name = ServerName::try_from(self.host.clone()).map_err(io::Error::other)?;
            let connector = self.tls.get_or_init(|| self.connector());
            let connector = connector.as_ref().map_err(|error| io::Error::other(error.clone()))?;
            let socket = connector.connect(name, socket).await?;
            answer(socket, request, started).await
        } else {
            answer(socket, request, started).await
        }
    }

    fn request(&self, delivery: &Delivery) -> io::Result<Request<Full<Bytes>>> {
        let has_host = delivery.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("host"));
        let mut request = Request::builder().method(Method::POST).uri(&self.path);
        if !has_host {
            request = request.header(HOST, &self.authority);
        }
        for (name, value) in &delivery.headers {
            request = request.header(name, value.as_slice());
        }
        request
            .header(CONNECTION, "close")
            .body(Full::from(delivery.body.clone()))
            .map_err(|error| io::Error::new(io::ErrorKind::InvalidInput, error))
    }

    fn connector(&self) -> Result<TlsConnector, rustls::Error> {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        for certificate in &self.authorities {
            roots.add(certificate.clone())?;
        }
        // The provider is named: the process-wide one may not be set, or set twice.
        let mut config =
            ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
                .with_safe_default_protocol_versions()?
                .with_root_certificates(roots)
                .with_no_client_auth();
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(TlsConnector::from(Arc::new(config)))
    }
}

async fn answer<S>(socket: S, request: Request<Full<Bytes>>, started: Instant) -> io::Result<Answer>
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let (mut sender, connection) =
        http1::handshake(TokioIo::new(socket)).await.map_err(io::Error::other)?;
    let exchange = async {
        let response = sender.send_request(request).await.map_err(io::Error::other)?;
        let status = response.status().as_u16();
        let content_type = response.headers().get(CONTENT_TYPE);
        let content_type = content_type.and_then(|value| value.to_str().ok()).unwrap_or_default();
        let content_type = content_type.to_owned();
        let body = match Limited::new(response.into_body(), MOST_BYTES).collect().await {
            Ok(body) => String::from_utf8_lossy(&body.to_bytes()).into_owned(),
            Err(error) if error.is::<LengthLimitError>() => String::new(),
            Err(error) => return Err(io::Error::other(error)),
        };
        Ok(Answer { status, content_type, body, elapsed: started.elapsed() })
    };
    // The connection is driven here and not in a task, so that nothing goes on when this is dropped.
    tokio::pin!(exchange, connection);
    let mut is_open = true;
    loop {
        tokio::select! {
            answer = &mut exchange => return answer,
            _ = &mut connection, if is_open => is_open = false,
        }
    }
}

/// A text is not a URL to send to, or not a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TargetError(&'static str);

impl fmt::Display for TargetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl error::Error for TargetError {}
