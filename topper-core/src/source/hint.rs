//! Why a source is not on the list, in words that say what to do: a list that cannot be mended from its
//! line in the log is no use.

use std::borrow::Cow;

use super::{Sources, is_private, proxy::Unnamed};
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

impl Sources {
    /// What to do about a source that is not listed. It shows nothing that was received: names of headers
    /// are those of the configuration, or of the list above.
    pub(crate) fn hint(&self, head: &impl RequestHead) -> Cow<'static, str> {
        let Some(peer) = head.peer() else {
            return "the server did not say who connected: see the guide on proxies".into();
        };
        let peer = peer.to_canonical();
        let sent = |own: &str| {
            let mut names = FORWARDING_HEADERS.into_iter().filter(|name| *name != own);
            names.find(|name| head.header(name).next().is_some())
        };
        match &self.proxies {
            Some(proxies) if proxies.trust(peer) => {
                let name = proxies.header_name();
                match (proxies.client(head), sent(name)) {
                    (Ok(_), _) => "the client that the trusted proxy names is not on the list".into(),
                    (Err(Unnamed::Absent), Some(other)) => format!(
                        "the peer is a trusted proxy, but sends the header `{other}` and not `{name}`, which \
                         is configured"
                    )
                    .into(),
                    (Err(Unnamed::Absent), None) => {
                        format!("the peer is a trusted proxy, but does not send the header `{name}`").into()
                    }
                    (Err(Unnamed::Unusable), _) => {
                        format!("the header `{name}` of the trusted proxy has what is not an address").into()
                    }
                    (Err(Unnamed::AllTrusted), _) => {
                        format!("all addresses in the header `{name}` are trusted proxies: trust fewer").into()
                    }
                }
            }
            Some(_) => match sent("") {
                Some(other) => format!(
                    "the peer is not one of the trusted proxies, though the request has the header \
                     `{other}`: trust it if it is a proxy of yours"
                )
                .into(),
                None => "the peer is neither on the list nor a trusted proxy".into(),
            },
            None => match sent("") {
                Some(other) => format!(
                    "no proxy is trusted, though the request has the header `{other}`: trust the peer if \
                     it is a proxy of yours"
                )
                .into(),
                None if is_private(peer) => {
                    "the peer has a private address: if it is a proxy, have it name the client in a header, \
                     and trust it"
                        .into()
                }
                None => "the peer is not on the list, and no proxy is trusted".into(),
            },
        }
    }
}
