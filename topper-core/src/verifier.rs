//! The one way in: admit, push, verify.

use std::{
    fmt,
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use crate::{
    ConfigError, Error, JwsError, KeySet, RequestHead, Webhook,
    clock::Started,
    log, meter,
    protocol::SIGNATURE_HEADER,
    source::{Source, Sources},
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

/// Checks deliveries: where they come from, their signature, their size; and decodes them.
///
/// An adapter calls [`admit`](Self::admit) with the head of a request, [`push`](Admitted::push)
/// with each chunk of its body, and [`verify`](Admitted::verify) at its end. None of them does
/// input or output, and none can be left out: [`Admitted`] and [`Webhook`] come from nowhere else.
/// A program without an adapter has the whole body, and calls [`verify`](Self::verify).
///
/// A clone costs nothing: clones share their keys and counts.
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
    /// Whether what does not match is retried, since a wrong key may have been deployed.
    fn awaits_proof(&self, keys: &ActiveKeys) -> bool {
        self.retry_while_unproven && !keys.all_are_proven()
    }
}

impl Verifier {
    /// A verifier with a public key or a JWK Set, and defaults for all else.
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

    /// One of several verifiers of a program, each configured by variables with a prefix of its own;
    /// see [`VerifierBuilder::from_env_with_prefix`].
    ///
    /// # Errors
    ///
    /// As [`from_env`](Self::from_env).
    pub fn from_env_with_prefix(prefix: &str) -> Result<Self, ConfigError> {
        VerifierBuilder::from_env_with_prefix(prefix)?.build()
    }

    /// A verifier configured by code.
    pub fn builder() -> VerifierBuilder {
        VerifierBuilder::default()
    }

    /// Verifies a request of which you have the whole body: source, size, signature; and decodes it.
    ///
    /// This is the way in for a framework without an adapter, and for functions of cloud providers.
    /// `body` must be the bytes as received: neither parsed and re-serialised, nor decompressed.
    ///
    /// # Errors
    ///
    /// With the first rule that is broken; [`Error::reply`] says what to answer.
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

    /// Verifies an event again that was verified when it was received, and stored since: its
    /// signature, and nothing else. So what handles deliveries can handle stored ones too.
    ///
    /// `signature` is [`Webhook::signature`], `body` is [`Webhook::body`]. The key that the event was
    /// signed with must be configured, so keep a retired key as long as you keep what it signed.
    ///
    /// # Errors
    ///
    /// When the signature breaks a rule or does not match, or the body is not an event's envelope.
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

    /// Checks all that can be checked before the body is read: source, signature header, declared
    /// length.
    ///
    /// # Errors
    ///
    /// With the first rule that is broken, in that order. The answer may be sent at once.
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

    /// The name of this webhook in logs and, with the event's id, in stores.
    pub fn label(&self) -> &str {
        &self.0.label
    }

    /// Puts other keys in place of the present ones, without a restart.
    ///
    /// Deliveries admitted before are still verified with the keys of then. To rotate, first set
    /// the old and the new key, later the new one alone. A key that stays (the same thumbprint and
    /// algorithm) stays proven, see [`VerifierBuilder::retry_while_unproven`].
    pub fn replace_keys(&self, keys: KeySet) {
        let mut active = self.0.keys.write().unwrap_or_else(PoisonError::into_inner);
        *active = Arc::new(active.replaced_by(keys));
        meter::has_keys(&self.0.label, &active.names);
    }

    /// The keys of now. Their [`verify`](KeySet::verify) checks a signature and nothing else.
    pub fn keys(&self) -> KeySet {
        self.active_keys().set.clone()
    }

    /// How many requests came from a client that is not on the list, or is unknown; since start,
    /// over all clones. Always 0 with [`SourceMode::Off`](crate::SourceMode::Off).
    pub fn unlisted_sources(&self) -> u64 {
        self.0.unlisted.load(Ordering::Relaxed)
    }

    /// Whether the other is a clone of this one, so that both have the same keys and counts.
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

/// The largest length declared; one that is not a number is the server's business.
fn declared_length(head: &impl RequestHead) -> Option<usize> {
    head.header("content-length")
        .filter_map(|value| std::str::from_utf8(value).ok())
        .filter(|value| !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()))
        .map(|value| value.parse().unwrap_or(usize::MAX))
        .max()
}
