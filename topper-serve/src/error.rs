//! What goes wrong with a server.

use std::{error::Error, io, net::SocketAddr};

/// Why a server could not start, or go on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServeError {
    /// An environment variable cannot be used. The value is not shown.
    #[error("environment variable {name}: {problem}; it should look like {example}")]
    #[non_exhaustive]
    Variable {
        /// Its name.
        name: &'static str,
        /// What is wrong with it.
        problem: &'static str,
        /// What it should look like.
        example: &'static str,
    },
    /// Nothing can listen on an address: most often another process does.
    #[error("cannot listen on {address}")]
    #[non_exhaustive]
    Listen {
        /// The address and the port.
        address: SocketAddr,
        /// What the system says.
        #[source]
        cause: io::Error,
    },
    /// The process cannot wait for signals.
    #[error("cannot wait for signals")]
    Signals(#[source] io::Error),
    /// The framework's own server failed.
    #[error("the server failed")]
    Framework(#[source] Box<dyn Error + Send + Sync>),
}

impl ServeError {
    /// An error of a framework's own server.
    pub fn framework(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Framework(cause.into())
    }
}
