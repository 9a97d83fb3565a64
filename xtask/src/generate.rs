//! Files that are made from code, so that they cannot drift from it.

use std::{collections::BTreeMap, error::Error, fs, io, path::PathBuf};

use crate::{copies, workspace::root};

mod bootstrap;
mod code;
mod example;
mod front;
mod manifest;
mod openapi;
mod operations;
mod prose;
mod reference;
mod region;
mod schema;
mod seed;
mod vector;

pub(crate) use manifest::features;
use schema::Schemas;

/// The command that fixes every finding of [`check`].
const COMMAND: &str = "cargo xtask generate";
/// Folders whose every file is generated.
const FOLDERS: [&str; 5] =
    ["docs/reference", "docs/schemas", "docs/vectors", "fuzz/seeds", "topper-core/schemas"];

/// The text of each file, by its path in the repository.
type Files = BTreeMap<String, String>;

/// Writes what is stale or missing, and removes what is left over.
pub(crate) fn write() -> Result<(), Box<dyn Error>> {
    let findings = findings()?;
    for (path, finding) in &findings {
        match finding {
            Finding::Stale(text) | Finding::Missing(text) => {
                if let Some(folder) = at(path).parent() {
                    fs::create_dir_all(folder)?;
                }
                fs::write(at(path), text)?;
                println!("wrote {path}");
            }
            Finding::LeftOver => {
                fs::remove_file(at(path))?;
                println!("removed {path}");
            }
        }
    }
    if findings.is_empty() {
        println!("nothing to do");
    }
    Ok(())
}

/// Lists what is stale, missing or left over.
pub(crate) fn check() -> Result<(), Box<dyn Error>> {
    let findings = findings()?;
    if findings.is_empty() {
        println!("all generated files are up to date");
        return Ok(());
    }
    for (path, finding) in &findings {
        let word = match finding {
            Finding::Stale(_) => "stale",
            Finding::Missing(_) => "missing",
            Finding::LeftOver => "left over",
        };
        println!("{word:<9}  {path}");
    }
    let count = findings.len();
    Err(format!("{count} generated files are not up to date: run `{COMMAND}`").into())
}

enum Finding {
    Stale(String),
    Missing(String),
    LeftOver,
}

fn findings() -> Result<BTreeMap<String, Finding>, Box<dyn Error>> {
    let files = files()?;
    let mut findings = BTreeMap::new();
    for folder in FOLDERS {
        for path in present(folder)? {
            if !files.contains_key(&path) {
                findings.insert(path, Finding::LeftOver);
            }
        }
    }
    for (path, text) in files {
        match fs::read_to_string(at(&path)) {
            Ok(present) if present == text => {}
            Ok(_) => drop(findings.insert(path, Finding::Stale(text))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                findings.insert(path, Finding::Missing(text));
            }
            Err(error) => return Err(format!("{path}: {error}").into()),
        }
    }
    Ok(findings)
}

fn files() -> Result<Files, Box<dyn Error>> {
    let schemas = Schemas::derive()?;
    let mut files = schemas.files();
    files.append(&mut bootstrap::files());
    files.insert("docs/openapi.json".to_owned(), openapi::document(&schemas)?);
    files.append(&mut vector::files()?);
    files.append(&mut seed::files()?);
    files.append(&mut reference::files(&schemas)?);
    files.append(&mut operations::files());
    files.append(&mut region::files()?);
    let mut pages = front::files(&files)?;
    files.append(&mut pages);
    copies::add(&mut files)?;
    Ok(files)
}

/// All files in a folder and below.
fn present(folder: &str) -> Result<Vec<String>, Box<dyn Error>> {
    let mut present = Vec::new();
    if at(folder).exists() {
        for entry in fs::read_dir(at(folder))? {
            let entry = entry?;
            let path = format!("{folder}/{}", entry.file_name().to_string_lossy());
            if entry.file_type()?.is_dir() {
                present.append(&mut self::present(&path)?);
            } else {
                present.push(path);
            }
        }
    }
    Ok(present)
}

fn at(path: &str) -> PathBuf {
    root().join(path)
}

fn read(path: &str) -> Result<String, Box<dyn Error>> {
    fs::read_to_string(at(path)).map_err(|error| format!("{path}: {error}").into())
}

/// JSON to be read, with a line's end.
fn pretty(value: &serde_json::Value) -> String {
    format!("{value:#}\n")
}
