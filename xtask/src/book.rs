//! The documentation as a site: `docs/`, built by mdBook into `target/book`.

use std::{
    error::Error,
    path::{Path, PathBuf},
    process::Command,
};

use crate::workspace::{root, run};

/// The version that the site was looked at with.
const VERSION: &str = "0.5.4";

/// Builds the site.
pub(crate) fn build() -> Result<(), Box<dyn Error>> {
    let mdbook = mdbook()?;
    run(Command::new(mdbook).arg("build").arg("docs").current_dir(root()))?;
    println!("open target/book/index.html");
    Ok(())
}

/// Installed under `target/` when it is not there, so that it is no one else's.
fn mdbook() -> Result<PathBuf, Box<dyn Error>> {
    let tools = root().join("target").join("tools");
    let mdbook = tools.join("bin").join(format!("mdbook{}", std::env::consts::EXE_SUFFIX));
    if has_version(&mdbook) {
        return Ok(mdbook);
    }
    println!("installing mdBook {VERSION} into target/tools, which takes a minute or two");
    let mut install = Command::new(env!("CARGO"));
    // Without optimisation, it is built in half the time and still builds the site in a second.
    install.args(["install", "mdbook", "--version", VERSION]);
    install.args(["--locked", "--debug", "--force", "--quiet"]);
    install.args(["--no-default-features", "--features", "search", "--root"]).arg(&tools);
    run(install.env("CARGO_PROFILE_DEV_DEBUG", "0"))?;
    Ok(mdbook)
}

fn has_version(mdbook: &Path) -> bool {
    Command::new(mdbook)
        .arg("--version")
        .output()
        .is_ok_and(|output| String::from_utf8_lossy(&output.stdout).trim().ends_with(VERSION))
}
