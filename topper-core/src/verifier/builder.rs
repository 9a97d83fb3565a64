//! Configuration by code.

use std::{
    sync::{Arc, RwLock, atomic::AtomicU64},
    time::Duration,
};

use ipnet::IpNet;

use super::{ActiveKeys, Inner, Verifier, warned::Warned};
use crate::{
    Backend, ConfigError, KeySet, SourceMode, TrustedProxies, meter, protocol,
    source::{self, Sources},
};

/// 256 KiB: an event is one or two.
const BODY_LIMIT: usize = 256 * 1024;
/// A body limit under the first would lose ordinary events, one over the other would let anyone
/// fill the memory.
const BODY_LIMITS: std::ops::RangeInclusive<usize> = 4 * 1024..=16 * 1024 * 1024;
/// Half of what Topper waits for an answer.
const BODY_TIMEOUT: Duration = Duration::from_secs(2);
/// The most bytes of a label.
const MOST_LABEL: usize = 64;

/// Collects a verifier's configuration; [`build`](Self::build) checks it.
///
/// A mistake is reported by `build`, so that calls can be chained.
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
    /// The public key as Topper shows it: the text of a JWK, a JWK Set of up to 16 keys, or a key in
    /// PEM; see [`KeySet::parse`].
    pub fn public_key(mut self, text: &str) -> Self {
        self.keys = Some(KeySet::parse(text));
        self
    }

    /// The same, verified by a back end of your choice.
    pub fn public_key_with(mut self, text: &str, backend: Backend) -> Self {
        self.keys = Some(KeySet::parse_with(text, backend));
        self
    }

    /// Keys that are read already.
    pub fn keys(mut self, keys: KeySet) -> Self {
        self.keys = Some(Ok(keys));
        self
    }

    /// The name of this webhook in logs and, with the event's id, in stores: 1 to 64 bytes; default:
    /// `default`. Give each webhook of a program its own.
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }

    /// What the client's address decides; default: [`SourceMode::Observe`].
    pub fn sources(mut self, mode: SourceMode) -> Self {
        self.sources = mode;
        self
    }

    /// Addresses (`35.188.196.183`) and networks (`10.0.0.0/8`) to expect in place of
    /// [`protocol::ADDRESSES`].
    pub fn allowed_ips<S: AsRef<str>>(mut self, networks: impl IntoIterator<Item = S>) -> Self {
        self.allowed = Some(source::networks(networks));
        self
    }

    /// The proxies in front of the receiver; default: none.
    pub fn trusted_proxies(mut self, proxies: TrustedProxies) -> Self {
        self.proxies = Some(proxies);
        self
    }

    /// The most bytes of a body, from 4 KiB to 16 MiB; default: 256 KiB. A larger one is lost.
    pub fn body_limit(mut self, bytes: usize) -> Self {
        self.body_limit = bytes;
        self
    }

    /// How long a body may take, under 4 s; default: 2 s. A slower one is sent again.
    pub fn body_timeout(mut self, timeout: Duration) -> Self {
        self.body_timeout = timeout;
        self
    }

    /// Whether a signature that does not match is answered with `503`, which Topper retries, as long
    /// as any configured key has matched nothing since it was configured; default: on.
    ///
    /// So a wrong key costs no event, neither a wrong only key nor a wrong new one next to an old one
    /// that works. Until the new key has matched its first delivery, forgeries are answered with
    /// `503` too: nothing of them is processed, but an alarm on `key_unproven` goes off. Switched off,
    /// every signature that does not match is answered with `401`, and its event is never redelivered.
    pub fn retry_while_unproven(mut self, retry: bool) -> Self {
        self.retry_while_unproven = retry;
        self
    }

    /// The verifier.
    ///
    /// # Errors
    ///
    /// When there is no key, one that cannot be used, an entry that is not an address, or a value
    /// out of its range.
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
