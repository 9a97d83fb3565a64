//! Where deliveries go, and one exchange with it.

use std::{
    error, fmt, io,
    net::SocketAddr,
    pin::Pin,
    sync::{Arc, OnceLock},
    time::{Duration, Instant},
};

use http_body_util::Full;
use hyper::{
    Method, Request, Uri,
    body::Bytes,
    header::{CONNECTION, HOST},
    http::uri::Scheme,
};
use tokio::{
    net::{TcpStream, lookup_host},
    time::{Sleep, sleep},
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

use super::{
    Received,
    exchange::exchange,
    unreachable::{Unreachable, UnreachableKind, is_closed},
};
use crate::{Answer, Delivery};

#[derive(Clone)]
pub(super) struct Target {
    /// The host without brackets, as it is resolved.
    host: String,
    port: u16,
    /// In place of those that the host has.
    addresses: Option<Vec<SocketAddr>>,
    /// The value of `Host`.
    authority: String,
    /// Path and query.
    path: String,
    /// The name that the certificate must be for, with `https`.
    tls_name: Option<ServerName<'static>>,
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
            _ => return Err(TargetError("a URL must begin with http:// or https://")),
        };
        let authority = uri.authority().ok_or(TargetError("the URL has no host"))?;
        if authority.as_str().contains('@') {
            return Err(TargetError("the user name in a URL is not sent; use a header instead"));
        }
        let host = authority.host().trim_start_matches('[').trim_end_matches(']');
        if host.is_empty() {
            return Err(TargetError("the URL has no host"));
        }
        let tls_name = is_tls.then(|| ServerName::try_from(host.to_owned())).transpose();
        let tls_name =
            tls_name.map_err(|_| TargetError("the host name is not valid for a certificate"))?;
        Ok(Self {
            host: host.to_owned(),
            port: authority.port_u16().unwrap_or(if is_tls { 443 } else { 80 }),
            addresses: None,
            authority: authority.to_string(),
            path: uri.path_and_query().map_or("/", |path| path.as_str()).to_owned(),
            tls_name,
            authorities: Vec::new(),
            tls: Arc::default(),
        })
    }

    pub(super) fn connect_to(&mut self, addresses: Vec<SocketAddr>) {
        self.addresses = Some(addresses);
    }

    pub(super) fn trust(&mut self, pem: &[u8]) -> Result<(), TargetError> {
        let before = self.authorities.len();
        for certificate in CertificateDer::pem_slice_iter(pem) {
            let certificate =
                certificate.map_err(|_| TargetError("has a certificate that is not valid PEM"))?;
            RootCertStore::empty()
                .add(certificate.clone())
                .map_err(|_| TargetError("has a certificate that cannot be read"))?;
            self.authorities.push(certificate);
        }
        self.tls = Arc::default();
        if self.authorities.len() > before {
            Ok(())
        } else {
            Err(TargetError("has no certificate in PEM"))
        }
    }

    /// Sends a delivery over a connection of its own, and waits for the answer.
    pub(super) async fn exchange(&self, delivery: &Delivery, most: Duration) -> Received {
        let limit = sleep(most);
        tokio::pin!(limit);
        match self.converse(delivery, limit).await {
            Ok(Some(answer)) => Received::Answer(answer),
            Ok(None) => Received::Timeout,
            Err(error) => Received::Unreachable(error),
        }
    }

    /// The answer, or nothing when the time is over after the request was sent.
    async fn converse(
        &self,
        delivery: &Delivery,
        mut limit: Pin<&mut Sleep>,
    ) -> Result<Option<Answer>, Unreachable> {
        let started = Instant::now();
        let request = self.request(delivery)?;
        let socket = self.connect(limit.as_mut()).await?;
        if let Some(name) = &self.tls_name {
            let socket = self.handshake(name.clone(), socket, limit.as_mut()).await?;
            within(limit, exchange(socket, request, started)).await.transpose()
        } else {
            within(limit, exchange(socket, request, started)).await.transpose()
        }
    }

    async fn connect(&self, mut limit: Pin<&mut Sleep>) -> Result<TcpStream, Unreachable> {
        let lookup = async {
            let addresses: Vec<_> = match &self.addresses {
                Some(addresses) => addresses.clone(),
                None => lookup_host((self.host.as_str(), self.port)).await?.collect(),
            };
            if addresses.is_empty() {
                return Err(io::Error::new(io::ErrorKind::NotFound, "no address"));
            }
            Ok(addresses)
        };
        let addresses = within(limit.as_mut(), lookup)
            .await
            .ok_or(UnreachableKind::LookupTimeout)?
            .map_err(|error| Unreachable::new(UnreachableKind::HostNotFound, error))?;
        let socket = within(limit, TcpStream::connect(addresses.as_slice()))
            .await
            .ok_or(UnreachableKind::ConnectTimeout)??;
        socket.set_nodelay(true)?;
        Ok(socket)
    }

    async fn handshake(
        &self,
        name: ServerName<'static>,
        socket: TcpStream,
        limit: Pin<&mut Sleep>,
    ) -> Result<TlsStream<TcpStream>, Unreachable> {
        let connector = self.tls.get_or_init(|| self.connector());
        let connector = connector.as_ref().map_err(|error| io::Error::other(error.clone()))?;
        match within(limit, connector.connect(name, socket)).await {
            Some(Err(error)) if is_closed(error.kind()) => {
                Err(Unreachable::new(UnreachableKind::TlsClosed, error))
            }
            Some(connected) => Ok(connected?),
            None => Err(UnreachableKind::TlsTimeout.into()),
        }
    }

    fn request(&self, delivery: &Delivery) -> Result<Request<Full<Bytes>>, Unreachable> {
        let has_host = delivery.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("host"));
        let mut request = Request::builder().method(Method::POST).uri(&self.path);
        if !has_host {
            request = request.header(HOST, &self.authority);
        }
        for (name, value) in &delivery.headers {
            request = request.header(name, value.as_slice());
        }
        request.header(CONNECTION, "close").body(Full::from(delivery.body.clone())).map_err(
            |error| Unreachable::new(UnreachableKind::InvalidHeader, io::Error::other(error)),
        )
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

/// What a step gives, or nothing when the time is over before.
async fn within<T>(limit: Pin<&mut Sleep>, step: impl Future<Output = T>) -> Option<T> {
    tokio::select! {
        biased;
        done = step => Some(done),
        () = limit => None,
    }
}

/// The error of a text that is not a URL to send to, or not a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TargetError(&'static str);

impl fmt::Display for TargetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl error::Error for TargetError {}
