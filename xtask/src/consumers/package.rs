//! The packages that are published.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use super::Result;
use crate::workspace::{cargo, published, run, target};

/// A package, unpacked as someone who downloads it has it.
pub(super) struct Package {
    pub(super) name: String,
    pub(super) folder: PathBuf,
}

/// Packages everything that is published, and unpacks it into a folder.
pub(super) fn unpack_all(folder: &Path) -> Result<Vec<Package>> {
    let published = published()?;
    // Built by the programs, and not once more in folders of their own.
    let mut command = cargo();
    command.args(["package", "--locked", "--no-verify", "--allow-dirty", "--quiet"]);
    for package in &published {
        command.args(["--package", &package.name]);
    }
    run(&mut command)?;
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    fs::create_dir_all(folder)?;
    let mut packages = Vec::new();
    for package in published {
        let versioned = format!("{}-{}", package.name, package.version);
        let archive = target().join("package").join(format!("{versioned}.crate"));
        run(Command::new("tar").arg("-xzf").arg(archive).arg("-C").arg(folder))?;
        packages.push(Package { name: package.name, folder: folder.join(versioned) });
    }
    Ok(packages)
}
