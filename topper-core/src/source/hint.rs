//! Why a source is not on the list, and what to do about it, for the log.

use std::fmt;

use super::{Sources, TrustedProxies, is_private, proxy::Unnamed};
use crate::RequestHead;

/// Headers in which proxies send the client's address.
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

/// What to do about a source that is not on the list. It displays nothing that was received: header
/// names come from the configuration or from the list above.
pub(crate) enum Hint<'a> {
    NoPeer,
    /// The peer counts as the client. `sent` is a forwarding header that it sent.
    Peer {
        is_private: bool,
        are_proxies_trusted: bool,
        sent: Option<&'static str>,
    },
    /// A trusted proxy sent the client's address.
    Client {
        is_private: bool,
    },
    /// A trusted proxy did not send the client's address in the configured header.
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
            Self::NoPeer => "the server did not pass on the peer's address: configure it to do so",
            Self::Peer { are_proxies_trusted: false, sent: Some(sent), .. } => {
                return write!(
                    f,
                    "no proxy is trusted, but the request has the header `{sent}`: if the peer is your \
                     proxy, add it to the trusted proxies"
                );
            }
            Self::Peer { are_proxies_trusted: true, sent: Some(sent), .. } => {
                return write!(
                    f,
                    "the peer is not a trusted proxy, but the request has the header `{sent}`: if it is \
                     your proxy, add it to the trusted proxies"
                );
            }
            Self::Peer { is_private: true, .. } => {
                "the peer has a private address: if it is a proxy, configure it to send the client's address \
                 in a header, and add it to the trusted proxies"
            }
            Self::Peer { are_proxies_trusted: false, .. } => {
                "the peer is not on the list, and no proxy is trusted"
            }
            Self::Peer { .. } => "the peer is neither on the list nor a trusted proxy",
            Self::Client { is_private: true } => {
                "the trusted proxy sent a private address: if that is your proxy too, add it to the trusted proxies"
            }
            Self::Client { .. } => "the client's address, sent by the trusted proxy, is not on the list",
            Self::Unnamed { why: Unnamed::Absent, header, sent: Some(sent) } => {
                return write!(
                    f,
                    "the peer is a trusted proxy, but sends the header `{sent}`, not the configured `{header}`"
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
                    "the header `{header}` of the trusted proxy occurs twice, or contains something else than \
                     addresses"
                );
            }
            Self::Unnamed { why: Unnamed::AllTrusted, header, .. } => {
                return write!(
                    f,
                    "all addresses in the header `{header}` are trusted proxies: is a network in the list of \
                     trusted proxies too large?"
                );
            }
        })
    }
}
