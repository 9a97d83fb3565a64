//! The errors of a store, and of a lease that is lost.

use std::{error::Error, fmt, sync::Arc};

/// Why a step on a lease failed.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LeaseError {
    /// The lease expired and another owner took the event, or the lease was given back.
    #[error("the lease is lost")]
    Lost,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The error of a store; its [`source`](Error::source) says why it failed.
#[derive(Clone)]
pub struct StoreError(Arc<dyn Error + Send + Sync>);

impl StoreError {
    /// For stores: wraps an error. It is logged, so it must not contain a password.
    pub fn new(error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self(Arc::from(error.into()))
    }

    /// The reason alone, without "the store failed".
    #[cfg(feature = "postgres")]
    pub(crate) fn cause(&self) -> String {
        topper_core::internal::WithCauses(&*self.0).to_string()
    }
}

/// Like [`StoreError::new`], for a reason as text.
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
