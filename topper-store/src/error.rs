//! A store that fails, and a lease that is lost.

use std::{error::Error, fmt, sync::Arc};

/// Why something could not be done with a lease.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LeaseError {
    /// It has expired and someone else has taken over, or it was given back.
    #[error("the lease is lost")]
    Lost,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A store that failed; its [`source`](Error::source) is the error of the database's client.
#[derive(Clone)]
pub struct StoreError(Arc<dyn Error + Send + Sync>);

impl StoreError {
    /// For stores: wraps the error of a client. It is logged, so it must not show a password.
    pub fn new(error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self(Arc::from(error.into()))
    }

    /// Why it failed, on its own.
    #[cfg(feature = "postgres")]
    pub(crate) fn cause(&self) -> String {
        topper_core::internal::WithCauses(&*self.0).to_string()
    }
}

/// As [`StoreError::new`], for a reason in words.
impl From<&str> for StoreError {
    fn from(reason: &str) -> Self {
        Self::new(reason)
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the store failed")
    }
}

impl fmt::Debug for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("StoreError").field(&self.0).finish()
    }
}

impl Error for StoreError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&*self.0)
    }
}
