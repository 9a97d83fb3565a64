//! The client's address, and whether it is one of Topper's addresses.

use std::{fmt, net::IpAddr, str::FromStr};

use ipnet::IpNet;

use crate::{ConfigError, Error, RequestHead, protocol};

mod forwarded;
mod hint;
mod network;
mod proxy;
mod token;

pub(crate) use hint::Hint;
pub use proxy::TrustedProxies;

/// What the client's address decides.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SourceMode {
    /// Nothing: the address is not checked.
    Off,
    /// Nothing, but a delivery from an address that is not on the list is counted, and logged as a
    /// warning. The signature decides.
    #[default]
    Observe,
    /// Whether the delivery is accepted. An outdated list, or a proxy that is not configured, loses
    /// events. Use it only after [`Observe`](Self::Observe) has logged no warning for a while.
    Enforce,
}

impl SourceMode {
    crate::__listed! {
        /// Every mode.
        Off, Observe, Enforce
    }

    /// The name in the environment variable: `off`, `observe` or `enforce`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Observe => "observe",
            Self::Enforce => "enforce",
        }
    }
}

impl fmt::Display for SourceMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Parses the name, in upper or lower case.
impl FromStr for SourceMode {
    type Err = ConfigError;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        let mut modes = Self::ALL.iter().copied();
        modes
            .find(|mode| mode.as_str().eq_ignore_ascii_case(name.trim()))
            .ok_or(ConfigError::SourceMode)
    }
}

/// What is known of the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Source {
    pub(crate) client: Option<IpAddr>,
    pub(crate) is_listed: bool,
}

impl Source {
    /// The error for a client that is not on the list, if sources are enforced.
    pub(crate) fn refusal(self) -> Error {
        match self.client {
            None => Error::SourceUnknown,
            // A load balancer that is not configured: every delivery would be refused.
            Some(client) if is_private(client) => Error::SourceUnknown,
            Some(_) => Error::SourceForbidden,
        }
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Sources {
    mode: SourceMode,
    allowed: Vec<IpNet>,
    proxies: Option<TrustedProxies>,
}

impl Sources {
    pub(crate) fn new(
        mode: SourceMode,
        allowed: Option<Vec<IpNet>>,
        proxies: Option<TrustedProxies>,
    ) -> Self {
        let allowed = allowed.unwrap_or_else(|| {
            protocol::ADDRESSES.iter().map(|&address| IpNet::from(IpAddr::V4(address))).collect()
        });
        Self { mode, allowed, proxies }
    }

    pub(crate) fn mode(&self) -> SourceMode {
        self.mode
    }

    /// Determines the client.
    pub(crate) fn look(&self, head: &impl RequestHead) -> Source {
        if self.mode == SourceMode::Off {
            return Source { client: None, is_listed: false };
        }
        let client = self.client(head);
        let is_listed = client
            .is_some_and(|client| self.allowed.iter().any(|network| network.contains(&client)));
        Source { client, is_listed }
    }

    fn client(&self, head: &impl RequestHead) -> Option<IpAddr> {
        let peer = head.peer()?.to_canonical();
        match &self.proxies {
            Some(proxies) if proxies.trust(peer) => proxies.client(head).ok(),
            _ => Some(peer),
        }
    }
}

/// Addresses that packets from the internet cannot come from.
fn is_private(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => {
            let shared = matches!(v4.octets(), [100, 64..=127, ..]);
            v4.is_private()
                || v4.is_loopback()
                || v4.is_link_local()
                || v4.is_unspecified()
                || shared
        }
        IpAddr::V6(v6) => {
            v6.is_loopback()
                || v6.is_unspecified()
                || v6.is_unique_local()
                || v6.is_unicast_link_local()
        }
    }
}

/// Parses a list of addresses and networks, which must not be empty.
pub(crate) fn networks<S: AsRef<str>>(
    entries: impl IntoIterator<Item = S>,
) -> Result<Vec<IpNet>, ConfigError> {
    let networks = entries
        .into_iter()
        .enumerate()
        .map(|(index, entry)| {
            network::parse(entry.as_ref()).ok_or(ConfigError::Address { index: index + 1 })
        })
        .collect::<Result<Vec<_>, _>>()?;
    if networks.is_empty() { Err(ConfigError::NoAddress) } else { Ok(networks) }
}
