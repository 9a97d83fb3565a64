//! Who works on which event.

use std::{fmt, sync::Arc};

use topper_core::Webhook;

use crate::StoreError;

/// What an event is remembered under: the label of its endpoint, and its id.
///
/// Both are bytes to a store: of 1 to 255 bytes, any UTF-8, NUL included, compared to the byte.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EventKey {
    label: Arc<str>,
    id: Arc<str>,
}

impl EventKey {
    /// The key of an event.
    pub fn new(label: &str, id: &str) -> Self {
        Self { label: label.into(), id: id.into() }
    }

    /// The label of the verifier that let it in.
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

/// The right to work on an event: its key, and a random token that tells this owner from all others.
///
/// It is made before it is claimed, so that a claim whose answer got lost can be given back.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Lease {
    key: EventKey,
    owner: [u8; Self::OWNER_BYTES],
}

impl Lease {
    pub(crate) const OWNER_BYTES: usize = 16;

    /// A lease with a token of its own, not claimed yet.
    ///
    /// # Errors
    ///
    /// When the operating system has no random numbers.
    pub fn new(key: impl Into<EventKey>) -> Result<Self, StoreError> {
        let mut owner = [0; Self::OWNER_BYTES];
        getrandom::fill(&mut owner).map_err(StoreError::new)?;
        Ok(Self { key: key.into(), owner })
    }

    /// The event it is on.
    pub fn key(&self) -> &EventKey {
        &self.key
    }

    /// The owner's token: 16 random bytes.
    pub fn owner(&self) -> &[u8] {
        &self.owner
    }
}

impl fmt::Debug for Lease {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lease").field("key", &self.key).finish_non_exhaustive()
    }
}
