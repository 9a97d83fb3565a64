//! Where the workspace is, what it publishes, and running programs for it.

use std::{
    error::Error,
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::Value;

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

/// Cargo, in the folder of the repository.
pub(crate) fn cargo() -> Command {
    let mut command = Command::new(env!("CARGO"));
    command.current_dir(root());
    command
}

/// A package that is published.
pub(crate) struct Package {
    pub(crate) name: String,
    pub(crate) version: String,
    /// The name of its library as code writes it, if it has one.
    pub(crate) library: Option<String>,
}

/// Every package that is published, as its manifest says.
pub(crate) fn published() -> Result<Vec<Package>, Box<dyn Error>> {
    let output = cargo().args(["metadata", "--no-deps", "--format-version", "1"]).output()?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned().into());
    }
    let metadata: Value = serde_json::from_slice(&output.stdout)?;
    let packages = metadata
        .get("packages")
        .and_then(Value::as_array)
        .ok_or("`cargo metadata` lists no packages")?;
    packages
        .iter()
        // `publish = false` is an empty list of registries.
        .filter(|package| package.get("publish").is_some_and(Value::is_null))
        .map(|package| {
            let (name, version) = text(package, "name").zip(text(package, "version"))?;
            Some(Package { name, version, library: library(package) })
        })
        .collect::<Option<_>>()
        .ok_or_else(|| "`cargo metadata` lists a package without name or version".into())
}

fn library(package: &Value) -> Option<String> {
    let targets = package.get("targets")?.as_array()?;
    let is_library = |target: &&Value| {
        let kinds = target.get("kind").and_then(Value::as_array);
        kinds.is_some_and(|kinds| kinds.iter().any(|kind| kind == "lib"))
    };
    text(targets.iter().find(is_library)?, "name")
}

fn text(value: &Value, field: &str) -> Option<String> {
    value.get(field)?.as_str().map(str::to_owned)
}
