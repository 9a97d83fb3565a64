//! Proxies whose word on the client's address is taken.

use std::net::IpAddr;

use ipnet::IpNet;

use super::{forwarded, network::parse_entry, token::is_token};
use crate::{ConfigError, RequestHead};

/// The proxies in front of the receiver, and the header in which they name the client.
///
/// Only when the socket peer is one of them is the header looked at. It is read from the right,
/// which is what the nearest proxy wrote, over all its lines: trusted proxies are skipped, and the
/// first other address is the client. An entry that is not an address ends the search: the client
/// is then unknown, and nothing further left, which anyone can write, is believed.
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
    /// A header whose whole value is one address.
    Single(Box<str>),
}

impl TrustedProxies {
    /// Proxies that name the client in `X-Forwarded-For`.
    ///
    /// `networks` are addresses (`10.1.2.3`, `fd00::1`) or networks in CIDR notation (`10.0.0.0/8`).
    ///
    /// # Errors
    ///
    /// When there are none, or one is neither.
    pub fn new<S: AsRef<str>>(networks: impl IntoIterator<Item = S>) -> Result<Self, ConfigError> {
        Ok(Self { networks: super::networks(networks)?, header: Header::XForwardedFor })
    }

    /// The same proxies, which name the client in another header.
    ///
    /// `X-Forwarded-For` and `Forwarded` (RFC 7239) are read as what they are; any other is taken to
    /// hold a single address, such as `X-Real-IP` or `CF-Connecting-IP`: the nearest proxy must
    /// overwrite it, or the sender of the request chooses the address.
    ///
    /// # Errors
    ///
    /// When it is not the name of a header.
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

    /// The client a trusted peer names.
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
                    // One of our own proxies, named by the one behind it: the client is not named.
                    address if self.trust(address) => Err(Unnamed::AllTrusted),
                    address => Ok(address),
                }
            }
        }
    }

    /// From the right over all lines to the first address that is not trusted.
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

/// Why a trusted proxy does not name the client.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Unnamed {
    /// The header is not there, or empty.
    Absent,
    /// What it says is not an address, or it is there more often than it may be.
    Unusable,
    /// Every address in it is one of a trusted proxy.
    AllTrusted,
}

/// Optional white space (RFC 9110, section 5.6.3).
fn trim(text: &str) -> &str {
    text.trim_matches([' ', '\t'])
}
