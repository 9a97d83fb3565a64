//! What the connections of a store share: what is asked, and which of them are there.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use tokio::sync::watch;
use topper_core::internal::WithCauses;

use super::connector::Connector;
use crate::{
    StoreError,
    queue::{Ask, Asking, Trouble},
};

/// What the connections of a store share.
pub(super) struct Shared<A: Ask> {
    pub(super) connector: Connector,
    pub(super) asking: Asking<A>,
    trouble: Trouble,
    pub(super) era: watch::Sender<Era>,
    /// How many connections are wanted.
    wanted: usize,
    is_short: AtomicBool,
}

/// Ends when a connection turned out to be useless, so that the others are made again, too: the server
/// that they lead to has gone, or is no longer the primary.
#[derive(Clone, Copy, Default)]
pub(super) struct Era {
    pub(super) number: u64,
    /// How many connections were made in it. If one is lost, it ends.
    connected: usize,
}

impl<A: Ask> Shared<A> {
    pub(super) fn new(
        connector: Connector,
        asking: Asking<A>,
        trouble: Trouble,
        wanted: usize,
    ) -> Arc<Self> {
        let (era, is_short) = Default::default();
        Arc::new(Self { connector, asking, trouble, era, wanted, is_short })
    }

    /// A connection was made in an era. What waits for one need not wait any longer.
    pub(super) fn is_there(&self, era: u64) {
        // No one needs to know of it: this wakes no one.
        self.era.send_if_modified(|now| {
            now.connected += usize::from(now.number == era);
            false
        });
        if self.trouble.set(None).is_some() {
            tracing::info!(target: "topper", "connected to PostgreSQL again");
        }
        if self.era.borrow().connected >= self.wanted
            // The next time that one is missing is logged again.
            && self.is_short.swap(false, Ordering::AcqRel)
        {
            tracing::info!(target: "topper", "all connections to PostgreSQL are there again");
        }
    }

    pub(super) fn why(&self) -> StoreError {
        self.trouble.get().unwrap_or_else(|| StoreError::new("no connection to PostgreSQL"))
    }

    pub(super) fn could_not_connect(&self, error: StoreError) {
        let connected = self.era.borrow().connected;
        if connected == 0 {
            let text = WithCauses(&error).to_string();
            if self.trouble.set(Some(error)).is_none() {
                tracing::warn!(target: "topper", error = text, "no connection to PostgreSQL, trying again");
            }
        } else if !self.is_short.swap(true, Ordering::AcqRel) {
            let error = WithCauses(&error);
            tracing::warn!(
                target: "topper",
                %error,
                connected,
                "some connections to PostgreSQL are missing; the others do their work",
            );
        }
    }

    /// A connection of an era has turned out to be useless. The others are made again, too, unless they have been
    /// since.
    pub(super) fn lost(&self, era: u64, error: &StoreError) {
        let is_news = self.era.send_if_modified(|now| {
            let is_news = now.number == era;
            if is_news {
                *now = Era { number: now.number + 1, connected: 0 };
            }
            is_news
        });
        if is_news && self.trouble.set(Some(error.clone())).is_none() {
            let error = WithCauses(error);
            tracing::warn!(target: "topper", %error, "connection to PostgreSQL lost, connecting again");
        }
    }
}
