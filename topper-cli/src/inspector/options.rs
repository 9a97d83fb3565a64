//! The options of the page.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

const PORT: u16 = 4040;

/// The options of the page, which `listen` and `inspect` share.
#[derive(clap::Args)]
#[command(next_help_heading = "Page")]
pub(crate) struct Options {
    /// Serve the page on this port; 0 picks a free port [default: 4040]
    #[arg(long, value_name = "PORT")]
    ui_port: Option<u16>,
    /// Serve the page on this address instead of 127.0.0.1; the URL then contains a token
    ///
    /// Anyone with that URL sees all deliveries, and can send from this machine. The connection is
    /// not encrypted: use it in a network that you trust.
    #[arg(long, value_name = "ADDRESS")]
    ui_host: Option<IpAddr>,
}

impl Options {
    /// Whether one of them is given, so that the page is wanted.
    pub(crate) fn is_given(&self) -> bool {
        self.ui_port.is_some() || self.ui_host.is_some()
    }

    pub(super) fn address(&self) -> SocketAddr {
        let host = self.ui_host.unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST));
        SocketAddr::new(host, self.ui_port.unwrap_or(PORT))
    }
}
