//! Checking deliveries: admit, push, verify.

use std::{
    fmt,
    sync::{Arc, PoisonError, atomic::Ordering},
    time::Duration,
};

use crate::{
    ConfigError, Error, JwsError, KeySet, RequestHead, Webhook,
    clock::Started,
    log, meter,
    protocol::SIGNATURE_HEADER,
    source::{Source, Sources},
    sync::{AtomicU64, RwLock},
};

mod active_keys;
mod admitted;
mod builder;
mod env;
mod kept;
mod sender;
mod warned;

use active_keys::ActiveKeys;
pub use admitted::{Admitted, ReadError};
pub use builder::VerifierBuilder;
pub use kept::verify_kept;
use warned::Warned;

/// Checks and decodes deliveries: source address, size, signature, event.
///
/// An adapter calls [`admit`](Self::admit) with the head of a request, [`push`](Admitted::push) with
/// each chunk of its body, and [`finish`](Admitted::finish) at the end. A program without an adapter
/// calls [`verify`](Self::verify) with the whole body. No step can be left out: there is no other way
/// to create an [`Admitted`] or a [`Webhook`]. No step does input or output.
///
/// Cloning is cheap. Clones share their keys and counts.
///
/// # Examples
///
/// ```no_run
/// use topper::{SourceMode, TrustedProxies, Verifier};
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
    warned: Warned,
}

impl Inner {
    /// Whether a signature that does not match is retried, because the configured key may be wrong.
    fn awaits_proof(&self, keys: &ActiveKeys) -> bool {
        self.retry_while_unproven && !keys.all_are_proven()
    }
}

impl Verifier {
    /// Creates a verifier with a public key or a JWK Set, and defaults for everything else.
    ///
    /// # Errors
    ///
    /// When a key cannot be used.
    pub fn new(public_key: &str) -> Result<Self, ConfigError> {
        Self::builder().public_key(public_key).build()
    }

    /// Creates a verifier from environment variables; see [`VerifierBuilder::from_env`].
    ///
    /// # Errors
    ///
    /// When a variable is missing or invalid. The message names it and shows what it should look like.
    pub fn from_env() -> Result<Self, ConfigError> {
        VerifierBuilder::from_env()?.build()
    }

    /// Creates a verifier from environment variables with a prefix, for a program with several
    /// webhooks; see [`VerifierBuilder::from_env_with_prefix`].
    ///
    /// # Errors
    ///
    /// The same as for [`from_env`](Self::from_env).
    pub fn from_env_with_prefix(prefix: &str) -> Result<Self, ConfigError> {
        VerifierBuilder::from_env_with_prefix(prefix)?.build()
    }

    /// Configures a verifier in code.
    pub fn builder() -> VerifierBuilder {
        VerifierBuilder::default()
    }

    /// Checks and decodes a request whose whole body you have.
    ///
    /// Use it with a framework that has no adapter, or in a cloud function. `body` must be the bytes as
    /// received: not parsed and re-serialised, and not decompressed.
    ///
    /// # Errors
    ///
    /// The first check that fails. [`Error::reply`] is what to answer.
    ///
    /// # Examples
    ///
    /// ```
    /// use topper::{Head, Reply, Verifier};
    /// use topper_testkit::{Delivery, EventBuilder, TestKey};
    /// # use topper::EventName;
    ///
    /// # let key = TestKey::generate();
    /// # let verifier = Verifier::new(&key.public_jwk())?;
    /// # let event = EventBuilder::new(EventName::UserCreated).to_json();
    /// # let Delivery { headers, body, .. } = Delivery::signed(&key, event);
    /// // `headers` is a `Vec<(String, Vec<u8>)>` here; a map, or `http::HeaderMap`, works the same.
    /// let webhook = verifier.verify(&Head::new(None, &headers), &body)?;
    /// assert_eq!(webhook.name(), "user:created");
    ///
    /// let error = verifier.verify(&Head::new(None, &headers), b"{}").unwrap_err();
    /// assert_eq!(error.reply(), Reply::SignatureInvalid);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn verify(&self, head: &impl RequestHead, body: &[u8]) -> Result<Webhook, Error> {
        let mut admitted = self.admit(head)?;
        admitted.push(body)?;
        admitted.verify()
    }

    /// Verifies the signature of a stored event again, so that the same handler can process stored
    /// events.
    ///
    /// `signature` is [`Webhook::signature`], and `body` is [`Webhook::body`]. The key that matched
    /// must still be configured, so keep a retired key as long as you store events that it signed.
    ///
    /// # Errors
    ///
    /// When the signature is malformed or does not match, or the body is not an event's envelope.
    ///
    /// # Examples
    ///
    /// ```
    /// # use topper::{EventName, Verifier};
    /// # use topper_testkit::{Delivery, EventBuilder, TestKey};
    /// # let key = TestKey::generate();
    /// # let verifier = Verifier::new(&key.public_jwk())?;
    /// # let event = EventBuilder::new(EventName::UserCreated).to_json();
    /// # let webhook = Delivery::signed(&key, event).verify(&verifier)?;
    /// let row = (webhook.signature().to_owned(), webhook.body().to_vec());
    ///
    /// let again = verifier.verify_stored(&row.0, &row.1)?;
    /// assert_eq!(again.id(), webhook.id());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn verify_stored(&self, signature: &str, body: &[u8]) -> Result<Webhook, Error> {
        let keys = self.active_keys();
        let jws = self
            .parse(&keys, signature.as_bytes())
            .inspect_err(|error| log::stored_refused(self.label(), error))?;
        Admitted::stored(self, keys, jws, body).verify()
    }

    /// Checks the head of a request: source address, signature header, declared length.
    ///
    /// # Errors
    ///
    /// The first check that fails, in that order. The reply can be sent without reading the body.
    pub fn admit(&self, head: &impl RequestHead) -> Result<Admitted, Error> {
        let started = Started::now();
        let keys = self.active_keys();
        let source = self.0.sources.look(head);
        self.check_head(head, &keys, source, started).inspect_err(|error| {
            let sender = self.0.sender(head.peer(), source.client);
            let hint = matches!(error, Error::SourceForbidden | Error::SourceUnknown)
                .then(|| self.0.sources.hint(head));
            sender.refused(error, &keys, started, hint);
        })
    }

    fn check_head(
        &self,
        head: &impl RequestHead,
        keys: &Arc<ActiveKeys>,
        source: Source,
        started: Started,
    ) -> Result<Admitted, Error> {
        self.check_source(head, source)?;
        let mut lines = head.header(SIGNATURE_HEADER);
        let token = lines.next().ok_or(Error::SignatureMissing)?;
        if lines.next().is_some() {
            return Err(Error::SignatureMalformed(JwsError::Repeated));
        }
        let jws = self.parse(keys, token)?;
        let declared = declared_length(head);
        let limit = self.0.body_limit;
        if declared.is_some_and(|declared| declared > limit) {
            return Err(Error::BodyTooLarge { limit });
        }
        let keys = Arc::clone(keys);
        Ok(Admitted::new(self, keys, jws, source, head.peer(), declared.unwrap_or(0), started))
    }

    fn parse(&self, keys: &ActiveKeys, token: &[u8]) -> Result<crate::jws::DetachedJws, Error> {
        keys.set.parse_token(token).map_err(|malformed| match malformed {
            JwsError::OtherAlgorithm if self.0.awaits_proof(keys) => Error::KeyUnproven,
            malformed => Error::SignatureMalformed(malformed),
        })
    }

    /// The label of this webhook: its name in logs and, together with the event's id, the key in
    /// stores.
    pub fn label(&self) -> &str {
        &self.0.label
    }

    /// Replaces the keys without a restart.
    ///
    /// Deliveries that were already admitted are verified with the previous keys. To rotate, first set
    /// the old and the new key, and later only the new key. A key that stays (same thumbprint and
    /// algorithm) stays proven; see [`VerifierBuilder::retry_while_unproven`].
    pub fn replace_keys(&self, keys: KeySet) {
        let mut active = self.0.keys.write().unwrap_or_else(PoisonError::into_inner);
        *active = Arc::new(active.replaced_by(keys));
        meter::has_keys(&self.0.label, &active.names);
    }

    /// The current keys. [`KeySet::verify`] checks only a signature.
    pub fn keys(&self) -> KeySet {
        self.active_keys().set.clone()
    }

    /// How many requests came from a client that is not on the list or is unknown, since start and over
    /// all clones. It is always 0 with [`SourceMode::Off`](crate::SourceMode::Off).
    pub fn unlisted_sources(&self) -> u64 {
        self.0.unlisted.load(Ordering::Relaxed)
    }

    /// Whether both verifiers are clones of each other, and so share keys and counts.
    pub fn is_clone_of(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
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

/// The largest declared length. A length that is not a number is for the server to refuse.
fn declared_length(head: &impl RequestHead) -> Option<usize> {
    head.header("content-length")
        .filter_map(|value| std::str::from_utf8(value).ok())
        .filter(|value| !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()))
        .map(|value| value.parse().unwrap_or(usize::MAX))
        .max()
}
