//! Why a source is not on the list, in words that say what to do: a list that cannot be mended from its
//! line in the log is of no use.

use std::fmt;

use super::{Sources, TrustedProxies, is_private, proxy::Unnamed};
use crate::RequestHead;

/// The headers in which proxies name the client.
const FORWARDING_HEADERS: [&str; 9] = [
    "x-forwarded-for",
    "forwarded",
    "x-real-ip",
    "cf-connecting-ip",
    "true-client-ip",
    "fly-client-ip",
    "x-client-ip",
    "x-envoy-external-address",
    "x-original-forwarded-for",
];

/// What to do about a source that is not listed. Displayed, it shows nothing that was received: names of
/// headers are those of the configuration, or of the list above.
pub(crate) enum Hint<'a> {
    NoPeer,
    /// The peer is taken for the client. The header is one that it sends.
    Peer {
        is_private: bool,
        are_proxies_trusted: bool,
        sent: Option<&'static str>,
    },
    /// A trusted proxy names the client.
    Client {
        is_private: bool,
    },
    /// A trusted proxy does not name the client in the header that is configured.
    Unnamed {
        why: Unnamed,
        header: &'a str,
        sent: Option<&'static str>,
    },
}

impl Sources {
    pub(crate) fn hint(&self, head: &impl RequestHead) -> Hint<'_> {
        let Some(peer) = head.peer() else { return Hint::NoPeer };
        let peer = peer.to_canonical();
        match &self.proxies {
            Some(proxies) if proxies.trust(peer) => proxies.hint(head),
            proxies => Hint::Peer {
                is_private: is_private(peer),
                are_proxies_trusted: proxies.is_some(),
                sent: sent(head, ""),
            },
        }
    }
}

impl TrustedProxies {
    fn hint(&self, head: &impl RequestHead) -> Hint<'_> {
        let header = self.header_name();
        match self.client(head) {
            Ok(client) => Hint::Client { is_private: is_private(client) },
            Err(why) => Hint::Unnamed { why, header, sent: sent(head, header) },
        }
    }
}

/// A forwarding header of the request, other than this one.
fn sent(head: &impl RequestHead, other_than: &str) -> Option<&'static str> {
    let mut names = FORWARDING_HEADERS.into_iter().filter(|name| *name != other_than);
    names.find(|name| head.header(name).next().is_some())
}

impl fmt::Display for Hint<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoPeer => "the server did not say who connected: let it pass on the peer's address",
            Self::Peer { are_proxies_trusted: false, sent: Some(sent), .. } => {
                return write!(
                    f,
                    "no proxy is trusted, though the request has the header `{sent}`: trust the peer if it \
                     is your proxy"
                );
            }
            Self::Peer { are_proxies_trusted: true, sent: Some(sent), .. } => {
                return write!(
                    f,
                    "the peer is not one of the trusted proxies, though the request has the header \
                     `{sent}`: trust it if it is your proxy"
                );
            }
            Self::Peer { is_private: true, .. } => {
                "the peer has a private address: if it is a proxy, let it name the client in a header, and \
                 trust it"
            }
            Self::Peer { are_proxies_trusted: false, .. } => {
                "the peer is not on the list, and no proxy is trusted"
            }
            Self::Peer { .. } => "the peer is neither on the list nor a trusted proxy",
            Self::Client { is_private: true } => {
                "the trusted proxy names a private address: if it is your own proxy, trust it too"
            }
            Self::Client { .. } => "the client that the trusted proxy names is not on the list",
            Self::Unnamed { why: Unnamed::Absent, header, sent: Some(sent) } => {
                return write!(
                    f,
                    "the peer is a trusted proxy, but sends the header `{sent}` and not `{header}`, which is \
                     configured"
                );
            }
            Self::Unnamed { why: Unnamed::Absent, header, .. } => {
                return write!(
                    f,
                    "the peer is a trusted proxy, but does not send the header `{header}`"
                );
            }
            Self::Unnamed { why: Unnamed::Unusable, header, .. } => {
                return write!(
                    f,
                    "the header `{header}` of the trusted proxy does not hold addresses alone, or comes twice"
                );
            }
            Self::Unnamed { why: Unnamed::AllTrusted, header, .. } => {
                return write!(
                    f,
                    "all addresses in the header `{header}` are those of trusted proxies: trust fewer"
                );
            }
        })
    }
}
