//! Proxies whose word on the client's address is taken.

use std::net::IpAddr;

use ipnet::IpNet;

use super::{forwarded, network::parse_entry, token::is_token};
use crate::{ConfigError, RequestHead};

/// The trusted proxies in front of the receiver, and the header in which they send the client's
/// address.
///
/// The header is read only if the socket's peer is one of these proxies. It is read from the right,
/// where the nearest proxy wrote, over all its lines. Trusted proxies are skipped, and the first other
/// address is the client. If an entry is not an address, the client is unknown: entries further left
/// can be written by anyone.
///
/// # Examples
///
/// ```
/// use topper::TrustedProxies;
///
/// let x_forwarded_for = TrustedProxies::new(["10.0.0.0/8"])?;
/// let forwarded = TrustedProxies::new(["10.0.0.0/8", "fd00::/8"])?.header("Forwarded")?;
/// let single = TrustedProxies::new(["10.1.2.3"])?.header("X-Real-IP")?;
/// # Ok::<(), topper::ConfigError>(())
/// ```
#[derive(Clone, Debug)]
pub struct TrustedProxies {
    networks: Vec<IpNet>,
    header: Header,
}

#[derive(Clone, Debug)]
enum Header {
    XForwardedFor,
    Forwarded,
    /// A header that contains one address.
    Single(Box<str>),
}

impl TrustedProxies {
    /// Proxies that send the client's address in `X-Forwarded-For`.
    ///
    /// `networks` are addresses (`10.1.2.3`, `fd00::1`) or networks in CIDR notation (`10.0.0.0/8`).
    ///
    /// # Errors
    ///
    /// When the list is empty, or an entry is neither.
    pub fn new<S: AsRef<str>>(networks: impl IntoIterator<Item = S>) -> Result<Self, ConfigError> {
        Ok(Self { networks: super::networks(networks)?, header: Header::XForwardedFor })
    }

    /// Sets another header in which the proxies send the client's address.
    ///
    /// `X-Forwarded-For` and `Forwarded` (RFC 7239) are read as lists. Any other header must contain a
    /// single address, such as `X-Real-IP` or `CF-Connecting-IP`. The nearest proxy must overwrite it;
    /// otherwise anyone can choose the address.
    ///
    /// # Errors
    ///
    /// When it is not a valid header name.
    pub fn header(mut self, name: &str) -> Result<Self, ConfigError> {
        let name = name.trim().to_ascii_lowercase();
        if name.is_empty() || !name.bytes().all(is_token) {
            return Err(ConfigError::HeaderName);
        }
        self.header = match name.as_str() {
            "x-forwarded-for" => Header::XForwardedFor,
            "forwarded" => Header::Forwarded,
            _ => Header::Single(name.into()),
        };
        Ok(self)
    }

    pub(super) fn trust(&self, address: IpAddr) -> bool {
        self.networks.iter().any(|network| network.contains(&address))
    }

    /// The name of the header, in lower case.
    pub(super) fn header_name(&self) -> &str {
        match &self.header {
            Header::XForwardedFor => "x-forwarded-for",
            Header::Forwarded => "forwarded",
            Header::Single(name) => name,
        }
    }

    /// The client's address that a trusted peer sent.
    pub(super) fn client(&self, head: &impl RequestHead) -> Result<IpAddr, Unnamed> {
        let name = self.header_name();
        match &self.header {
            Header::XForwardedFor => self.walk(head, name, |line| {
                Some(line.split(',').map(|entry| parse_entry(trim(entry))).collect())
            }),
            Header::Forwarded => self.walk(head, name, forwarded::parse),
            Header::Single(_) => {
                let mut lines = head.header(name);
                let line = lines.next().ok_or(Unnamed::Absent)?;
                if lines.next().is_some() {
                    return Err(Unnamed::Unusable);
                }
                let line = std::str::from_utf8(line).map_err(|_| Unnamed::Unusable)?;
                match parse_entry(trim(line)).ok_or(Unnamed::Unusable)? {
                    // One of our own proxies, sent by the proxy behind it: the client is unknown.
                    address if self.trust(address) => Err(Unnamed::AllTrusted),
                    address => Ok(address),
                }
            }
        }
    }

    /// Searches from the right, over all lines, for the first address that is not trusted.
    fn walk(
        &self,
        head: &impl RequestHead,
        name: &str,
        entries: impl Fn(&str) -> Option<Vec<Option<IpAddr>>>,
    ) -> Result<IpAddr, Unnamed> {
        let lines: Vec<&[u8]> = head.header(name).collect();
        let mut unnamed = Unnamed::Absent;
        for line in lines.into_iter().rev() {
            let line = std::str::from_utf8(line).map_err(|_| Unnamed::Unusable)?;
            for address in entries(line).ok_or(Unnamed::Unusable)?.into_iter().rev() {
                let address = address.ok_or(Unnamed::Unusable)?;
                if !self.trust(address) {
                    return Ok(address);
                }
                unnamed = Unnamed::AllTrusted;
            }
        }
        Err(unnamed)
    }
}

/// Why the client's address cannot be read from a trusted proxy's header.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Unnamed {
    /// The header is missing or empty.
    Absent,
    /// The header does not contain an address, or occurs too often.
    Unusable,
    /// Every address in the header is a trusted proxy.
    AllTrusted,
}

/// Optional white space (RFC 9110, section 5.6.3).
fn trim(text: &str) -> &str {
    text.trim_matches([' ', '\t'])
}
