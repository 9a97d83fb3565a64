//! The public API of each published crate as a text file, so that a review sees what changes in it,
//! and rules that every public item must follow.

use std::{
    collections::{BTreeMap, BTreeSet},
    error::Error,
    fs, io,
};

use crate::workspace::{published, root};

mod line;
mod listing;
mod rule;
mod rustdoc;

use listing::Paths;
use rustdoc::Api;

/// The command that fixes every finding on a file. A broken rule must be fixed in the code.
const COMMAND: &str = "cargo xtask api";
/// Where each crate has a file.
const FOLDER: &str = "docs/api";

/// Writes the files that are stale or missing, and removes those that are left over.
pub(crate) fn write() -> Result<(), Box<dyn Error>> {
    let files = files(&read()?);
    let findings = findings(&files)?;
    fs::create_dir_all(root().join(FOLDER))?;
    for path in findings.keys() {
        if let Some(text) = files.get(path) {
            fs::write(root().join(path), text)?;
            println!("wrote {path}");
        } else {
            fs::remove_file(root().join(path))?;
            println!("removed {path}");
        }
    }
    if findings.is_empty() {
        println!("nothing to do");
    }
    Ok(())
}

/// Lists the files that are stale, missing or left over, and the items that break a rule.
pub(crate) fn check() -> Result<(), Box<dyn Error>> {
    let apis = read()?;
    let findings = findings(&files(&apis))?;
    for (path, word) in &findings {
        println!("{word:<9}  {path}");
    }
    let violations = rule::violations(&apis);
    for violation in &violations {
        println!("rule       {violation}");
    }
    let mut problems = Vec::new();
    if !findings.is_empty() {
        let count = findings.len();
        problems.push(format!(
            "{count} files in {FOLDER} do not match the public API: run `{COMMAND}`"
        ));
    }
    if !violations.is_empty() {
        let count = violations.len();
        problems.push(format!("the public API breaks a rule in {count} places"));
    }
    if problems.is_empty() {
        println!("{FOLDER} matches the public API of {} crates", apis.len());
        Ok(())
    } else {
        Err(problems.join("; ").into())
    }
}

fn read() -> Result<Vec<Api>, Box<dyn Error>> {
    let mut apis = Vec::new();
    for package in published()? {
        // A program has no API.
        if let Some(library) = &package.library {
            apis.push(rustdoc::read(&package.name, library)?);
        }
    }
    Ok(apis)
}

/// The text of each file, by its path in the repository.
fn files(apis: &[Api]) -> BTreeMap<String, String> {
    let paths = Paths::of(apis);
    let path = |api: &Api| format!("{FOLDER}/{}.txt", api.package);
    apis.iter().map(|api| (path(api), listing::text(api, &paths))).collect()
}

/// What is wrong with which file.
fn findings(
    files: &BTreeMap<String, String>,
) -> Result<BTreeMap<String, &'static str>, Box<dyn Error>> {
    let mut findings = BTreeMap::new();
    for (path, text) in files {
        match fs::read_to_string(root().join(path)) {
            Ok(present) if present == *text => {}
            Ok(_) => drop(findings.insert(path.clone(), "stale")),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                findings.insert(path.clone(), "missing");
            }
            Err(error) => return Err(format!("{path}: {error}").into()),
        }
    }
    let left_over = present()?.into_iter().filter(|path| !files.contains_key(path));
    findings.extend(left_over.map(|path| (path, "left over")));
    Ok(findings)
}

fn present() -> Result<BTreeSet<String>, Box<dyn Error>> {
    let folder = root().join(FOLDER);
    let mut present = BTreeSet::new();
    if folder.exists() {
        for entry in fs::read_dir(folder)? {
            present.insert(format!("{FOLDER}/{}", entry?.file_name().to_string_lossy()));
        }
    }
    Ok(present)
}
