//! Configuration by environment variables.

use std::{env, ffi::OsString, fs::File, io::Read as _};

use super::{
    VerifierBuilder,
    builder::{check_body_limit, check_label},
};
use crate::{
    ConfigError, KeySet, KeyTextError, TrustedProxies,
    key::pasted,
    log, source, text,
    variable::{NotUnicode, Variable, Variables},
};

// The documentation of these constants is the table that users read: `cargo xtask generate`.

/// JWK, or JWK Set while keys are rotated, or key in PEM.
///
/// Default: none; this or the next one must be set.
const PUBLIC_KEY: Variable = Variable {
    name: "TOPPER_WEBHOOK_PUBLIC_KEY",
    example: r#"{"kty":"EC","crv":"P-256","alg":"ES256","x":"...","y":"..."} as Topper shows it, or {"keys":[...]}"#,
};
/// The path of a file that contains the public key, read at start.
///
/// Default: none.
const PUBLIC_KEY_FILE: Variable = Variable {
    name: "TOPPER_WEBHOOK_PUBLIC_KEY_FILE",
    example: r#"/run/secrets/topper.jwk, a file with {"kty":"EC","crv":"P-256",...} as Topper shows it"#,
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
/// The webhook's name in logs and stores, 1 to 64 bytes; each webhook of a program needs its own.
///
/// Default: `default`, or the prefix of the variables in lower case.
const LABEL: Variable = Variable { name: "TOPPER_WEBHOOK_LABEL", example: "production" };

const VARIABLES: &[Variable] =
    &[PUBLIC_KEY, PUBLIC_KEY_FILE, SOURCES, ALLOWED_IPS, TRUSTED_PROXIES, BODY_LIMIT, LABEL];
/// The maximum that is read from a file: much more than 16 keys need.
const MOST_FILE: u64 = 1024 * 1024;
/// The start of the name of every variable, after the program's prefix.
const COMMON: &str = "TOPPER_WEBHOOK_";

impl VerifierBuilder {
    /// Reads the configuration from environment variables. Later calls on the builder override it.
    ///
    /// <!-- variables: by cargo xtask generate -->
    ///
    /// | variable | value | default |
    /// |---|---|---|
    /// | `TOPPER_WEBHOOK_PUBLIC_KEY` | JWK, or JWK Set while keys are rotated, or key in PEM | none; this or the next one must be set |
    /// | `TOPPER_WEBHOOK_PUBLIC_KEY_FILE` | the path of a file that contains the public key, read at start | none |
    /// | `TOPPER_WEBHOOK_SOURCES` | `off`, `observe` (warn and count) or `enforce` (refuse) | `observe` |
    /// | `TOPPER_WEBHOOK_ALLOWED_IPS` | addresses and networks to expect, separated by commas | Topper's ten |
    /// | `TOPPER_WEBHOOK_TRUSTED_PROXIES` | addresses and networks of your proxies, separated by commas; `Forwarded=` or another header's name in front when it is not `X-Forwarded-For` | none |
    /// | `TOPPER_WEBHOOK_BODY_LIMIT` | the most bytes of a body, 4096 to 16777216 | `262144` |
    /// | `TOPPER_WEBHOOK_LABEL` | the webhook's name in logs and stores, 1 to 64 bytes; each webhook of a program needs its own | `default`, or the prefix of the variables in lower case |
    ///
    /// <!-- end -->
    ///
    /// An empty variable counts as not set. A variable that begins with `TOPPER_WEBHOOK_` and is not in
    /// the table is ignored, with a warning in the log.
    ///
    /// # Errors
    ///
    /// When a variable is missing or invalid. The message names it and shows what it should look like.
    /// It never shows the value.
    pub fn from_env() -> Result<Self, ConfigError> {
        Self::from_env_with_prefix("")
    }

    /// Reads variables whose names have a prefix, for a program with several webhooks.
    ///
    /// The label is the prefix in lower case, without the `_` at its end, if neither a variable nor the
    /// code sets another label.
    ///
    /// # Errors
    ///
    /// The same as for [`from_env`](Self::from_env).
    ///
    /// # Examples
    ///
    /// ```no_run
    /// use topper::Verifier;
    ///
    /// // PRODUCTION_TOPPER_WEBHOOK_PUBLIC_KEY and SANDBOX_TOPPER_WEBHOOK_PUBLIC_KEY
    /// let production = Verifier::from_env_with_prefix("PRODUCTION_")?;
    /// let sandbox = Verifier::from_env_with_prefix("SANDBOX_")?;
    /// assert_eq!((production.label(), sandbox.label()), ("production", "sandbox"));
    /// # Ok::<(), topper::ConfigError>(())
    /// ```
    pub fn from_env_with_prefix(prefix: &str) -> Result<Self, ConfigError> {
        for (name, _) in env::vars_os() {
            warn_if_unknown(prefix, &name.to_string_lossy());
        }
        Self::from_vars_with_prefix(prefix, |name| env::var_os(name))
    }

    /// Reads the same variables as [`from_env`](Self::from_env) from another place, such as a secret
    /// store.
    ///
    /// # Errors
    ///
    /// The same as for [`from_env`](Self::from_env).
    ///
    /// # Examples
    ///
    /// ```
    /// use topper::VerifierBuilder;
    ///
    /// let error = VerifierBuilder::from_vars(|_| None).unwrap_err();
    /// assert!(error.to_string().contains("TOPPER_WEBHOOK_PUBLIC_KEY: no public key is configured"));
    /// ```
    pub fn from_vars(lookup: impl Fn(&str) -> Option<OsString>) -> Result<Self, ConfigError> {
        Self::from_vars_with_prefix("", lookup)
    }

    /// Reads variables whose names have a prefix from another place; see
    /// [`from_env_with_prefix`](Self::from_env_with_prefix).
    ///
    /// # Errors
    ///
    /// The same as for [`from_env`](Self::from_env).
    pub fn from_vars_with_prefix(
        prefix: &str,
        lookup: impl Fn(&str) -> Option<OsString>,
    ) -> Result<Self, ConfigError> {
        let vars = Vars(Variables { prefix, lookup });
        let mut builder = Self::default().keys(vars.keys()?);
        if let Some(mode) = vars.read(&SOURCES, str::parse)? {
            builder = builder.sources(mode);
        }
        // Checked here, so that the error names the variable; kept as text.
        if let Some(list) = vars
            .read(&ALLOWED_IPS, |list| source::networks(list.split(',')).map(|_| list.to_owned()))?
        {
            builder = builder.allowed_ips(list.split(','));
        }
        if let Some(proxies) = vars.read(&TRUSTED_PROXIES, trusted_proxies)? {
            builder = builder.trusted_proxies(proxies);
        }
        if let Some(bytes) = vars.read(&BODY_LIMIT, body_limit)? {
            builder = builder.body_limit(bytes);
        }
        let label = vars.read(&LABEL, |label| check_label(label).map(|()| label.to_owned()))?;
        let from_prefix = prefix.trim_end_matches('_').to_ascii_lowercase();
        if let Some(label) = label.or((!from_prefix.is_empty()).then_some(from_prefix)) {
            builder = builder.label(label);
        }
        Ok(builder)
    }
}

/// The variables, with the errors of a configuration.
struct Vars<'a, L>(Variables<'a, L>);

impl<L: Fn(&str) -> Option<OsString>> Vars<'_, L> {
    /// The keys from either of the two variables.
    fn keys(&self) -> Result<KeySet, ConfigError> {
        // Check first whether both are set: that is the mistake to report.
        let path = self.read(&PUBLIC_KEY_FILE, |path| Ok(path.trim().to_owned()))?;
        let text = self.read(&PUBLIC_KEY, |text| Ok(text.to_owned()))?;
        match (text, path) {
            (Some(_), Some(_)) => {
                let other = self.0.name(&PUBLIC_KEY);
                Err(self.error(&PUBLIC_KEY_FILE, ConfigError::SetTwice { other }))
            }
            (Some(text), None) => {
                KeySet::parse(&text).map_err(|problem| self.error(&PUBLIC_KEY, problem))
            }
            (None, Some(path)) => {
                keys_of_file(&path).map_err(|problem| self.error(&PUBLIC_KEY_FILE, problem))
            }
            (None, None) => Err(self.error(&PUBLIC_KEY, ConfigError::NoKey)),
        }
    }

    /// The value of a variable, if it is set and not empty.
    fn read<T>(
        &self,
        variable: &Variable,
        parse: impl FnOnce(&str) -> Result<T, ConfigError>,
    ) -> Result<Option<T>, ConfigError> {
        let value = self.0.value(variable).map_err(|NotUnicode| ConfigError::NotUnicode);
        let parsed = value.and_then(|value| value.as_deref().map(parse).transpose());
        parsed.map_err(|problem| self.error(variable, problem))
    }

    fn error(&self, variable: &Variable, problem: ConfigError) -> ConfigError {
        ConfigError::Variable {
            name: self.0.name(variable),
            problem: Box::new(problem),
            example: variable.example,
        }
    }
}

fn keys_of_file(path: &str) -> Result<KeySet, ConfigError> {
    if pasted::is_key(path) {
        return Err(ConfigError::KeyText(KeyTextError::NotFileName));
    }
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|file| file.take(MOST_FILE).read_to_end(&mut bytes))
        .map_err(|error| ConfigError::KeyFile { kind: error.kind() })?;
    KeySet::parse(std::str::from_utf8(&bytes).map_err(|_| ConfigError::NotUnicode)?)
}

/// Warns about a misspelt variable, which would be ignored silently.
fn warn_if_unknown(prefix: &str, name: &str) {
    let Some(own) = name.strip_prefix(prefix).filter(|own| own.starts_with(COMMON)) else { return };
    let names = || VARIABLES.iter().map(|variable| variable.name);
    if !names().any(|known| known == own) {
        let nearest = text::nearest(own, names()).map(|nearest| format!("{prefix}{nearest}"));
        log::unknown_variable(name, nearest.as_deref());
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
