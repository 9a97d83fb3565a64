//! Each published package, compiled with the lowest versions of its direct dependencies that its manifest
//! allows: a manifest that allows a version must compile with it.

use std::{error::Error, fs, process::Command};

use crate::{
    packages,
    workspace::{run, target},
};

/// Chooses the versions for each package, and compiles it with all its features. Changes nothing in the
/// repository: the packages, and their lock files, are in `target/`.
pub(crate) fn check() -> Result<(), Box<dyn Error>> {
    let folder = target().join("minimal-versions");
    for package in packages::stand_alone(&folder.join("packages"))? {
        if !names_others(&fs::read_to_string(package.folder.join("Cargo.toml"))?) {
            println!("{}: depends on our own crates only", package.name);
            continue;
        }
        println!("{}", package.name);
        let cargo = |arguments: &[&str]| {
            let mut cargo = Command::new(env!("CARGO"));
            cargo.args(arguments).current_dir(&package.folder);
            cargo.env("CARGO_TARGET_DIR", folder.join("target"));
            // The lints are for the versions that we work with.
            cargo.env("RUSTFLAGS", "--allow warnings");
            cargo
        };
        // The versions of the repository would be kept.
        fs::remove_file(package.folder.join("Cargo.lock"))?;
        // Nightly cargo alone has the option, unless it is told that this is one.
        let mut choose = cargo(&["generate-lockfile", "--quiet", "-Z", "direct-minimal-versions"]);
        run(choose.env("RUSTC_BOOTSTRAP", "1"))?;
        run(&mut cargo(&["check", "--all-features", "--locked", "--quiet"]))?;
    }
    println!("each package compiles with the lowest versions of its direct dependencies");
    Ok(())
}

/// Whether a manifest, as cargo writes it, has a dependency that is not one of our own crates.
fn names_others(manifest: &str) -> bool {
    let mut headings = manifest.lines().filter(|line| line.starts_with('['));
    headings.any(|line| {
        line.split_once("dependencies.").is_some_and(|(_, name)| !name.starts_with("topper-"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_package_of_our_own_crates_has_no_versions_to_choose() {
        assert!(!names_others(
            "# local dependencies.\n[dependencies.topper-core]\nversion = \"=0.1.0\"\n"
        ));
        assert!(names_others("[target.'cfg(unix)'.dependencies.graviola]\nversion = \"0.4\"\n"));
    }
}
