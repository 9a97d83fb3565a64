//! The packages that are published.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::Value;

use super::Result;
use crate::workspace::{root, run, target};

/// A package, unpacked as someone who downloads it has it.
pub(super) struct Package {
    pub(super) name: String,
    pub(super) folder: PathBuf,
}

/// Packages everything that is published, and unpacks it into a folder.
pub(super) fn unpack_all(folder: &Path) -> Result<Vec<Package>> {
    let names = published()?;
    // Built by the programs, and not once more in folders of their own.
    let mut command = cargo();
    command.args(["package", "--locked", "--no-verify", "--allow-dirty", "--quiet"]);
    for (name, _) in &names {
        command.args(["--package", name]);
    }
    run(&mut command)?;
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    fs::create_dir_all(folder)?;
    let mut packages = Vec::new();
    for (name, version) in names {
        let versioned = format!("{name}-{version}");
        let archive = target().join("package").join(format!("{versioned}.crate"));
        run(Command::new("tar").arg("-xzf").arg(archive).arg("-C").arg(folder))?;
        packages.push(Package { name, folder: folder.join(versioned) });
    }
    Ok(packages)
}

/// The name and the version of each.
fn published() -> Result<Vec<(String, String)>> {
    let output = cargo().args(["metadata", "--no-deps", "--format-version", "1"]).output()?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned().into());
    }
    let metadata: Value = serde_json::from_slice(&output.stdout)?;
    let packages = metadata.get("packages").and_then(Value::as_array);
    let text = |package: &Value, field: &str| package.get(field)?.as_str().map(str::to_owned);
    packages
        .ok_or("cargo metadata lists no packages")?
        .iter()
        // `publish = false` is an empty list of registries.
        .filter(|package| package.get("publish").is_some_and(Value::is_null))
        .map(|package| text(package, "name").zip(text(package, "version")))
        .collect::<Option<_>>()
        .ok_or_else(|| "cargo metadata lists a package without name or version".into())
}

fn cargo() -> Command {
    let mut command = Command::new(env!("CARGO"));
    command.current_dir(root());
    command
}
