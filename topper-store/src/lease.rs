//! The key of an event, and the lease on it.

use std::{fmt, sync::Arc};

use topper_core::Webhook;

use crate::{StoreError, random};

/// The key of an event: the label of its webhook, and its id.
///
/// A store treats both as bytes: 1 to 255 bytes of any UTF-8, NUL included, compared byte by byte.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EventKey {
    label: Arc<str>,
    id: Arc<str>,
}

impl EventKey {
    /// Creates the key of an event.
    pub fn new(label: &str, id: &str) -> Self {
        Self { label: label.into(), id: id.into() }
    }

    /// The label of its webhook.
    pub fn label(&self) -> &str {
        &self.label
    }

    /// Its id.
    pub fn id(&self) -> &str {
        &self.id
    }
}

impl From<&Webhook> for EventKey {
    fn from(webhook: &Webhook) -> Self {
        Self::new(webhook.label(), webhook.id())
    }
}

impl fmt::Debug for EventKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("EventKey").field(&self.label).field(&self.id).finish()
    }
}

/// The right to work on an event: the event's key, and a random token that identifies the owner.
///
/// Create it before you claim the event, so that a claim whose answer was lost can be given back.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Lease {
    key: EventKey,
    owner: [u8; Self::OWNER_BYTES],
    #[cfg(feature = "redis")]
    created: std::time::Instant,
}

impl Lease {
    pub(crate) const OWNER_BYTES: usize = 16;

    /// Creates a lease with a new token. It is not claimed yet.
    ///
    /// # Errors
    ///
    /// When the operating system has no random numbers.
    pub fn new(key: impl Into<EventKey>) -> Result<Self, StoreError> {
        Ok(Self {
            key: key.into(),
            owner: random::bytes()?,
            #[cfg(feature = "redis")]
            created: std::time::Instant::now(),
        })
    }

    /// The key of its event.
    pub fn key(&self) -> &EventKey {
        &self.key
    }

    /// The owner's token: 16 random bytes.
    pub fn owner(&self) -> &[u8] {
        &self.owner
    }

    /// How long ago it was created.
    #[cfg(feature = "redis")]
    pub(crate) fn age(&self) -> std::time::Duration {
        self.created.elapsed()
    }
}

impl fmt::Debug for Lease {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lease").field("key", &self.key).finish_non_exhaustive()
    }
}
