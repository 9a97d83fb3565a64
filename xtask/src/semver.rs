//! The public API against that of the last release, by cargo-semver-checks: a breaking change needs
//! another version number.

use std::{error::Error, process::Command};

use crate::{
    tool,
    workspace::{published, root, run, stdout},
};

/// Compares the published libraries with these names, or all, with the last tag before the current commit, or
/// says that there is none.
pub(crate) fn check(names: &[&str]) -> Result<(), Box<dyn Error>> {
    let published = published()?;
    // A program has no API.
    let libraries = published.iter().filter(|package| package.library.is_some());
    let libraries: Vec<&str> = libraries.map(|package| package.name.as_str()).collect();
    if let Some(name) = names.iter().find(|name| !libraries.contains(name)) {
        return Err(
            format!("there is no library {name}; there are {}", libraries.join(", ")).into()
        );
    }
    let Some(tag) = last_tag()? else {
        println!("there is no tag v* before this commit: no release that a change could break");
        return Ok(());
    };
    let mut check = tool::semver_checks()?;
    check.args(["semver-checks", "--all-features", "--baseline-rev", &tag]);
    for name in if names.is_empty() { &libraries } else { names } {
        check.args(["--package", name]);
    }
    run(&mut check)
}

/// The tag of the newest release that the current commit contains.
fn last_tag() -> Result<Option<String>, Box<dyn Error>> {
    let git = |arguments: &[&str]| stdout(Command::new("git").args(arguments).current_dir(root()));
    // It would have no tags, or not all.
    if git(&["rev-parse", "--is-shallow-repository"])?.trim() == "true" {
        return Err("this clone has no history: get it with `git fetch --unshallow --tags`".into());
    }
    let tags = git(&["tag", "--merged", "HEAD", "--sort", "-v:refname", "--list", "v[0-9]*"])?;
    Ok(tags.lines().next().map(str::to_owned))
}
