//! Encrypted connections.

use std::{io, sync::Arc};

use rustls::{
    ClientConfig, RootCertStore,
    pki_types::{CertificateDer, PrivateKeyDer, ServerName, pem::PemObject as _},
};
use tokio::net::TcpStream;
use tokio_rustls::{TlsConnector, client::TlsStream};

use super::url::Files;
use crate::cause::Cause;

/// Makes a connection an encrypted one.
#[derive(Clone)]
pub(super) struct Tls(TlsConnector);

/// Why the files of a URL cannot be used. They are named by their parameter, not by their path.
#[derive(Debug, thiserror::Error)]
pub(super) enum FilesError {
    #[error("the file of `{0}` cannot be read as PEM: {1}")]
    Unreadable(&'static str, rustls::pki_types::pem::Error),
    #[error("the file of `{0}` contains no certificate")]
    Empty(&'static str),
    #[error("the files of `sslcert` and `sslkey` cannot be used: {0}")]
    Unusable(rustls::Error),
    #[error("TLS cannot be set up: {0}")]
    Setup(rustls::Error),
}

impl Tls {
    /// Trusts the root certificates of the system, or those of the file instead.
    pub(super) fn new(files: &Files) -> Result<Self, FilesError> {
        // Named, so that it does not matter which others the program has compiled in or installed.
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let builder = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(FilesError::Setup)?
            .with_root_certificates(roots(files.root_certificates.as_deref())?);
        let config = match (&files.certificate, &files.key) {
            (Some(certificate), Some(key)) => {
                let certificates = certificates("sslcert", certificate)?;
                let key = PrivateKeyDer::from_pem_file(key)
                    .map_err(|error| FilesError::Unreadable("sslkey", error))?;
                builder.with_client_auth_cert(certificates, key).map_err(FilesError::Unusable)?
            }
            _ => builder.with_no_client_auth(),
        };
        Ok(Self(TlsConnector::from(Arc::new(config))))
    }

    pub(super) async fn encrypt(
        &self,
        host: &str,
        stream: TcpStream,
    ) -> Result<TlsStream<TcpStream>, Cause> {
        let name = ServerName::try_from(host.to_owned()).map_err(|_| {
            Cause::Other(
                "a certificate cannot be for a host of this name; check the host in the URL".into(),
            )
        })?;
        self.0.connect(name, stream).await.map_err(|error: io::Error| {
            Cause::find(&error).unwrap_or_else(|| Cause::Tls(error.to_string()))
        })
    }
}

fn roots(file: Option<&str>) -> Result<RootCertStore, FilesError> {
    let mut roots = RootCertStore::empty();
    match file {
        Some(file) => {
            for certificate in certificates("sslrootcert", file)? {
                roots.add(certificate).map_err(FilesError::Setup)?;
            }
        }
        // What cannot be read of the system's is left out: others may do.
        None => {
            let found = rustls_native_certs::load_native_certs();
            roots.add_parsable_certificates(found.certs);
        }
    }
    Ok(roots)
}

fn certificates(
    name: &'static str,
    file: &str,
) -> Result<Vec<CertificateDer<'static>>, FilesError> {
    let certificates: Vec<_> = CertificateDer::pem_file_iter(file)
        .and_then(Iterator::collect)
        .map_err(|error| FilesError::Unreadable(name, error))?;
    if certificates.is_empty() { Err(FilesError::Empty(name)) } else { Ok(certificates) }
}
