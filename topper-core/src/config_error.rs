//! What can go wrong at start.

use crate::KeyError;

/// Why a configuration cannot be used: met at start, never at the first delivery.
///
/// No message shows a key or a value, but where the mistake is.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// An environment variable is missing or cannot be used.
    #[error("environment variable {name}: {problem}; it should look like {example}")]
    #[non_exhaustive]
    Variable {
        /// The variable.
        name: String,
        /// What is wrong with it.
        problem: Box<Self>,
        /// What it should look like.
        example: &'static str,
    },
    /// No public key is configured.
    #[error("no public key is configured")]
    NoKey,
    /// The value is not Unicode.
    #[error("the value is not Unicode text")]
    NotUnicode,
    /// The text is not JSON, or neither a JWK nor a JWK Set.
    #[error("not a JWK or a JWK Set: {problem} at line {line} column {column}")]
    #[non_exhaustive]
    KeyUnreadable {
        /// What is wrong, in words of ours.
        problem: &'static str,
        /// Line, from 1.
        line: usize,
        /// Column, from 1; 0 when it is not known.
        column: usize,
    },
    /// There are more keys than a delivery may be checked against.
    #[error("more than {most} public keys")]
    #[non_exhaustive]
    TooManyKeys {
        /// The most keys a set may have.
        most: usize,
    },
    /// A key cannot be used.
    #[error("public key {index}{}: {problem}", with_thumbprint(.thumbprint.as_deref()))]
    #[non_exhaustive]
    Key {
        /// Its place, from 1.
        index: usize,
        /// Its SHA-256 thumbprint (RFC 7638), if it has all its members.
        thumbprint: Option<String>,
        /// What is wrong with it.
        problem: KeyError,
    },
    /// An entry of a list of addresses is neither an address nor a network in CIDR notation.
    #[error("entry {index} is neither an IP address nor a network such as 10.0.0.0/8")]
    #[non_exhaustive]
    Address {
        /// Its place, from 1.
        index: usize,
    },
    /// A list of addresses is empty.
    #[error("the list of addresses is empty")]
    NoAddress,
    /// The name of a header is not one.
    #[error("not the name of a header")]
    HeaderName,
    /// The source mode is not one.
    #[error("not a source mode")]
    SourceMode,
    /// The body limit is not a number of bytes in range.
    #[error("not a whole number of bytes from {least} to {most}")]
    #[non_exhaustive]
    BodyLimit {
        /// The smallest limit.
        least: usize,
        /// The largest limit.
        most: usize,
    },
    /// The body timeout is not in range.
    #[error("the body timeout is not over 0 s and under Topper's 4 s")]
    BodyTimeout,
    /// The label is empty or too long.
    #[error("the label is not 1 to {most} bytes long")]
    #[non_exhaustive]
    Label {
        /// The most bytes a label may have.
        most: usize,
    },
}

fn with_thumbprint(thumbprint: Option<&str>) -> String {
    thumbprint.map_or_else(String::new, |thumbprint| format!(" (thumbprint {thumbprint})"))
}
