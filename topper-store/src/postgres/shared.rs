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
    /// How many connections were made in it, and are there.
    connected: usize,
}

/// Counts in its era until it is dropped.
pub(super) struct Presence<A: Ask> {
    shared: Arc<Shared<A>>,
    pub(super) era: u64,
}

impl<A: Ask> Presence<A> {
    /// What waits for a connection need not wait any longer.
    pub(super) fn new(shared: &Arc<Shared<A>>, era: u64) -> Self {
        shared.count(era, 1);
        if shared.trouble.set(None).is_some() {
            tracing::info!(target: "topper", "connected to PostgreSQL again");
        }
        if shared.era.borrow().connected >= shared.wanted
            // The next time that one is missing is logged again.
            && shared.is_short.swap(false, Ordering::AcqRel)
        {
            tracing::info!(target: "topper", "all connections to PostgreSQL are there again");
        }
        Self { shared: Arc::clone(shared), era }
    }
}

impl<A: Ask> Drop for Presence<A> {
    fn drop(&mut self) {
        self.shared.count(self.era, -1);
    }
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

    /// No one needs to know of it: this wakes no one.
    fn count(&self, era: u64, change: isize) {
        self.era.send_if_modified(|now| {
            if now.number == era {
                now.connected = now.connected.saturating_add_signed(change);
            }
            false
        });
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

    /// A connection has turned out to be useless. The others are made again, too, unless they have been
    /// since.
    pub(super) fn lost(&self, presence: &Presence<A>, error: &StoreError) {
        let is_news = self.era.send_if_modified(|now| {
            let is_news = now.number == presence.era;
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
