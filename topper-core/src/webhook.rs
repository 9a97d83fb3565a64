//! A delivery that was verified.

use std::{fmt, net::IpAddr, sync::Arc, time::Duration};

use crate::{Envelope, Event, PayloadError, PublicKey, clock::Started, jws::DetachedJws, protocol};

/// An event that Topper signed.
///
/// Only a [`Verifier`](crate::Verifier) creates it, so a function that takes a `Webhook` cannot be
/// called with a forgery. Cloning is cheap.
///
/// `Debug` shows the event's id and name, never its content.
#[derive(Clone)]
pub struct Webhook(Arc<Parts>);

pub(crate) struct Parts {
    pub(crate) envelope: Envelope,
    pub(crate) body: Vec<u8>,
    pub(crate) jws: DetachedJws,
    pub(crate) key: PublicKey,
    pub(crate) label: Arc<str>,
    pub(crate) client: Option<IpAddr>,
    pub(crate) received: Started,
}

impl Webhook {
    pub(crate) fn new(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }

    /// The event's id, 1 to 255 bytes. It is the same on every retry: use it as the idempotency key.
    pub fn id(&self) -> &str {
        self.0.envelope.id()
    }

    /// The event's name, such as `order:crypto-onramp:completed`.
    pub fn name(&self) -> &str {
        self.0.envelope.name()
    }

    /// The `jti` of the bootstrap token with which your server created the session. It can be any
    /// string.
    pub fn bootstrap_token_id(&self) -> Option<&str> {
        self.0.envelope.bootstrap_token_id()
    }

    /// The event, decoded.
    ///
    /// # Errors
    ///
    /// When this version knows the event's name but cannot read its data. In a handler, `?` converts
    /// the error into a [`Retry`](crate::Retry): Topper retries for about three hours, so there is time
    /// to deploy an update.
    pub fn event(&self) -> Result<&Event, PayloadError> {
        self.0.envelope.event()
    }

    /// The envelope: the event with its id.
    pub fn envelope(&self) -> &Envelope {
        &self.0.envelope
    }

    /// The bytes that were signed, exactly as received.
    pub fn body(&self) -> &[u8] {
        &self.0.body
    }

    /// The value of the signature header, a detached JWS. Store it with [`body`](Self::body) to verify
    /// the event again with [`Verifier::verify_stored`](crate::Verifier::verify_stored).
    pub fn signature(&self) -> &str {
        self.0.jws.as_str()
    }

    /// The key that matched.
    pub fn key(&self) -> &PublicKey {
        &self.0.key
    }

    /// The label of the verifier. Together with the id, it is the key for stores.
    pub fn label(&self) -> &str {
        &self.0.label
    }

    /// The label, shared, for owners that keep it.
    pub(crate) fn shared_label(&self) -> &Arc<str> {
        &self.0.label
    }

    /// How long ago the head of the request was received.
    pub fn elapsed(&self) -> Duration {
        self.0.received.elapsed()
    }

    /// How much longer Topper waits for the answer, out of [4 s](protocol::TIMEOUT).
    pub fn time_left(&self) -> Duration {
        protocol::TIMEOUT.saturating_sub(self.elapsed())
    }

    /// The client's address, if sources are checked and it is known.
    pub fn client(&self) -> Option<IpAddr> {
        self.0.client
    }
}

impl fmt::Debug for Webhook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Webhook")
            .field("envelope", self.envelope())
            .field("label", &self.label())
            .finish_non_exhaustive()
    }
}
