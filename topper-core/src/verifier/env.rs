//! Configuration by environment variables.

use std::{env, ffi::OsString};

use super::{VerifierBuilder, builder::check_body_limit};
use crate::{ConfigError, KeySet, SourceMode, TrustedProxies, source};

// The documentation of these constants is the table that users read: `cargo xtask generate`.

/// JWK, or JWK Set while keys are rotated.
///
/// Default: none, must be set.
const PUBLIC_KEY: Variable = Variable {
    name: "TOPPER_WEBHOOK_PUBLIC_KEY",
    example: r#"{"kty":"EC","crv":"P-256","alg":"ES256","x":"...","y":"..."} as Topper shows it, or {"keys":[...]}"#,
};
/// `off`, `observe` (warn and count) or `enforce` (refuse).
///
/// Default: `observe`.
const SOURCES: Variable =
    Variable { name: "TOPPER_WEBHOOK_SOURCES", example: "off, observe or enforce" };
/// Addresses and networks to expect, separated by commas.
///
/// Default: Topper's ten.
const ALLOWED_IPS: Variable =
    Variable { name: "TOPPER_WEBHOOK_ALLOWED_IPS", example: "35.188.196.183, 10.0.0.0/8" };
/// Addresses and networks of your proxies, separated by commas; `Forwarded=` or another header's
/// name in front when it is not `X-Forwarded-For`.
///
/// Default: none.
const TRUSTED_PROXIES: Variable = Variable {
    name: "TOPPER_WEBHOOK_TRUSTED_PROXIES",
    example: "10.0.0.0/8, fd00::1 for proxies that send X-Forwarded-For, \
              or Forwarded=10.0.0.0/8 to name another header",
};
/// The most bytes of a body, 4096 to 16777216.
///
/// Default: `262144`.
const BODY_LIMIT: Variable = Variable { name: "TOPPER_WEBHOOK_BODY_LIMIT", example: "262144" };

impl VerifierBuilder {
    /// Reads the environment variables; what is set in code afterwards takes the place of theirs.
    ///
    /// <!-- variables: by cargo xtask generate -->
    ///
    /// | variable | value | default |
    /// |---|---|---|
    /// | `TOPPER_WEBHOOK_PUBLIC_KEY` | JWK, or JWK Set while keys are rotated | none, must be set |
    /// | `TOPPER_WEBHOOK_SOURCES` | `off`, `observe` (warn and count) or `enforce` (refuse) | `observe` |
    /// | `TOPPER_WEBHOOK_ALLOWED_IPS` | addresses and networks to expect, separated by commas | Topper's ten |
    /// | `TOPPER_WEBHOOK_TRUSTED_PROXIES` | addresses and networks of your proxies, separated by commas; `Forwarded=` or another header's name in front when it is not `X-Forwarded-For` | none |
    /// | `TOPPER_WEBHOOK_BODY_LIMIT` | the most bytes of a body, 4096 to 16777216 | `262144` |
    ///
    /// <!-- end -->
    ///
    /// A variable that is empty counts as one that is not set.
    ///
    /// # Errors
    ///
    /// When a variable is missing or cannot be used. The message names it and shows what it should
    /// look like; it never shows the value.
    pub fn from_env() -> Result<Self, ConfigError> {
        Self::from_vars(|name| env::var_os(name))
    }

    /// The same from variables of another place, such as a secret store.
    ///
    /// # Errors
    ///
    /// As [`from_env`](Self::from_env).
    ///
    /// # Examples
    ///
    /// ```
    /// use topper_core::VerifierBuilder;
    ///
    /// let error = VerifierBuilder::from_vars(|_| None).unwrap_err();
    /// assert!(error.to_string().contains("TOPPER_WEBHOOK_PUBLIC_KEY: no public key is configured"));
    /// ```
    pub fn from_vars(lookup: impl Fn(&str) -> Option<OsString>) -> Result<Self, ConfigError> {
        let keys = PUBLIC_KEY.read(&lookup, KeySet::from_json)?;
        let keys = keys.ok_or_else(|| PUBLIC_KEY.error(ConfigError::NoKey))?;
        let mut builder = Self::default().keys(keys);
        if let Some(mode) = SOURCES.read(&lookup, source_mode)? {
            builder = builder.sources(mode);
        }
        // Checked here for an error that names the variable, and kept as text.
        if let Some(list) = ALLOWED_IPS
            .read(&lookup, |list| source::networks(list.split(',')).map(|_| list.to_owned()))?
        {
            builder = builder.allowed_ips(list.split(','));
        }
        if let Some(proxies) = TRUSTED_PROXIES.read(&lookup, trusted_proxies)? {
            builder = builder.trusted_proxies(proxies);
        }
        if let Some(bytes) = BODY_LIMIT.read(&lookup, body_limit)? {
            builder = builder.body_limit(bytes);
        }
        Ok(builder)
    }
}

struct Variable {
    name: &'static str,
    example: &'static str,
}

impl Variable {
    /// Its value, if it is set and not empty.
    fn read<T>(
        &self,
        lookup: impl Fn(&str) -> Option<OsString>,
        parse: impl FnOnce(&str) -> Result<T, ConfigError>,
    ) -> Result<Option<T>, ConfigError> {
        let Some(value) = lookup(self.name) else { return Ok(None) };
        let Some(value) = value.to_str() else { return Err(self.error(ConfigError::NotUnicode)) };
        if value.trim().is_empty() {
            return Ok(None);
        }
        parse(value).map(Some).map_err(|problem| self.error(problem))
    }

    fn error(&self, problem: ConfigError) -> ConfigError {
        ConfigError::Variable { name: self.name, problem: Box::new(problem), example: self.example }
    }
}

fn source_mode(value: &str) -> Result<SourceMode, ConfigError> {
    match value.trim().to_ascii_lowercase().as_str() {
        "off" => Ok(SourceMode::Off),
        "observe" => Ok(SourceMode::Observe),
        "enforce" => Ok(SourceMode::Enforce),
        _ => Err(ConfigError::SourceMode),
    }
}

fn trusted_proxies(value: &str) -> Result<TrustedProxies, ConfigError> {
    match value.split_once('=') {
        None => TrustedProxies::new(value.split(',')),
        Some((header, networks)) => TrustedProxies::new(networks.split(','))?.header(header),
    }
}

fn body_limit(value: &str) -> Result<usize, ConfigError> {
    let bytes = value.trim().parse().unwrap_or(0);
    check_body_limit(bytes).map(|()| bytes)
}
