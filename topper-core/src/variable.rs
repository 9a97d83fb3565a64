//! Environment variables, and the same from another place.

#![expect(
    clippy::exhaustive_structs,
    reason = "they are for our own crates, which have one version"
)]

use std::ffi::OsString;

/// An environment variable.
#[derive(Clone, Copy, Debug)]
pub struct Variable {
    /// Without a program's prefix.
    pub name: &'static str,
    /// What its value should look like.
    pub example: &'static str,
}

/// How variables are looked up.
#[derive(Debug)]
pub struct Variables<'a, L> {
    /// The start of every name.
    pub prefix: &'a str,
    /// From a name to its value.
    pub lookup: L,
}

/// A value is not Unicode.
#[derive(Debug)]
pub struct NotUnicode;

impl<L: Fn(&str) -> Option<OsString>> Variables<'_, L> {
    /// The name of a variable, with the prefix.
    pub fn name(&self, variable: &Variable) -> String {
        format!("{}{}", self.prefix, variable.name)
    }

    /// The value of a variable, if it is set and not empty.
    pub fn value(&self, variable: &Variable) -> Result<Option<String>, NotUnicode> {
        let Some(value) = (self.lookup)(&self.name(variable)) else { return Ok(None) };
        let value = value.into_string().map_err(|_| NotUnicode)?;
        Ok(if value.trim().is_empty() { None } else { Some(value) })
    }
}
