//! What can go wrong at start.

use std::io;

use crate::{KeyError, KeyTextError};

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
    /// Two variables are set that mean the same.
    #[error("{other} is set too: set only one of the two")]
    #[non_exhaustive]
    SetTwice {
        /// The other variable.
        other: String,
    },
    /// The file with the public key cannot be read.
    #[error("the file cannot be read: {kind}")]
    #[non_exhaustive]
    KeyFile {
        /// Why.
        kind: io::ErrorKind,
    },
    /// The text is something else than a public key.
    #[error("not a public key: {0}")]
    KeyText(KeyTextError),
    /// The text is meant as JSON, and is not, or its `keys` are not an array.
    #[error("not a JWK or a JWK Set: {problem} at line {line} column {column}")]
    #[non_exhaustive]
    KeyUnreadable {
        /// What is wrong.
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
    #[error("public key {index}{}: {problem}", named(.kid.as_deref(), .thumbprint.as_deref()))]
    #[non_exhaustive]
    Key {
        /// Its place, from 1.
        index: usize,
        /// Its `kid`, if it has one, escaped and cut.
        kid: Option<String>,
        /// Its SHA-256 thumbprint (RFC 7638), if it has all its fields.
        thumbprint: Option<String>,
        /// What is wrong with it.
        problem: KeyError,
    },
    /// No key of a set can be used.
    #[error("no key of the JWK Set can be used: {}", listed(.ignored))]
    #[non_exhaustive]
    NoUsableKey {
        /// Why not, for each: [`Key`](Self::Key).
        ignored: Vec<Self>,
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

/// A key goes by these two names in errors and in the log.
fn named(kid: Option<&str>, thumbprint: Option<&str>) -> String {
    let names: Vec<String> = [("kid", kid), ("thumbprint", thumbprint)]
        .into_iter()
        .filter_map(|(name, value)| value.map(|value| format!("{name} {value}")))
        .collect();
    if names.is_empty() { String::new() } else { format!(" ({})", names.join(", ")) }
}

fn listed(errors: &[ConfigError]) -> String {
    errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}
