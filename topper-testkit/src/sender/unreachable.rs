//! Why a delivery got no answer.

use std::{
    error::Error,
    fmt,
    io::{self, ErrorKind},
    iter,
    sync::Arc,
};

use tokio_rustls::rustls::{self, CertificateError, InvalidMessage};

/// A connection that could not be made, or that broke before the complete answer came.
///
/// Its text is that of its [`kind`](Self::kind). Its source is the underlying error, if there is
/// one. Neither contains anything of the URL except the host name.
#[derive(Clone, Debug)]
pub struct Unreachable {
    kind: UnreachableKind,
    source: Option<Arc<io::Error>>,
}

impl Unreachable {
    pub(super) fn new(kind: UnreachableKind, source: io::Error) -> Self {
        Self { kind, source: Some(Arc::new(source)) }
    }

    /// Returns what went wrong.
    pub fn kind(&self) -> UnreachableKind {
        self.kind
    }
}

impl From<UnreachableKind> for Unreachable {
    fn from(kind: UnreachableKind) -> Self {
        Self { kind, source: None }
    }
}

/// An error of a socket, also one with an error of TLS in it.
impl From<io::Error> for Unreachable {
    fn from(error: io::Error) -> Self {
        let kind = in_chain(&error).map_or_else(|| of_socket(error.kind()), of_tls);
        Self::new(kind, error)
    }
}

impl fmt::Display for Unreachable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.kind.fmt(f)
    }
}

impl Error for Unreachable {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(self.source.as_deref()?)
    }
}

/// What went wrong with a connection.
///
/// Its [`Display`](fmt::Display) is a few words for a person to read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum UnreachableKind {
    /// The host name does not resolve.
    HostNotFound,
    /// The DNS did not answer in time.
    LookupTimeout,
    /// No program listens on the port.
    Refused,
    /// There is no route to the address.
    NetworkUnreachable,
    /// The connection was not made in time.
    ConnectTimeout,
    /// Connected, but the TLS handshake did not finish in time.
    TlsTimeout,
    /// The endpoint closed the connection during the TLS handshake.
    TlsClosed,
    /// The URL is `https`, but the port does not speak TLS.
    NotTls,
    /// The TLS handshake failed: for example no common version, or a missing client certificate.
    TlsFailed,
    /// The certificate is from a certificate authority that is not trusted here.
    UnknownCa,
    /// The certificate is for another host name.
    WrongName,
    /// The certificate has expired.
    CertificateExpired,
    /// The certificate is not valid yet.
    CertificateNotYetValid,
    /// The certificate belongs to a certificate authority, not to a server.
    CaCertificate,
    /// Something else is wrong with the certificate.
    CertificateInvalid,
    /// The URL is `http`, but the port speaks TLS.
    NeedsTls,
    /// The answer is not HTTP/1.1.
    NotHttp,
    /// The endpoint closed the connection before the first byte of an answer.
    Closed,
    /// The endpoint closed the connection in the middle of its answer.
    CutShort,
    /// A header of the delivery is not valid in HTTP, so nothing was sent.
    InvalidHeader,
    /// Something else; the source says more.
    Other,
}

impl UnreachableKind {
    topper_core::__listed! {
        /// All kinds.
        HostNotFound, LookupTimeout, Refused, NetworkUnreachable, ConnectTimeout, TlsTimeout,
        TlsClosed, NotTls, TlsFailed, UnknownCa, WrongName, CertificateExpired,
        CertificateNotYetValid, CaCertificate, CertificateInvalid, NeedsTls, NotHttp, Closed, CutShort,
        InvalidHeader, Other
    }

    /// Returns a stable code for programs, such as `connection_refused`.
    pub const fn code(self) -> &'static str {
        self.texts().0
    }

    const fn texts(self) -> (&'static str, &'static str) {
        match self {
            Self::HostNotFound => ("host_not_found", "host name not found"),
            Self::LookupTimeout => ("lookup_timeout", "host name lookup timed out"),
            Self::Refused => ("connection_refused", "connection refused"),
            Self::NetworkUnreachable => ("network_unreachable", "network unreachable"),
            Self::ConnectTimeout => ("connect_timeout", "connection timed out"),
            Self::TlsTimeout => ("tls_timeout", "TLS handshake timed out"),
            Self::TlsClosed => ("tls_closed", "closed in TLS handshake"),
            Self::NotTls => ("not_tls", "not TLS"),
            Self::TlsFailed => ("tls_failed", "TLS handshake failed"),
            Self::UnknownCa => ("certificate_unknown_ca", "certificate from unknown CA"),
            Self::WrongName => ("certificate_wrong_name", "certificate for another name"),
            Self::CertificateExpired => ("certificate_expired", "certificate expired"),
            Self::CertificateNotYetValid => {
                ("certificate_not_yet_valid", "certificate not yet valid")
            }
            Self::CaCertificate => ("certificate_is_ca", "certificate belongs to a CA"),
            Self::CertificateInvalid => ("certificate_invalid", "certificate not valid"),
            Self::NeedsTls => ("needs_tls", "TLS, not plain HTTP"),
            Self::NotHttp => ("not_http", "not HTTP"),
            Self::Closed => ("closed_without_answer", "closed without an answer"),
            Self::CutShort => ("answer_cut_short", "answer cut short"),
            Self::InvalidHeader => ("invalid_header", "invalid header"),
            Self::Other => ("connection_failed", "connection failed"),
        }
    }
}

impl fmt::Display for UnreachableKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.texts().1)
    }
}

/// Whether the endpoint went away.
pub(super) fn is_closed(kind: ErrorKind) -> bool {
    of_socket(kind) == UnreachableKind::Closed
}

fn of_socket(kind: ErrorKind) -> UnreachableKind {
    match kind {
        ErrorKind::ConnectionRefused => UnreachableKind::Refused,
        ErrorKind::NetworkUnreachable | ErrorKind::HostUnreachable | ErrorKind::NetworkDown => {
            UnreachableKind::NetworkUnreachable
        }
        ErrorKind::TimedOut => UnreachableKind::ConnectTimeout,
        ErrorKind::ConnectionReset
        | ErrorKind::ConnectionAborted
        | ErrorKind::BrokenPipe
        | ErrorKind::NotConnected
        | ErrorKind::UnexpectedEof => UnreachableKind::Closed,
        // What `exchange` calls an answer that it cannot read.
        ErrorKind::InvalidData => UnreachableKind::NotHttp,
        _ => UnreachableKind::Other,
    }
}

fn of_tls(error: &rustls::Error) -> UnreachableKind {
    match error {
        rustls::Error::InvalidCertificate(error) => of_certificate(error),
        // The first bytes are not those of TLS.
        rustls::Error::InvalidMessage(
            InvalidMessage::InvalidContentType
            | InvalidMessage::UnknownProtocolVersion
            | InvalidMessage::MessageTooLarge,
        )
        | rustls::Error::PeerSentOversizedRecord => UnreachableKind::NotTls,
        _ => UnreachableKind::TlsFailed,
    }
}

fn of_certificate(error: &CertificateError) -> UnreachableKind {
    match error {
        // The last two: the CA has the name of a trusted one, but another key.
        CertificateError::UnknownIssuer
        | CertificateError::BadSignature
        | CertificateError::UnsupportedSignatureAlgorithmForPublicKeyContext { .. } => {
            UnreachableKind::UnknownCa
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            UnreachableKind::WrongName
        }
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            UnreachableKind::CertificateExpired
        }
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            UnreachableKind::CertificateNotYetValid
        }
        CertificateError::Other(error)
            if matches!(error.0.downcast_ref(), Some(webpki::Error::CaUsedAsEndEntity)) =>
        {
            UnreachableKind::CaCertificate
        }
        _ => UnreachableKind::CertificateInvalid,
    }
}

/// The first error of a type in an error and its causes.
pub(super) fn in_chain<'a, E: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a E> {
    iter::successors(Some(error), |&error| below(error)).find_map(|error| error.downcast_ref())
}

/// The error below, also below an `io::Error`, whose `source` skips the error that it wraps.
fn below<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a (dyn Error + 'static)> {
    match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
        Some(wrapped) => Some(wrapped),
        None => error.source(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn has_a_code_and_words_of_its_own_for_each_kind() {
        let all = UnreachableKind::ALL;
        let codes: HashSet<_> = all.iter().map(|kind| kind.code()).collect();
        let words: HashSet<_> = all.iter().map(ToString::to_string).collect();
        assert_eq!((codes.len(), words.len()), (all.len(), all.len()));
        // So that a row of the command line fits into 80 columns.
        assert!(words.iter().all(|words| words.len() <= 28), "{words:?}");
    }

    #[test]
    fn finds_an_error_of_tls_however_deep_it_is_wrapped() {
        let tls = rustls::Error::InvalidCertificate(CertificateError::Expired);
        let inner = io::Error::new(ErrorKind::InvalidData, tls);
        let outer = Unreachable::from(io::Error::other(inner));
        assert_eq!(outer.kind(), UnreachableKind::CertificateExpired);
        assert!(outer.source().unwrap().to_string().contains("Expired"));
    }

    #[test]
    fn names_the_kind_of_each_error_of_a_certificate() {
        for (error, kind) in [
            (CertificateError::BadSignature, UnreachableKind::UnknownCa),
            (CertificateError::NotValidForName, UnreachableKind::WrongName),
            (CertificateError::NotValidYet, UnreachableKind::CertificateNotYetValid),
            (CertificateError::Revoked, UnreachableKind::CertificateInvalid),
        ] {
            assert_eq!(of_tls(&rustls::Error::InvalidCertificate(error)), kind);
        }
    }

    #[test]
    fn names_the_kind_of_each_error_of_a_socket() {
        for (error, kind) in [
            (ErrorKind::HostUnreachable, UnreachableKind::NetworkUnreachable),
            (ErrorKind::TimedOut, UnreachableKind::ConnectTimeout),
            (ErrorKind::ConnectionReset, UnreachableKind::Closed),
            (ErrorKind::AddrNotAvailable, UnreachableKind::Other),
        ] {
            assert_eq!(Unreachable::from(io::Error::from(error)).kind(), kind);
        }
    }
}
