//! Configuration in code.

use std::{sync::Arc, time::Duration};

use ipnet::IpNet;

use super::{ActiveKeys, Inner, Verifier, warned::Warned};
use crate::{
    Backend, ConfigError, KeySet, SourceMode, TrustedProxies, meter, protocol,
    source::{self, Sources},
    sync::{AtomicU64, RwLock},
};

/// 256 KiB; an event has one or two.
const BODY_LIMIT: usize = 256 * 1024;
/// A lower body limit would lose ordinary events, and a higher one would let anyone fill the memory.
const BODY_LIMITS: std::ops::RangeInclusive<usize> = 4 * 1024..=16 * 1024 * 1024;
/// Half of the time that Topper waits for an answer.
const BODY_TIMEOUT: Duration = Duration::from_secs(2);
/// The maximum length of a label in bytes.
const MOST_LABEL: usize = 64;

/// The configuration of a [`Verifier`].
///
/// Calls can be chained: [`build`](Self::build) checks the configuration and reports mistakes.
#[derive(Clone, Debug)]
#[must_use = "it does nothing until it is built"]
pub struct VerifierBuilder {
    keys: Option<Result<KeySet, ConfigError>>,
    label: String,
    sources: SourceMode,
    allowed: Option<Result<Vec<IpNet>, ConfigError>>,
    proxies: Option<TrustedProxies>,
    body_limit: usize,
    body_timeout: Duration,
    retry_while_unproven: bool,
}

impl Default for VerifierBuilder {
    fn default() -> Self {
        Self {
            keys: None,
            label: "default".to_owned(),
            sources: SourceMode::default(),
            allowed: None,
            proxies: None,
            body_limit: BODY_LIMIT,
            body_timeout: BODY_TIMEOUT,
            retry_while_unproven: true,
        }
    }
}

impl VerifierBuilder {
    /// Sets the public key as Topper shows it: a JWK, a JWK Set of up to 16 keys, or a key in PEM; see
    /// [`KeySet::parse`].
    pub fn public_key(mut self, text: &str) -> Self {
        self.keys = Some(KeySet::parse(text));
        self
    }

    /// Sets the public key, with a back end of your choice.
    pub fn public_key_with(mut self, text: &str, backend: Backend) -> Self {
        self.keys = Some(KeySet::parse_with(text, backend));
        self
    }

    /// Sets keys that were parsed before.
    pub fn keys(mut self, keys: KeySet) -> Self {
        self.keys = Some(Ok(keys));
        self
    }

    /// Sets the label: the webhook's name in logs and, together with the event's id, the key in stores.
    /// It has 1 to 64 bytes; default: `default`. Each webhook of a program needs its own label.
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }

    /// Sets what the client's address decides; default: [`SourceMode::Observe`].
    pub fn sources(mut self, mode: SourceMode) -> Self {
        self.sources = mode;
        self
    }

    /// Sets the expected addresses (`35.188.196.183`) and networks (`10.0.0.0/8`); default:
    /// [`protocol::ADDRESSES`].
    pub fn allowed_ips<S: AsRef<str>>(mut self, networks: impl IntoIterator<Item = S>) -> Self {
        self.allowed = Some(source::networks(networks));
        self
    }

    /// Sets the proxies in front of the receiver; default: none.
    pub fn trusted_proxies(mut self, proxies: TrustedProxies) -> Self {
        self.proxies = Some(proxies);
        self
    }

    /// Sets the maximum size of a body in bytes, from 4 KiB to 16 MiB; default: 256 KiB. An event with
    /// a larger body is lost.
    pub fn body_limit(mut self, bytes: usize) -> Self {
        self.body_limit = bytes;
        self
    }

    /// Sets how long a body may take, under 4 s; default: 2 s. An event with a slower body is retried.
    pub fn body_timeout(mut self, timeout: Duration) -> Self {
        self.body_timeout = timeout;
        self
    }

    /// Sets whether a signature that does not match is answered with `503`, which Topper retries, while
    /// any configured key is unproven; default: on. A key is proven once it has matched a delivery.
    ///
    /// So a wrong key loses no event, whether it is the only key or a new key next to a working one.
    /// While a key is unproven, forgeries are answered with `503` too. They are not processed, but an
    /// alert on `key_unproven` fires. If you switch this off, every signature that does not match is
    /// answered with `401`, and its event is never redelivered.
    pub fn retry_while_unproven(mut self, retry: bool) -> Self {
        self.retry_while_unproven = retry;
        self
    }

    /// Builds the verifier.
    ///
    /// # Errors
    ///
    /// When there is no key, a key cannot be used, an entry is not an address, or a value is out of
    /// range.
    pub fn build(self) -> Result<Verifier, ConfigError> {
        let keys = self.keys.ok_or(ConfigError::NoKey)??;
        check_label(&self.label)?;
        check_body_limit(self.body_limit)?;
        if self.body_timeout.is_zero() || self.body_timeout >= protocol::TIMEOUT {
            return Err(ConfigError::BodyTimeout);
        }
        let (label, keys) = (Arc::from(self.label), ActiveKeys::new(keys));
        meter::starts(&label, &keys.names);
        Ok(Verifier(Arc::new(Inner {
            label,
            keys: RwLock::new(Arc::new(keys)),
            sources: Sources::new(self.sources, self.allowed.transpose()?, self.proxies),
            body_limit: self.body_limit,
            body_timeout: self.body_timeout,
            retry_while_unproven: self.retry_while_unproven,
            unlisted: AtomicU64::new(0),
            warned: Warned::default(),
        })))
    }
}

pub(super) fn check_label(label: &str) -> Result<(), ConfigError> {
    if (1..=MOST_LABEL).contains(&label.len()) {
        Ok(())
    } else {
        Err(ConfigError::Label { most: MOST_LABEL })
    }
}

pub(super) fn check_body_limit(bytes: usize) -> Result<(), ConfigError> {
    if BODY_LIMITS.contains(&bytes) {
        Ok(())
    } else {
        Err(ConfigError::BodyLimit { least: *BODY_LIMITS.start(), most: *BODY_LIMITS.end() })
    }
}
