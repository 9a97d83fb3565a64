//! Where the workspace is, and running programs for it.

use std::{
    error::Error,
    path::{Path, PathBuf},
    process::Command,
};

/// The folder of the repository.
pub(crate) fn root() -> &'static Path {
    // A package of a workspace is in a folder of it.
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new("."))
}

/// Where cargo puts what it builds.
pub(crate) fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}

/// Runs a program to its end; an error unless it ends with 0.
pub(crate) fn run(command: &mut Command) -> Result<(), Box<dyn Error>> {
    if command.status()?.success() { Ok(()) } else { Err(format!("{command:?} failed").into()) }
}
