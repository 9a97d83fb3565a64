//! A request while its body is read.

use std::{fmt, net::IpAddr, sync::Arc, time::Duration};

use super::{ActiveKeys, Inner, Verifier};
use crate::{
    Envelope, Error, Event, PublicKey, Webhook, clock::Started, jws::DetachedJws, log, meter,
    source::Source, webhook::Parts,
};

/// The maximum that is allocated because of a `Content-Length`.
const FIRST_CAPACITY: usize = 8 * 1024;

/// A request whose head passed all checks, and whose body is being read.
#[must_use = "nothing is verified yet"]
pub struct Admitted {
    verifier: Arc<Inner>,
    keys: Arc<ActiveKeys>,
    client: Option<IpAddr>,
    peer: Option<IpAddr>,
    jws: DetachedJws,
    body: Vec<u8>,
    started: Started,
    /// Whether this is a stored event, which is neither counted nor answered.
    is_stored: bool,
}

impl Admitted {
    pub(super) fn new(
        verifier: &Verifier,
        keys: Arc<ActiveKeys>,
        jws: DetachedJws,
        source: Source,
        peer: Option<IpAddr>,
        declared: usize,
        started: Started,
    ) -> Self {
        Self {
            verifier: Arc::clone(&verifier.0),
            keys,
            client: source.client,
            peer,
            jws,
            body: Vec::with_capacity(declared.min(FIRST_CAPACITY)),
            started,
            is_stored: false,
        }
    }

    pub(super) fn stored(
        verifier: &Verifier,
        keys: Arc<ActiveKeys>,
        jws: DetachedJws,
        body: &[u8],
    ) -> Self {
        Self {
            verifier: Arc::clone(&verifier.0),
            keys,
            client: None,
            peer: None,
            jws,
            body: body.to_vec(),
            started: Started::now(),
            is_stored: true,
        }
    }

    /// Adds the next chunk of the body.
    ///
    /// # Errors
    ///
    /// When the body is over the limit. The chunk is not added.
    pub fn push(&mut self, chunk: &[u8]) -> Result<(), Error> {
        let limit = self.verifier.body_limit;
        if chunk.len() > limit.saturating_sub(self.body.len()) {
            return Err(self.refused(Error::BodyTooLarge { limit }));
        }
        self.body.extend_from_slice(chunk);
        Ok(())
    }

    /// How long the rest of the body may take. After that, an adapter stops reading, and calls
    /// [`finish`](Self::finish) with [`ReadError::TimedOut`].
    pub fn body_time_left(&self) -> Duration {
        self.verifier.body_timeout.saturating_sub(self.started.elapsed())
    }

    /// Verifies the body if it is complete. Every adapter calls this when it stops reading.
    ///
    /// # Errors
    ///
    /// When the body is not complete, or as for [`verify`](Self::verify).
    pub fn finish(self, read: Result<(), ReadError>) -> Result<Webhook, Error> {
        match read {
            Ok(()) => self.verify(),
            // Already logged, by `push`.
            Err(ReadError::Refused(error)) => Err(error),
            Err(ReadError::BrokeOff) => Err(self.refused(Error::BodyIncomplete)),
            Err(ReadError::TimedOut) => Err(self.refused(Error::BodyTimeout)),
        }
    }

    /// Verifies the signature over the bytes that were pushed, and then decodes them.
    ///
    /// # Errors
    ///
    /// When no key matches, or the body is not an event's envelope.
    pub fn verify(self) -> Result<Webhook, Error> {
        let (key, envelope) = self.check_body().map_err(|error| self.refused(error))?;
        let webhook = Webhook::new(Parts {
            envelope,
            body: self.body,
            jws: self.jws,
            key,
            label: Arc::clone(&self.verifier.label),
            client: self.client,
            received: self.started,
        });
        log::verified(&webhook);
        if !self.is_stored {
            tell_of_odd(&webhook);
        }
        Ok(webhook)
    }

    fn check_body(&self) -> Result<(PublicKey, Envelope), Error> {
        let Some((index, key)) = self.keys.find(&self.jws, &self.body) else {
            return Err(if self.verifier.awaits_proof(&self.keys) {
                Error::KeyUnproven
            } else {
                Error::SignatureInvalid
            });
        };
        if !self.is_stored {
            meter::matched(&self.verifier.label, &self.keys.names, index);
        }
        let envelope = Envelope::from_json(&self.body).map_err(Error::EventUnreadable)?;
        Ok((key.clone(), envelope))
    }

    /// Logs why the delivery is refused, with its outcome.
    fn refused(&self, error: Error) -> Error {
        let Inner { label, .. } = &*self.verifier;
        if self.is_stored {
            log::stored_refused(label, &error);
            return error;
        }
        let sender = self.verifier.sender(self.peer, self.client);
        sender.refused(&error, &self.keys, self.started, None);
        if let Error::EventUnreadable(problem) = error {
            meter::unreadable(label, problem.field());
        }
        error
    }
}

/// Logs an event for which a newer version of this crate may be needed.
fn tell_of_odd(webhook: &Webhook) {
    match webhook.event() {
        Ok(Event::Unknown(_)) => {
            meter::unknown_event(webhook.shared_label());
            log::unknown_event(webhook);
        }
        Ok(_) => {}
        Err(error) => {
            meter::unreadable(webhook.shared_label(), error.field());
            log::unreadable(webhook, &error);
        }
    }
}

impl fmt::Debug for Admitted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Admitted")
            .field("label", &self.verifier.label)
            .field("received", &self.body.len())
            .finish_non_exhaustive()
    }
}

/// Why an adapter stopped reading a body before its end.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// A chunk was refused by [`Admitted::push`].
    #[error(transparent)]
    Refused(#[from] Error),
    /// The body ended before it was complete, or the framework could not read it.
    #[error("body ended early")]
    BrokeOff,
    /// [`Admitted::body_time_left`] has passed.
    #[error("body was not complete in time")]
    TimedOut,
}
