//! A delivery that was verified.

use std::{fmt, net::IpAddr, sync::Arc, time::Duration};

use crate::{Envelope, Event, PayloadError, PublicKey, clock::Started, jws::DetachedJws, protocol};

/// An event that Topper signed.
///
/// It comes from a [`Verifier`](crate::Verifier) and nowhere else, so a function that takes one cannot
/// be called with a forgery. A clone costs nothing: clones share their content.
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

    /// The event's id, 1 to 255 bytes: the same on every retry, so the idempotency key.
    pub fn id(&self) -> &str {
        self.0.envelope.id()
    }

    /// The event's name, such as `order:crypto-onramp:completed`.
    pub fn name(&self) -> &str {
        self.0.envelope.name()
    }

    /// The `jti` of the bootstrap token your server made the session with. Any string.
    pub fn bootstrap_token_id(&self) -> Option<&str> {
        self.0.envelope.bootstrap_token_id()
    }

    /// What happened.
    ///
    /// # Errors
    ///
    /// When the event's name is known but its data cannot be read by this version. In a handler `?`
    /// turns that into a [`Retry`](crate::Retry): Topper sends the event again, for about three hours,
    /// time to deploy an update that can read it.
    pub fn event(&self) -> Result<&Event, PayloadError> {
        self.0.envelope.event()
    }

    /// The event with its id.
    pub fn envelope(&self) -> &Envelope {
        &self.0.envelope
    }

    /// The bytes that were signed, exactly as received.
    pub fn body(&self) -> &[u8] {
        &self.0.body
    }

    /// The value of the signature header: a detached JWS. With [`body`](Self::body) it is all that
    /// [`Verifier::verify_stored`](crate::Verifier::verify_stored) needs to verify the event again.
    pub fn signature(&self) -> &str {
        self.0.jws.as_str()
    }

    /// The key that matched.
    pub fn key(&self) -> &PublicKey {
        &self.0.key
    }

    /// The label of the verifier that accepted it: with the id, the key for stores.
    pub fn label(&self) -> &str {
        &self.0.label
    }

    /// The label, for what keeps it.
    pub(crate) fn shared_label(&self) -> &Arc<str> {
        &self.0.label
    }

    /// How long ago the head of its request was received.
    pub fn elapsed(&self) -> Duration {
        self.0.received.elapsed()
    }

    /// How long Topper still waits for the answer, of its [4 s](protocol::TIMEOUT).
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
