//! The one place that says why a server could not be connected to.

use std::{error::Error, fmt, io, time::Duration};

/// A failure to connect to a server: which server, and why.
#[derive(Debug, thiserror::Error)]
#[error("cannot connect to {address}: {cause}")]
pub(crate) struct ConnectError {
    /// Host and port; no user, password or database.
    pub(crate) address: String,
    pub(crate) cause: Cause,
}

/// Why, in words that say what to do.
#[derive(Debug)]
pub(crate) enum Cause {
    Refused,
    HostNotFound,
    /// Whether there is such a host is unknown.
    #[cfg(feature = "postgres")]
    NoDns(Duration),
    HostUnreachable,
    NoSocket,
    TooSlow(Duration),
    Closed,
    NotTls,
    UnknownCa,
    WrongName,
    Expired,
    /// Another failure of TLS, in the library's words.
    Tls(String),
    /// The server's answer, and what to do about it.
    Refusal {
        answer: String,
        advice: &'static str,
        is_passing: bool,
    },
    /// The server cannot be used as a store.
    Unusable(String),
    Other(String),
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Refused => "connection refused; check that the server is running on this host and port",
            Self::HostNotFound => "host name not found; check the spelling and the DNS",
            #[cfg(feature = "postgres")]
            Self::NoDns(time) => {
                return write!(
                    f,
                    "the DNS did not answer within {} s; check the name servers of this machine",
                    time.as_secs()
                );
            }
            Self::HostUnreachable => "host unreachable; check the network and the routes",
            Self::NoSocket => {
                "no such socket; check that the server is running, and where it creates its socket"
            }
            Self::TooSlow(time) => {
                return write!(
                    f,
                    "no connection within {} s; check whether a firewall drops the packets",
                    time.as_secs()
                );
            }
            Self::Closed => {
                "the server closed the connection; check the port, and whether the server expects TLS"
            }
            Self::NotTls => {
                "the server does not speak TLS on this port; check the port, or switch on TLS in the \
                 server"
            }
            Self::UnknownCa => {
                "the server's certificate is from an unknown CA; add `?sslrootcert=FILE` with the CA's \
                 certificate to the URL"
            }
            Self::WrongName => {
                "the server's certificate is for another host name; use the host name in the \
                 certificate"
            }
            Self::Expired => {
                "the server's certificate has expired, or is not valid yet; renew it, or check the \
                 clock of this machine"
            }
            Self::Tls(error) => return write!(f, "TLS failed: {error}"),
            Self::Refusal { answer, advice, .. } => {
                return write!(f, "the server answered: {answer}; {advice}");
            }
            Self::Unusable(what) | Self::Other(what) => what,
        })
    }
}

impl Cause {
    /// Whether waiting may help.
    pub(crate) fn is_passing(&self) -> bool {
        match self {
            Self::Refused
            | Self::HostNotFound
            | Self::HostUnreachable
            | Self::NoSocket
            | Self::TooSlow(_)
            // A proxy whose server is not up yet.
            | Self::Closed => true,
            #[cfg(feature = "postgres")]
            Self::NoDns(_) => true,
            Self::Refusal { is_passing, .. } => *is_passing,
            _ => false,
        }
    }

    /// From what the causes of an error are, where they say it.
    pub(crate) fn find(error: &(dyn Error + 'static)) -> Option<Self> {
        let mut next = Some(error);
        while let Some(error) = next {
            if let Some(cause) = Self::of(error) {
                return Some(cause);
            }
            next = error.source();
        }
        None
    }

    fn of(error: &(dyn Error + 'static)) -> Option<Self> {
        #[cfg(feature = "tls")]
        if let Some(error) = error.downcast_ref::<rustls::Error>() {
            return Some(Self::of_tls(error));
        }
        let error = error.downcast_ref::<io::Error>()?;
        // What it wraps is not among its sources.
        if let Some(cause) = error.get_ref().and_then(|inner| Self::find(inner)) {
            return Some(cause);
        }
        Some(match error.kind() {
            io::ErrorKind::ConnectionRefused => Self::Refused,
            io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable => {
                Self::HostUnreachable
            }
            io::ErrorKind::NotFound => Self::NoSocket,
            io::ErrorKind::UnexpectedEof
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::BrokenPipe => Self::Closed,
            _ => return None,
        })
    }

    #[cfg(feature = "tls")]
    fn of_tls(error: &rustls::Error) -> Self {
        use rustls::{CertificateError, Error as TlsError};
        match error {
            TlsError::InvalidMessage(_) | TlsError::InappropriateMessage { .. } => Self::NotTls,
            TlsError::InvalidCertificate(error) => match error {
                // A bad signature: another CA has the same name.
                CertificateError::UnknownIssuer | CertificateError::BadSignature => Self::UnknownCa,
                CertificateError::NotValidForName
                | CertificateError::NotValidForNameContext { .. } => Self::WrongName,
                CertificateError::Expired
                | CertificateError::ExpiredContext { .. }
                | CertificateError::NotValidYet
                | CertificateError::NotValidYetContext { .. } => Self::Expired,
                _ => Self::Tls(error.to_string()),
            },
            _ => Self::Tls(error.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What no server of the tests can do.
    #[test]
    fn is_found_below_other_errors() {
        for kind in [io::ErrorKind::HostUnreachable, io::ErrorKind::NetworkUnreachable] {
            let error = io::Error::other(io::Error::from(kind));
            assert!(matches!(Cause::find(&error), Some(Cause::HostUnreachable)), "{kind}");
        }
        assert!(Cause::find(&io::Error::from(io::ErrorKind::OutOfMemory)).is_none());
    }

    #[cfg(feature = "tls")]
    #[test]
    fn is_that_a_server_does_not_speak_tls_when_it_answers_with_something_else() {
        use rustls::{ContentType, Error, HandshakeType, InvalidMessage};
        for error in [
            Error::InvalidMessage(InvalidMessage::InvalidContentType),
            Error::InappropriateMessage {
                expect_types: vec![ContentType::Handshake],
                got_type: ContentType::ApplicationData,
            },
        ] {
            let error = io::Error::new(io::ErrorKind::InvalidData, error);
            assert!(matches!(Cause::find(&error), Some(Cause::NotTls)), "{error}");
        }
        let other = Error::InappropriateHandshakeMessage {
            expect_types: vec![HandshakeType::ServerHello],
            got_type: HandshakeType::Finished,
        };
        assert!(matches!(Cause::find(&other), Some(Cause::Tls(_))));
    }
}
