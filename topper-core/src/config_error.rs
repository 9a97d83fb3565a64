//! What can go wrong at start.

use std::io;

use crate::{KeyError, KeyTextError};

/// Why a configuration cannot be used.
///
/// It is returned at start, never at the first delivery. The messages say where the mistake is, and
/// never show a key or a value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// An environment variable is missing or cannot be used.
    #[error("environment variable {name}: {problem}; it should look like {example}")]
    #[non_exhaustive]
    Variable {
        /// The name of the variable.
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
    /// Two variables with the same meaning are set.
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
        /// Why it cannot be read.
        kind: io::ErrorKind,
    },
    /// The text is not a public key.
    #[error("not a public key: {0}")]
    KeyText(KeyTextError),
    /// The text looks like JSON but is not valid, or its `keys` is not an array.
    #[error("not a JWK or a JWK Set: {problem} at line {line} column {column}")]
    #[non_exhaustive]
    KeyUnreadable {
        /// What is wrong.
        problem: &'static str,
        /// Line, from 1.
        line: usize,
        /// Column, from 1; 0 if unknown.
        column: usize,
    },
    /// There are too many keys: a forgery is checked against each of them.
    #[error("more than {most} public keys")]
    #[non_exhaustive]
    TooManyKeys {
        /// The maximum number of keys.
        most: usize,
    },
    /// A key cannot be used.
    #[error("public key {index}{}: {problem}", named(.kid.as_deref(), .thumbprint.as_deref()))]
    #[non_exhaustive]
    Key {
        /// Its position, from 1.
        index: usize,
        /// Its `kid`, if it has one, escaped and shortened.
        kid: Option<String>,
        /// Its SHA-256 thumbprint (RFC 7638), if it has all required fields.
        thumbprint: Option<String>,
        /// What is wrong with it.
        problem: KeyError,
    },
    /// No key of a set can be used.
    #[error("no key of the JWK Set can be used: {}", listed(.ignored))]
    #[non_exhaustive]
    NoUsableKey {
        /// The reason for each key, as [`Key`](Self::Key).
        ignored: Vec<Self>,
    },
    /// An entry of a list of addresses is neither an address nor a network in CIDR notation.
    #[error("entry {index} is neither an IP address nor a network such as 10.0.0.0/8")]
    #[non_exhaustive]
    Address {
        /// Its position, from 1.
        index: usize,
    },
    /// A list of addresses is empty.
    #[error("the list of addresses is empty")]
    NoAddress,
    /// A header name is not valid.
    #[error("not a valid header name")]
    HeaderName,
    /// A source mode is not valid.
    #[error("not a valid source mode")]
    SourceMode,
    /// The body limit is not a number of bytes in the valid range.
    #[error("not a whole number of bytes from {least} to {most}")]
    #[non_exhaustive]
    BodyLimit {
        /// The smallest limit.
        least: usize,
        /// The largest limit.
        most: usize,
    },
    /// The body timeout is not in the valid range.
    #[error("the body timeout must be over 0 s and under the 4 s that Topper waits")]
    BodyTimeout,
    /// The label is empty or too long.
    #[error("the label is not 1 to {most} bytes long")]
    #[non_exhaustive]
    Label {
        /// The maximum number of bytes.
        most: usize,
    },
}

/// How errors and log lines name a key.
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
