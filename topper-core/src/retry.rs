//! The failure of a handler.

use std::{error::Error, fmt};

use crate::text::WithCauses;

/// The failure of a handler, answered with [`Reply::Retry`](crate::Reply::Retry), so that Topper sends
/// the event again.
///
/// Every error converts into it with `?`: errors of databases and I/O, `anyhow::Error`, `eyre::Report`,
/// boxed errors, `&str` and `String`. The error and its causes are logged once, so its text must not
/// contain secrets.
///
/// # Examples
///
/// ```
/// use topper::{Outcome, Retry};
///
/// fn credit(account: &str) -> Result<Outcome, Retry> {
///     let account: u64 = account.parse()?;
///     if account == 0 {
///         return Err("there is no account 0".into());
///     }
///     Ok(Outcome::Processed)
/// }
///
/// assert!(credit("17").is_ok());
/// assert_eq!(credit("0").unwrap_err().to_string(), "there is no account 0");
/// assert_eq!(credit("x").unwrap_err().to_string(), "invalid digit found in string");
/// ```
pub struct Retry(Box<dyn Error + Send + Sync>);

impl Retry {
    /// Creates a failure with a reason in words.
    ///
    /// # Examples
    ///
    /// ```
    /// # use topper::Retry;
    /// assert_eq!(Retry::because("ledger is closed").to_string(), "ledger is closed");
    /// ```
    pub fn because(reason: impl Into<String>) -> Self {
        Self(reason.into().into())
    }

    /// The underlying error.
    pub fn error(&self) -> &(dyn Error + Send + Sync + 'static) {
        &*self.0
    }
}

// `Retry` does not implement `Error`, so that every error can convert into it.
impl<E: Into<Box<dyn Error + Send + Sync>>> From<E> for Retry {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

/// The error and its causes, in one line.
impl fmt::Display for Retry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        WithCauses(self.error()).fmt(f)
    }
}

impl fmt::Debug for Retry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Retry").field(&self.0).finish()
    }
}
