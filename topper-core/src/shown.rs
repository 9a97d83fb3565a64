//! How an error, and text that came from outside, is written to a log.

use std::{error::Error, fmt};

/// The most characters of an id or a name that are logged.
const MOST_CHARS: usize = 64;

/// An error with its causes, each after a colon.
#[derive(Clone, Copy, Debug)]
pub struct WithCauses<'a>(pub &'a (dyn Error + 'static));

impl fmt::Display for WithCauses<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)?;
        let mut cause = self.0.source();
        while let Some(error) = cause {
            write!(f, ": {error}")?;
            cause = error.source();
        }
        Ok(())
    }
}

/// The beginning of a text, with all that does not print escaped: it must neither end a line of the
/// log nor change the order in which one is read.
#[derive(Clone, Copy, Debug)]
pub struct Short<'a>(pub &'a str);

impl fmt::Display for Short<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.chars().take(MOST_CHARS).try_for_each(|c| write!(f, "{}", c.escape_debug()))
    }
}
