//! The errors of a server.

use std::{error::Error, io, net::SocketAddr};

/// Why a server could not start, or stopped.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServeError {
    /// An environment variable is invalid. The message does not show the value.
    #[error("environment variable {name}: {problem}; it should look like {example}")]
    #[non_exhaustive]
    Variable {
        /// The name of the variable.
        name: &'static str,
        /// What is wrong with it.
        problem: &'static str,
        /// What it should look like.
        example: &'static str,
    },
    /// The server cannot listen on the address, most often because another process does.
    #[error("cannot listen on {address}")]
    #[non_exhaustive]
    Listen {
        /// The address and the port.
        address: SocketAddr,
        /// The error of the operating system.
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
    /// Wraps an error of a framework's own server.
    pub fn framework(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Framework(cause.into())
    }
}
