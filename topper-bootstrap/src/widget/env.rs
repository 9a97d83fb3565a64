//! Configuration by environment variables.

use std::{
    env,
    ffi::OsString,
    fs::{File, Metadata},
    io::Read as _,
};

use topper_core::internal::{NotUnicode, Variable, Variables, pasted};
use zeroize::Zeroizing;

use super::{Widget, WidgetBuilder};
use crate::{Environment, PrivateKeyError, WidgetError};

// The documentation of these constants is the table that users read: `cargo xtask generate`.

/// `sandbox` or `production`.
///
/// Default: none; it must be set.
const ENVIRONMENT: Variable =
    Variable { name: "TOPPER_ENVIRONMENT", example: "sandbox or production" };
/// The widget's id.
///
/// Default: none; it must be set.
const WIDGET_ID: Variable =
    Variable { name: "TOPPER_WIDGET_ID", example: "b0a1e8c2-6d0f-4b8e-9a39-2b8f5d1c7e64" };
/// The id that Topper gave for your public key.
///
/// Default: none; it must be set.
const KEY_ID: Variable =
    Variable { name: "TOPPER_KEY_ID", example: "3f2c9d4e-8a57-4d0b-b6f1-0c5e7a9d1b23" };
/// Your private key: a JWK, or PEM (PKCS#8, SEC 1 or PKCS#1).
///
/// Default: none; this or the next one must be set.
const PRIVATE_KEY: Variable = Variable {
    name: "TOPPER_PRIVATE_KEY",
    example: r#"{"kty":"EC","crv":"P-256","x":"...","y":"...","d":"..."} or a private key in PEM"#,
};
/// The path of a file that contains the private key, read at start.
///
/// Default: none.
const PRIVATE_KEY_FILE: Variable = Variable {
    name: "TOPPER_PRIVATE_KEY_FILE",
    example: "/run/secrets/topper-private.pem, a file with a private key in PEM or a JWK",
};
/// How to sign with an RSA key that has no `alg`: `RS256`, `RS384` or `RS512`.
///
/// Default: `RS256`.
const KEY_ALGORITHM: Variable =
    Variable { name: "TOPPER_KEY_ALGORITHM", example: "RS256, RS384 or RS512" };

/// The most bytes that are read of a file.
const MOST_FILE: u64 = 64 * 1024;

impl Widget {
    /// Reads the environment variables.
    ///
    /// <!-- variables of a widget: by cargo xtask generate -->
    ///
    /// | variable | value | default |
    /// |---|---|---|
    /// | `TOPPER_ENVIRONMENT` | `sandbox` or `production` | none; it must be set |
    /// | `TOPPER_WIDGET_ID` | the widget's id | none; it must be set |
    /// | `TOPPER_KEY_ID` | the id that Topper gave for your public key | none; it must be set |
    /// | `TOPPER_PRIVATE_KEY` | your private key: a JWK, or PEM (PKCS#8, SEC 1 or PKCS#1) | none; this or the next one must be set |
    /// | `TOPPER_PRIVATE_KEY_FILE` | the path of a file that contains the private key, read at start | none |
    /// | `TOPPER_KEY_ALGORITHM` | how to sign with an RSA key that has no `alg`: `RS256`, `RS384` or `RS512` | `RS256` |
    ///
    /// <!-- end -->
    ///
    /// A variable that is empty counts as one that is not set. A key file that others than its owner
    /// can read is used, with a warning in the log.
    ///
    /// # Errors
    ///
    /// When a variable is missing or cannot be used. The message names it and shows what it should
    /// look like; it never shows the value.
    pub fn from_env() -> Result<Self, WidgetError> {
        Self::from_env_with_prefix("")
    }

    /// The same, with a prefix before the name of each variable: for a program with several widgets.
    ///
    /// # Errors
    ///
    /// As [`from_env`](Self::from_env).
    ///
    /// # Examples
    ///
    /// ```no_run
    /// use topper_bootstrap::Widget;
    ///
    /// // BUY_TOPPER_WIDGET_ID, SELL_TOPPER_WIDGET_ID and so on.
    /// let buy = Widget::from_env_with_prefix("BUY_")?;
    /// let sell = Widget::from_env_with_prefix("SELL_")?;
    /// # Ok::<(), topper_bootstrap::WidgetError>(())
    /// ```
    pub fn from_env_with_prefix(prefix: &str) -> Result<Self, WidgetError> {
        Self::from_vars_with_prefix(prefix, |name| env::var_os(name))
    }

    /// The same as [`from_env`](Self::from_env) from variables of another place, such as a secret
    /// store.
    ///
    /// # Errors
    ///
    /// As [`from_env`](Self::from_env).
    ///
    /// # Examples
    ///
    /// ```
    /// use topper_bootstrap::Widget;
    ///
    /// let error = Widget::from_vars(|_| None).unwrap_err();
    /// assert!(error.to_string().starts_with("environment variable TOPPER_ENVIRONMENT: "));
    /// ```
    pub fn from_vars(lookup: impl Fn(&str) -> Option<OsString>) -> Result<Self, WidgetError> {
        Self::from_vars_with_prefix("", lookup)
    }

    /// The same, with a prefix before the name of each variable that is looked up.
    ///
    /// # Errors
    ///
    /// As [`from_env`](Self::from_env).
    pub fn from_vars_with_prefix(
        prefix: &str,
        lookup: impl Fn(&str) -> Option<OsString>,
    ) -> Result<Self, WidgetError> {
        let vars = Vars(Variables { prefix, lookup });
        let environment: Environment = vars
            .required(&ENVIRONMENT, "the environment")?
            .parse()
            .map_err(|problem| vars.error(&ENVIRONMENT, problem))?;
        let mut builder = Self::builder(environment)
            .widget_id(vars.required(&WIDGET_ID, "the widget id")?.as_str())
            .key_id(vars.required(&KEY_ID, "the key id")?.as_str());
        if let Some(name) = vars.text(&KEY_ALGORITHM)? {
            let algorithm = name.trim().parse().map_err(WidgetError::PrivateKey);
            builder = builder
                .algorithm(algorithm.map_err(|problem| vars.error(&KEY_ALGORITHM, problem))?);
        }
        vars.build(builder)
    }
}

/// The variables, with the errors of a widget.
struct Vars<'a, L>(Variables<'a, L>);

impl<L: Fn(&str) -> Option<OsString>> Vars<'_, L> {
    /// With the key of the one variable or the other.
    fn build(&self, builder: WidgetBuilder) -> Result<Widget, WidgetError> {
        let (variable, text) = match (self.text(&PRIVATE_KEY)?, self.text(&PRIVATE_KEY_FILE)?) {
            (Some(_), Some(_)) => {
                let other = self.0.name(&PRIVATE_KEY);
                return Err(self.error(&PRIVATE_KEY_FILE, WidgetError::SetTwice { other }));
            }
            (Some(text), None) => (&PRIVATE_KEY, text),
            (None, Some(path)) => {
                let text = key_of_file(path.trim(), &self.0.name(&PRIVATE_KEY_FILE))
                    .map_err(|problem| self.error(&PRIVATE_KEY_FILE, problem))?;
                (&PRIVATE_KEY_FILE, text)
            }
            (None, None) => {
                let problem = WidgetError::Missing("the private key");
                return Err(self.error(&PRIVATE_KEY, problem));
            }
        };
        let mut builder = builder;
        builder.private_key = text;
        builder.build().map_err(|problem| self.error(variable, problem))
    }

    fn required(
        &self,
        variable: &Variable,
        what: &'static str,
    ) -> Result<Zeroizing<String>, WidgetError> {
        self.text(variable)?.ok_or_else(|| self.error(variable, WidgetError::Missing(what)))
    }

    /// The value of a variable, if it is set and not empty.
    fn text(&self, variable: &Variable) -> Result<Option<Zeroizing<String>>, WidgetError> {
        let value = self.0.value(variable);
        let value = value.map_err(|NotUnicode| self.error(variable, WidgetError::NotUnicode))?;
        Ok(value.map(Zeroizing::new))
    }

    fn error(&self, variable: &Variable, problem: WidgetError) -> WidgetError {
        WidgetError::Variable {
            name: self.0.name(variable),
            problem: Box::new(problem),
            example: variable.example,
        }
    }
}

fn key_of_file(path: &str, variable: &str) -> Result<Zeroizing<String>, WidgetError> {
    if pasted::is_key(path) {
        return Err(PrivateKeyError::NotFileName.into());
    }
    let failed = |error: std::io::Error| WidgetError::KeyFile { kind: error.kind() };
    let file = File::open(path).map_err(failed)?;
    let metadata = file.metadata().map_err(failed)?;
    warn_if_open(&metadata, variable);
    // With room from the start, so that no copy is left where it grew.
    let size = metadata.len().min(MOST_FILE);
    let mut text = Zeroizing::new(String::with_capacity(usize::try_from(size).unwrap_or(0) + 1));
    match file.take(MOST_FILE).read_to_string(&mut text) {
        Ok(_) => Ok(text),
        Err(error) if error.kind() == std::io::ErrorKind::InvalidData => {
            Err(WidgetError::NotUnicode)
        }
        Err(error) => Err(failed(error)),
    }
}

/// The key is used all the same: a mounted secret often cannot be changed.
#[cfg(unix)]
fn warn_if_open(metadata: &Metadata, variable: &str) {
    use std::os::unix::fs::PermissionsExt as _;

    let mode = metadata.permissions().mode() & 0o7777;
    if mode & 0o066 != 0 {
        tracing::warn!(
            target: "topper",
            variable,
            mode = %format_args!("{mode:04o}"),
            "the file with the private key is open to others than its owner: run `chmod 600` on it",
        );
    }
}

#[cfg(not(unix))]
fn warn_if_open(_: &Metadata, _: &str) {}
