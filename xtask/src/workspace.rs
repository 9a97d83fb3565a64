//! Where the workspace is, what it publishes, and running programs for it.

use std::{
    collections::BTreeMap,
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

/// The texts of the licences, in the folder of the repository and in each package.
pub(crate) const LICENCES: [&str; 2] = ["LICENSE-APACHE", "LICENSE-MIT"];

/// Where cargo puts what it builds.
pub(crate) fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}

/// Runs a program to its end; an error unless it ends with 0.
pub(crate) fn run(command: &mut Command) -> Result<(), Box<dyn Error>> {
    if command.status()?.success() { Ok(()) } else { Err(format!("{command:?} failed").into()) }
}

/// Runs a program to its end, and returns what it prints; an error unless it ends with 0.
pub(crate) fn stdout(command: &mut Command) -> Result<String, Box<dyn Error>> {
    let output = command.output()?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned().into());
    }
    Ok(String::from_utf8(output.stdout)?)
}

/// Cargo, in the folder of the repository.
pub(crate) fn cargo() -> Command {
    let mut command = Command::new(env!("CARGO"));
    command.current_dir(root());
    command
}

/// The command as the last arguments of a program that runs it, in the same folder and environment.
pub(crate) fn run_by(mut program: Command, command: &Command) -> Command {
    program.arg(command.get_program()).args(command.get_args());
    if let Some(folder) = command.get_current_dir() {
        program.current_dir(folder);
    }
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => program.env(name, value),
            None => program.env_remove(name),
        };
    }
    program
}

/// A package that is published.
pub(crate) struct Package {
    pub(crate) name: String,
    pub(crate) version: String,
    /// The lowest version of Rust that it claims.
    pub(crate) rust_version: String,
    /// Its folder, from the folder of the repository.
    pub(crate) folder: String,
    /// The name of its library as code writes it, if it has one.
    pub(crate) library: Option<String>,
    /// What each of its features switches on.
    pub(crate) features: Features,
    /// Features that its manifest wants checked together.
    pub(crate) together: Vec<Vec<String>>,
}

/// What each feature switches on, as the manifest has it.
pub(crate) type Features = BTreeMap<String, Vec<String>>;

/// Every package that is published, as its manifest says.
pub(crate) fn published() -> Result<Vec<Package>, Box<dyn Error>> {
    let metadata = metadata(&["--no-deps"])?;
    list(&metadata, "packages")?
        .iter()
        // `publish = false` is an empty list of registries.
        .filter(|package| package.get("publish").is_some_and(Value::is_null))
        .map(|package| {
            Some(Package {
                name: text(package, "name")?,
                version: text(package, "version")?,
                rust_version: text(package, "rust_version")?,
                folder: folder(package)?,
                library: library(package),
                features: serde_json::from_value(package.get("features")?.clone()).ok()?,
                together: match package.pointer("/metadata/ci/together") {
                    Some(sets) => serde_json::from_value(sets.clone()).ok()?,
                    None => Vec::new(),
                },
            })
        })
        .collect::<Option<_>>()
        .ok_or_else(|| "`cargo metadata` lists a package without what every package has".into())
}

/// What `cargo metadata` prints.
pub(crate) fn metadata(arguments: &[&str]) -> Result<Value, Box<dyn Error>> {
    let mut command = cargo();
    command.args(["metadata", "--format-version", "1"]).args(arguments);
    Ok(serde_json::from_str(&stdout(&mut command)?)?)
}

/// A list in what `cargo metadata` prints.
pub(crate) fn list<'a>(value: &'a Value, field: &str) -> Result<&'a Vec<Value>, Box<dyn Error>> {
    let list = value.get(field).and_then(Value::as_array);
    list.ok_or_else(|| format!("`cargo metadata` lists no {field}").into())
}

fn folder(package: &Value) -> Option<String> {
    let folder = Path::new(package.get("manifest_path")?.as_str()?).parent()?;
    Some(folder.strip_prefix(root()).ok()?.to_str()?.replace('\\', "/"))
}

fn library(package: &Value) -> Option<String> {
    let targets = package.get("targets")?.as_array()?;
    let is_library = |target: &&Value| {
        let kinds = target.get("kind").and_then(Value::as_array);
        kinds.is_some_and(|kinds| kinds.iter().any(|kind| kind == "lib"))
    };
    text(targets.iter().find(is_library)?, "name")
}

/// A text in what `cargo metadata` prints.
pub(crate) fn text(value: &Value, field: &str) -> Option<String> {
    value.get(field)?.as_str().map(str::to_owned)
}
