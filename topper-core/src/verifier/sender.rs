//! The sender of a delivery: whether it is on the list, and the log line of a refusal.

use std::{net::IpAddr, sync::atomic::Ordering};

use super::{ActiveKeys, Inner, Verifier};
use crate::{
    Error, RequestHead, SourceMode,
    clock::Started,
    log::{self, Sender},
    meter,
    source::{Hint, Source},
};

impl Inner {
    pub(super) fn sender(&self, peer: Option<IpAddr>, client: Option<IpAddr>) -> Sender<'_> {
        Sender { label: &self.label, peer, client }
    }
}

impl Sender<'_> {
    /// Logs and counts a refused delivery.
    pub(super) fn refused(
        self,
        error: &Error,
        keys: &ActiveKeys,
        started: Started,
        hint: Option<Hint<'_>>,
    ) {
        match error {
            Error::KeyUnproven => log::unproven(self, keys, started.elapsed()),
            error => log::refused(self, error, started.elapsed(), hint),
        }
    }
}

impl Verifier {
    /// Counts and logs a sender that is not on the list. It is an error only if sources are enforced.
    pub(super) fn check_source(
        &self,
        head: &impl RequestHead,
        source: Source,
    ) -> Result<(), Error> {
        let mode = self.0.sources.mode();
        if source.is_listed || mode == SourceMode::Off {
            return Ok(());
        }
        self.0.unlisted.fetch_add(1, Ordering::Relaxed);
        meter::unlisted(&self.0.label);
        if mode == SourceMode::Enforce {
            return Err(source.refusal());
        }
        if let Some(suppressed) = self.0.warned.warns_of(source.client.or(head.peer())) {
            let sender = self.0.sender(head.peer(), source.client);
            log::unlisted(sender, suppressed, &self.0.sources.hint(head));
        }
        Ok(())
    }
}
