//! Advice for a connection that failed.

use std::error::Error as _;

use topper_core::internal::{Escaped, WithCauses};
use topper_testkit::{Unreachable, UnreachableKind as Kind};

/// What to do; for an error that needs it, with the details.
pub(crate) fn advice(error: &Unreachable) -> String {
    let advice = on(error.kind());
    match error.source().filter(|_| has_details(error.kind())) {
        Some(source) => {
            format!("{advice} Details: {}.", Escaped(&WithCauses(source).to_string()))
        }
        None => advice.to_owned(),
    }
}

/// What to do about each kind.
pub(crate) fn on(kind: Kind) -> &'static str {
    match kind {
        Kind::HostNotFound => {
            "Check the spelling of the host name, and whether this machine can resolve it with DNS."
        }
        Kind::LookupTimeout => "DNS does not respond. Check the network of this machine.",
        Kind::Refused => {
            "Nothing listens on this port. Is the endpoint running, at this address and port?"
        }
        Kind::NetworkUnreachable => {
            "This machine has no route to the address. Check the address, the network, and a VPN."
        }
        Kind::ConnectTimeout => {
            "The address does not respond. Check the address and the port, and whether a firewall \
             drops the packets."
        }
        Kind::TlsTimeout => {
            "The port accepts connections but does not respond with TLS. If it speaks plain HTTP, \
             use http://; if not, see the endpoint's log."
        }
        Kind::TlsClosed => {
            "The endpoint closed the connection before TLS was set up. If the port speaks plain \
             HTTP, use http://; if not, see the endpoint's log."
        }
        Kind::NotTls => "The port does not speak TLS. Use http://, or the port for https.",
        Kind::TlsFailed => {
            "The endpoint and this program do not agree on TLS. This program supports TLS 1.2 and \
             1.3, and has no client certificate. See the endpoint's log."
        }
        Kind::UnknownCa => {
            "The certificate is self-signed, or signed by a CA that this machine does not trust. If \
             it is your own, pass that certificate or that CA with --ca FILE. If it is a public CA, \
             configure the endpoint to send the intermediate certificates, too."
        }
        Kind::WrongName => {
            "The certificate is not for the host name in the URL. Use a name from the certificate, \
             or get a certificate for this name."
        }
        Kind::CertificateExpired => {
            "Renew the endpoint's certificate. If it has not expired, set the clock of this machine."
        }
        Kind::CertificateNotYetValid => {
            "Check the clock of this machine, and the date from which the certificate is valid."
        }
        Kind::CaCertificate => {
            "The endpoint uses the certificate of a CA as its own, such as `openssl req -x509` makes. \
             Let that CA sign a certificate for the endpoint, or make one with `-addext \
             basicConstraints=CA:FALSE`, and pass it with --ca FILE."
        }
        Kind::CertificateInvalid => "Replace the endpoint's certificate.",
        Kind::NeedsTls => "The port speaks TLS. Use https://, or the port for http.",
        Kind::NotHttp => {
            "The reply is not HTTP/1.1. Check the port: does another program listen there?"
        }
        Kind::Closed => {
            "The endpoint, or a proxy before it, closed the connection without an answer: see its \
             log. If the URL begins with http:// and the port speaks TLS, use https://."
        }
        Kind::CutShort => {
            "The endpoint, or a proxy before it, closed the connection in the middle of its answer: \
             see its log."
        }
        Kind::InvalidHeader => {
            "A header contains a character that HTTP does not allow. Nothing was sent. Correct the \
             header."
        }
        _ => "Check the URL and the network, and see the endpoint's log.",
    }
}

/// Whether the cause of the error says more than the advice.
fn has_details(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::TlsFailed
            | Kind::WrongName
            | Kind::CertificateExpired
            | Kind::CertificateNotYetValid
            | Kind::CertificateInvalid
            | Kind::Other
    )
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn has_advice_of_its_own_for_each_kind() {
        let advice: HashSet<_> = Kind::ALL.iter().map(|&kind| on(kind)).collect();
        assert_eq!(advice.len(), Kind::ALL.len());
    }
}
