//! A delivery that was verified.

use std::{fmt, net::IpAddr, sync::Arc, time::Instant};

use crate::{Envelope, Event, PublicKey};

/// An event that Topper signed.
///
/// It comes from [`Admitted::verify`](crate::Admitted::verify) and nowhere else, so a function that
/// takes one cannot be called with a forgery.
///
/// `Debug` shows the event's id and name, never its content.
#[derive(Clone)]
pub struct Webhook {
    pub(crate) envelope: Envelope,
    pub(crate) body: Arc<[u8]>,
    pub(crate) key: Arc<PublicKey>,
    pub(crate) label: Arc<str>,
    pub(crate) client: Option<IpAddr>,
    pub(crate) received_at: Instant,
}

impl Webhook {
    /// The event's id, 1 to 255 bytes: the same however often it is sent, so the idempotency key.
    pub fn id(&self) -> &str {
        &self.envelope.id
    }

    /// The event's name, such as `order:crypto-onramp:completed`.
    pub fn name(&self) -> &str {
        self.envelope.event.name()
    }

    /// The `jti` of the bootstrap token your server made the session with. Any string.
    pub fn bootstrap_token_id(&self) -> Option<&str> {
        self.envelope.bootstrap_token_id.as_deref()
    }

    /// What happened.
    pub fn event(&self) -> &Event {
        &self.envelope.event
    }

    /// The whole envelope, by value.
    pub fn into_envelope(self) -> Envelope {
        self.envelope
    }

    /// The bytes that were signed, exactly as they came.
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// The key that matched.
    pub fn key(&self) -> &PublicKey {
        &self.key
    }

    /// The label of the verifier that let it in: with the id, the key for stores.
    pub fn label(&self) -> &str {
        &self.label
    }

    /// When its request's head was here: from then on Topper waits 4 s for an answer.
    pub fn received_at(&self) -> Instant {
        self.received_at
    }

    /// The client's address, if sources are looked at and it can be told.
    pub fn client(&self) -> Option<IpAddr> {
        self.client
    }
}

impl fmt::Debug for Webhook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Webhook")
            .field("envelope", &self.envelope)
            .field("label", &self.label)
            .finish_non_exhaustive()
    }
}
