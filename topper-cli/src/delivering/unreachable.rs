//! What to do about a connection that failed.

use std::error::Error as _;

use topper_core::internal::{Escaped, WithCauses};
use topper_testkit::{Unreachable, UnreachableKind as Kind};

/// What to do; for an error that needs it, with the details.
pub(crate) fn advice(error: &Unreachable) -> String {
    let advice = on(error.kind());
    match error.source().filter(|_| has_details(error.kind())) {
        Some(source) => {
            format!("{advice} In detail: {}.", Escaped(&WithCauses(source).to_string()))
        }
        None => advice.to_owned(),
    }
}

/// What to do about each kind.
pub(crate) fn on(kind: Kind) -> &'static str {
    match kind {
        Kind::HostNotFound => {
            "Check the spelling of the host name, and whether DNS resolves it on this machine."
        }
        Kind::LookupTimeout => "DNS does not answer. Check the network of this machine.",
        Kind::Refused => {
            "Nothing listens on this port. Is the endpoint running, at this address and port?"
        }
        Kind::NetworkUnreachable => {
            "This machine has no route to the address. Check the address, the network, and a VPN."
        }
        Kind::ConnectTimeout => {
            "The address does not react. Check the address and the port, and whether a firewall \
             drops the packets."
        }
        Kind::TlsTimeout => {
            "The port accepts connections but does not answer in TLS. If it speaks plain HTTP, use \
             http://; if not, look into the endpoint's log."
        }
        Kind::TlsClosed => {
            "The endpoint closed the connection before TLS was set up. If the port speaks plain \
             HTTP, use http://; if not, look into the endpoint's log."
        }
        Kind::NotTls => "The port does not speak TLS. Use http://, or the port for https.",
        Kind::TlsFailed => {
            "The endpoint and this program do not agree on TLS: here it is TLS 1.2 or 1.3, without \
             a client certificate. Look into the endpoint's log."
        }
        Kind::UnknownCa => {
            "The certificate is self-signed, or signed by a CA that this machine does not trust. If \
             it is your own, pass that certificate or that CA with --ca FILE. If it is a public CA, \
             let the endpoint send the intermediate certificates too."
        }
        Kind::WrongName => {
            "The certificate is not for the host name in the URL. Use a name from the certificate, \
             or get a certificate for this name."
        }
        Kind::CertificateExpired => {
            "Renew the endpoint's certificate. If it is not expired, set the clock of this machine."
        }
        Kind::CertificateNotYetValid => {
            "Check the clock of this machine, and from when the certificate is valid."
        }
        Kind::CaCertificate => {
            "The endpoint uses the certificate of a CA as its own, such as `openssl req -x509` makes. \
             Let that CA sign a certificate for the endpoint, or make one with `-addext \
             basicConstraints=CA:FALSE`, and pass it with --ca FILE."
        }
        Kind::CertificateInvalid => "Replace the endpoint's certificate.",
        Kind::NeedsTls => "The port speaks TLS. Use https://, or the port for http.",
        Kind::NotHttp => {
            "What came back is not HTTP/1.1. Check the port: does another program listen there?"
        }
        Kind::Closed => {
            "The endpoint, or a proxy before it, closed the connection without an answer: look into \
             its log. If the URL begins with http:// and the port speaks TLS, use https://."
        }
        Kind::CutShort => {
            "The endpoint, or a proxy before it, closed the connection in the middle of its answer: \
             look into its log."
        }
        Kind::InvalidHeader => {
            "A header has a character that HTTP does not allow. Nothing was sent: correct the header."
        }
        _ => "Check the URL and the network, and look into the endpoint's log.",
    }
}

/// Whether the error below says something that the advice does not.
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
