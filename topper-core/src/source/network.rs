//! Parsing addresses in the configuration and in forwarding headers.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use ipnet::{IpNet, Ipv4Net};

/// Parses an address or a network in CIDR notation. IPv4-mapped addresses become IPv4.
pub(super) fn parse(text: &str) -> Option<IpNet> {
    let text = text.trim();
    if let Ok(address) = text.parse::<IpAddr>() {
        return Some(address.to_canonical().into());
    }
    match text.parse().ok()? {
        IpNet::V6(network) if network.prefix_len() >= 96 => {
            let mapped = network.addr().to_ipv4_mapped();
            let network_v4 = mapped.and_then(|v4| Ipv4Net::new(v4, network.prefix_len() - 96).ok());
            Some(network_v4.map_or(IpNet::V6(network), IpNet::V4))
        }
        network => Some(network),
    }
}

/// The address in an entry of a forwarding header, which may have a port: `192.0.2.1`,
/// `192.0.2.1:443`, `2001:db8::1`, `[2001:db8::1]`, `[2001:db8::1]:443`.
pub(super) fn parse_entry(text: &str) -> Option<IpAddr> {
    let bracketed = || text.strip_prefix('[')?.strip_suffix(']')?.parse::<Ipv6Addr>().ok();
    text.parse::<IpAddr>()
        .ok()
        .or_else(|| text.parse::<SocketAddr>().ok().map(|address| address.ip()))
        .or_else(|| bracketed().map(IpAddr::V6))
        .map(|address| address.to_canonical())
}
