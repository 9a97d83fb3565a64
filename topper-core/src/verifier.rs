//! The one way in: admit, push, verify.

use std::{
    fmt,
    net::IpAddr,
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use crate::{
    ConfigError, Envelope, Error, KeySet, MalformedSignature, PublicKey, SIGNATURE_HEADER,
    SourceMode, Webhook,
    jws::DetachedJws,
    source::{Source, Sources},
};

mod builder;
mod env;
mod log;

pub use builder::VerifierBuilder;

/// Checks deliveries: where they come from, their signature, their size; and decodes them.
///
/// An adapter calls [`admit`](Self::admit) with the head of a request, [`push`](Admitted::push)
/// with each chunk of its body, and [`verify`](Admitted::verify) at its end. None of them does
/// input or output, and none can be left out: [`Admitted`] and [`Webhook`] come from nowhere else.
///
/// Cheap to clone; clones share their keys and counts.
///
/// # Examples
///
/// ```no_run
/// use topper_core::{SourceMode, TrustedProxies, Verifier};
///
/// // Everything from environment variables, the key in `TOPPER_WEBHOOK_PUBLIC_KEY`.
/// let verifier = Verifier::from_env()?;
///
/// // Or from code.
/// let jwk = std::fs::read_to_string("topper.jwk.json")?;
/// let verifier = Verifier::builder()
///     .public_key(&jwk)
///     .label("production")
///     .sources(SourceMode::Enforce)
///     .trusted_proxies(TrustedProxies::new(["10.0.0.0/8"])?)
///     .body_limit(64 * 1024)
///     .build()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Verifier(Arc<Inner>);

struct Inner {
    label: Arc<str>,
    keys: RwLock<Arc<ActiveKeys>>,
    sources: Sources,
    body_limit: usize,
    body_timeout: Duration,
    retry_while_unproven: bool,
    unlisted: AtomicU64,
}

impl Inner {
    /// Whether what does not match is retried, since the wrong keys may have been deployed.
    fn awaits_proof(&self, keys: &ActiveKeys) -> bool {
        self.retry_while_unproven && !keys.proven.load(Ordering::Relaxed)
    }
}

/// The keys of now, and whether any has verified something.
struct ActiveKeys {
    set: KeySet,
    proven: AtomicBool,
}

impl ActiveKeys {
    fn new(set: KeySet) -> Arc<Self> {
        Arc::new(Self { set, proven: AtomicBool::new(false) })
    }
}

/// What an adapter tells of a request before its body is read.
///
/// A trait and not a struct, so that headers are looked up where they are and nothing is copied.
pub trait RequestHead {
    /// The IP address of the socket's other end; `None` when there is no socket. Never an address
    /// from a header: the verifier reads those itself, from proxies it trusts.
    fn peer(&self) -> Option<IpAddr>;

    /// The values of every line of a header, in the order they came. `name` is in lower case.
    fn header<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]>;
}

impl Verifier {
    /// A verifier with one JWK or JWK Set and defaults for all else.
    ///
    /// # Errors
    ///
    /// When a key cannot be used.
    pub fn new(public_key: &str) -> Result<Self, ConfigError> {
        Self::builder().public_key(public_key).build()
    }

    /// A verifier configured by environment variables; see
    /// [`VerifierBuilder::from_env`].
    ///
    /// # Errors
    ///
    /// When a variable is missing or cannot be used. The message names it and shows what it should
    /// look like.
    pub fn from_env() -> Result<Self, ConfigError> {
        VerifierBuilder::from_env()?.build()
    }

    /// A verifier configured by code.
    pub fn builder() -> VerifierBuilder {
        VerifierBuilder::default()
    }

    /// Checks all that can be checked before the body is read: source, signature header, declared
    /// length.
    ///
    /// # Errors
    ///
    /// With the first rule that is broken, in that order. The answer may be sent at once.
    pub fn admit(&self, head: &impl RequestHead) -> Result<Admitted, Error> {
        let started = Instant::now();
        self.check_head(head, started)
            .inspect_err(|error| log::refused(&self.0.label, error, head.peer()))
    }

    fn check_head(&self, head: &impl RequestHead, started: Instant) -> Result<Admitted, Error> {
        let source = self.0.sources.check(head).inspect_err(|_| self.count_unlisted())?;
        if !source.is_listed && self.0.sources.mode() == SourceMode::Observe {
            self.count_unlisted();
            log::unlisted(&self.0.label, head.peer(), source.client);
        }
        let keys = self.active_keys();
        let mut lines = head.header(SIGNATURE_HEADER);
        let token = lines.next().ok_or(Error::SignatureMissing)?;
        if lines.next().is_some() {
            return Err(Error::SignatureMalformed(MalformedSignature::Repeated));
        }
        let jws = keys.set.parse(token).map_err(|malformed| match malformed {
            MalformedSignature::OtherAlgorithm if self.0.awaits_proof(&keys) => Error::KeyUnproven,
            malformed => Error::SignatureMalformed(malformed),
        })?;
        let declared = declared_length(head);
        let limit = self.0.body_limit;
        if declared.is_some_and(|declared| declared > limit) {
            return Err(Error::BodyTooLarge { limit });
        }
        Ok(Admitted {
            verifier: Arc::clone(&self.0),
            keys,
            source,
            jws,
            body: Vec::with_capacity(declared.unwrap_or(0).min(FIRST_CAPACITY)),
            started,
        })
    }

    /// The name of this webhook in logs and, with the event's id, in stores.
    pub fn label(&self) -> &str {
        &self.0.label
    }

    /// Puts other keys in place of the present ones, without a restart.
    ///
    /// Deliveries admitted before are still verified with the keys of then. To rotate, first set
    /// the old and the new key, later the new one alone.
    pub fn replace_keys(&self, keys: KeySet) {
        *self.0.keys.write().unwrap_or_else(PoisonError::into_inner) = ActiveKeys::new(keys);
    }

    /// The keys of now. Their [`verify`](KeySet::verify) checks a signature and nothing else.
    pub fn keys(&self) -> KeySet {
        self.active_keys().set.clone()
    }

    /// How many requests came from a client that is not on the list, or cannot be told; since
    /// start, over all clones. Always 0 with [`SourceMode::Off`].
    pub fn unlisted_sources(&self) -> u64 {
        self.0.unlisted.load(Ordering::Relaxed)
    }

    fn count_unlisted(&self) {
        self.0.unlisted.fetch_add(1, Ordering::Relaxed);
    }

    fn active_keys(&self) -> Arc<ActiveKeys> {
        Arc::clone(&self.0.keys.read().unwrap_or_else(PoisonError::into_inner))
    }
}

impl fmt::Debug for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verifier")
            .field("label", &self.0.label)
            .field("keys", &self.active_keys().set)
            .field("sources", &self.0.sources.mode())
            .field("body_limit", &self.0.body_limit)
            .field("body_timeout", &self.0.body_timeout)
            .finish_non_exhaustive()
    }
}

/// The most bytes set aside on the word of a `Content-Length`.
const FIRST_CAPACITY: usize = 8 * 1024;

/// The largest length declared; one that is not a number is the server's business.
fn declared_length(head: &impl RequestHead) -> Option<usize> {
    head.header("content-length")
        .filter_map(|value| std::str::from_utf8(value).ok())
        .filter(|value| !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()))
        .map(|value| value.parse().unwrap_or(usize::MAX))
        .max()
}

/// A request whose head passed; it takes in the body, and verifies it.
#[must_use = "nothing is verified yet"]
pub struct Admitted {
    verifier: Arc<Inner>,
    keys: Arc<ActiveKeys>,
    source: Source,
    jws: DetachedJws,
    body: Vec<u8>,
    started: Instant,
}

impl Admitted {
    /// Takes in the next chunk of the body.
    ///
    /// # Errors
    ///
    /// When the body is over the limit, without taking in the chunk.
    pub fn push(&mut self, chunk: &[u8]) -> Result<(), Error> {
        let limit = self.verifier.body_limit;
        if chunk.len() > limit.saturating_sub(self.body.len()) {
            return Err(self.refused(Error::BodyTooLarge { limit }));
        }
        self.body.extend_from_slice(chunk);
        Ok(())
    }

    /// How long the rest of the body may take. An adapter stops reading then, and answers with
    /// [`timed_out`](Self::timed_out).
    pub fn time_left(&self) -> Duration {
        self.verifier.body_timeout.saturating_sub(self.started.elapsed())
    }

    /// The error for a body that was not complete in time.
    pub fn timed_out(self) -> Error {
        self.refused(Error::BodyTimeout)
    }

    /// The error for a body that broke off, or that the framework could not read.
    pub fn broke_off(self) -> Error {
        self.refused(Error::BodyIncomplete)
    }

    fn refused(&self, error: Error) -> Error {
        log::refused(&self.verifier.label, &error, None);
        error
    }

    /// Verifies the signature over exactly the bytes taken in, and then decodes them.
    ///
    /// # Errors
    ///
    /// When no key matches, or the body is not an event's envelope.
    pub fn verify(self) -> Result<Webhook, Error> {
        let (key, envelope) = self.check_body().map_err(|error| self.refused(error))?;
        let webhook = Webhook {
            envelope,
            key,
            body: self.body.into(),
            label: Arc::clone(&self.verifier.label),
            client: self.source.client,
            received_at: self.started,
        };
        log::verified(&webhook, self.started.elapsed());
        Ok(webhook)
    }

    fn check_body(&self) -> Result<(Arc<PublicKey>, Envelope), Error> {
        let Some(key) = self.keys.set.find(&self.jws, &self.body) else {
            return Err(if self.verifier.awaits_proof(&self.keys) {
                Error::KeyUnproven
            } else {
                Error::SignatureInvalid
            });
        };
        self.keys.proven.store(true, Ordering::Relaxed);
        let envelope = Envelope::from_json(&self.body).map_err(Error::EventUnreadable)?;
        Ok((Arc::clone(key), envelope))
    }
}

impl fmt::Debug for Admitted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Admitted")
            .field("label", &self.verifier.label)
            .field("taken_in", &self.body.len())
            .finish_non_exhaustive()
    }
}
