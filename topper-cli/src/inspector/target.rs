//! Where the page may send to: this machine, and the endpoint of `--forward-to`.

use std::net::SocketAddr;

use hyper::Uri;
use tokio::time::timeout;
use topper_core::protocol::TIMEOUT;
use topper_testkit::Sender;

use super::{
    Inspector,
    response::{Refusal, Result},
};
use crate::{
    delivering::{self, shown},
    examining,
};

/// An endpoint on this machine.
pub(super) struct Local {
    /// Connects to the addresses that were checked, and makes one attempt.
    pub(super) sender: Sender,
    pub(super) addresses: Vec<SocketAddr>,
    pub(super) uri: Uri,
}

/// Sends to a URL, once, if the page may send there. No redirect is followed.
pub(super) async fn sender(inspector: &Inspector, url: &str) -> Result<Sender> {
    match inspector.source.forward_to() {
        // The page knows it without what may be secret.
        Some(full) if url == full || url == shown(full) => bare(inspector, full),
        _ => Ok(local(inspector, url).await?.sender),
    }
}

/// An endpoint that is on this machine, or why it may not be sent to.
pub(super) async fn local(inspector: &Inspector, url: &str) -> Result<Local> {
    let sender = bare(inspector, url)?;
    let uri: Uri = url.parse().map_err(|_| Refusal::bad("not a URL"))?;
    let addresses = match timeout(TIMEOUT, examining::resolve(&uri)).await {
        Ok(addresses) => addresses.unwrap_or_default(),
        Err(_) => Vec::new(),
    };
    let refusal = |problem: &str| Refusal::forbidden(format_args!("{}: {problem}", shown(url)));
    if addresses.is_empty() {
        return Err(refusal("the host has no address; check its name"));
    }
    if !examining::are_local(&addresses) {
        return Err(refusal(
            "this endpoint is not on this machine, so nothing is sent; use `topper send` and `topper \
             replay` for it, or `topper listen --forward-to`",
        ));
    }
    // Its name could lead elsewhere the next time it is looked up.
    let sender = sender.connecting_to(addresses.iter().copied());
    Ok(Local { sender, addresses, uri })
}

fn bare(inspector: &Inspector, url: &str) -> Result<Sender> {
    let sender = delivering::sender(url, inspector.source.ca()).map_err(Refusal::bad)?;
    Ok(sender.retries(0))
}
